import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Connector } from '../../connectors/connector.ts';
import type { OptionSpecs, OptionValues } from '../../connectors/options.ts';
import type { SinkConnector } from '../../connectors/sink.ts';
import { QueryError } from '../diagnostic.ts';
import { adaptType } from '../plan/adapt/type.ts';
import type { DuckPlan } from '../plan/adapt/duckdb-plan.ts';
import type { SourceDefinition } from '../plan/catalog.ts';
import { quoteName } from '../plan/type-name.ts';
import type { Binder } from './binder.ts';
import { nearestHint, parseOptions } from './options.ts';
import type { RawOption } from './raw-option.ts';
import type { Shell } from './read-shell.ts';
import { checkSource, checkWithConnector, checkWithSink, columnSpan } from './check-source.ts';
import { sinkOptions, sourceOptions, tableOptions } from './table-options.ts';

/** What the catalog needs to know of a connector; every `Connector` is one. */
export type ConnectorDeclaration = Pick<Connector, 'name' | 'options' | 'checkOptions'> & Partial<Pick<Connector, 'checkColumns'>>;

/** The same of a connector that takes rows; every `SinkConnector` is one. */
export type SinkDeclaration = Pick<SinkConnector, 'name' | 'options'> & Partial<Pick<SinkConnector, 'takesChanges' | 'check'>>;

export interface SourceContext {
  readonly binder: Binder;
  readonly connectors: ReadonlyMap<string, ConnectorDeclaration>;
  /** What a table with role = sink may name. */
  readonly sinks: ReadonlyMap<string, SinkDeclaration>;
  readonly report: (error: QueryError, severity?: 'error' | 'warning') => void;
}

export type TableShell = Extract<Shell, { kind: 'table' }>;

/** CREATE TABLE: declares the columns to the binder and validates the options. Throws QueryError when the columns are no use. */
export async function defineSource(shell: TableShell, context: SourceContext): Promise<SourceDefinition> {
  const { columns, primaryKey } = await declareColumns(shell, context.binder);
  const names = columns.map((column) => column.name);
  const role = rawValue(shell, 'role') === 'sink' ? 'sink' : 'source';
  const { connector, declaration, extra } = findConnector(shell, role, context);
  const common: OptionSpecs = { ...tableOptions, ...(role === 'sink' ? sinkOptions : sourceOptions) };
  const specs = declaration === null ? null : { ...declaration.options, ...common };
  const raw = specs === null ? shell.options.filter((option) => option.name in common) : [...shell.options, ...extra];
  const owner = connector === '' ? 'a table' : `a table with connector ${connector}`;
  const values = parseOptions(specs ?? common, raw, { span: shell.nameSpan, owner, columns: names, report: context.report });
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => !(name in common)));
  const source = sourceOf(shell, { columns, primaryKey, connector, own, values, role });
  checkSource(shell, source, context);
  if (role === 'sink') {
    const sink = context.sinks.get(connector);
    checkWithSink(shell, source, sink, context);
    return { ...source, sink: { retryForMs: Number(values.retry_for ?? 0), takesChanges: sink?.takesChanges !== false } };
  }
  if (declaration !== null) checkWithConnector(shell, source, declaration, context);
  return source;
}

interface Parts {
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey: readonly string[];
  readonly connector: string;
  readonly own: OptionValues;
  readonly values: OptionValues;
  readonly role: 'source' | 'sink';
}

function sourceOf(shell: TableShell, parts: Parts): SourceDefinition {
  const { values } = parts;
  const text = (name: string): string | null => (typeof values[name] === 'string' ? values[name] : null);
  const number = (name: string): number | null => (typeof values[name] === 'number' ? values[name] : null);
  const late = text('on_late')?.split(':')[0] ?? text('late');
  const { source, span } = shell.statement;
  return {
    name: shell.name,
    role: parts.role,
    kind: (text('kind') ?? 'stream') as SourceDefinition['kind'],
    connector: parts.connector,
    columns: parts.columns,
    primaryKey: parts.primaryKey,
    options: parts.own,
    eventTime: text('event_time'),
    partitionKey: columnList(text('partition_key'), parts.columns),
    maxLatenessMs: number('max_lateness') ?? 0,
    idleTimeoutMs: number('idle_timeout'),
    late: late === 'drop' ? 'drop' : 'divert',
    rejectedAlert: {
      ratio: number('rejected_alert_ratio') ?? 1,
      windowMs: number('rejected_alert_window') ?? 0,
      rows: number('rejected_alert_rows') ?? 0,
    },
    refreshMs: number('refresh'),
    retentionMs: number('retention'),
    file: source.path,
    line: source.position(span.start).line,
    span,
  };
}

/** Names as declared; as given where none is. */
function columnList(text: string | null, columns: readonly ColumnSpec[]): string[] {
  if (text === null) return [];
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.name ?? name);
}

function rawValue(shell: TableShell, name: string): string | undefined {
  return shell.options.find((option) => option.name === name)?.value;
}

interface FoundConnector {
  readonly connector: string;
  readonly declaration: ConnectorDeclaration | null;
  /** Options that the connector's name stands for. */
  readonly extra: readonly RawOption[];
}

function findConnector(shell: TableShell, role: 'source' | 'sink', context: SourceContext): FoundConnector {
  const option = shell.options.find((each) => each.name === 'connector');
  if (option === undefined) return { connector: '', declaration: null, extra: [] };
  const known: ReadonlyMap<string, ConnectorDeclaration> = role === 'sink' ? context.sinks : context.connectors;
  const declaration = known.get(option.value);
  if (declaration !== undefined) return { connector: option.value, declaration, extra: [] };
  const file = known.get('file');
  if (option.value === 'parquet' && file !== undefined && 'format' in file.options) {
    return { connector: 'file', declaration: file, extra: [{ ...option, name: 'format', value: 'parquet' }] };
  }
  const names = [...known.keys()];
  const none = role === 'sink' && names.length === 0;
  context.report(
    new QueryError('E0114', none ? 'no connector can be written to yet' : `unknown connector "${option.value}"`, {
      span: option.valueSpan,
      hint: none
        ? 'rows of a materialized view are stored: read them with millrace sql'
        : (nearestHint(option.value, names) ?? `connectors: ${names.join(', ')}`),
    }),
  );
  return { connector: option.value, declaration: null, extra: [] };
}

/** DuckDB reads the column list; its types come back through the plan of a SELECT over it. */
async function declareColumns(shell: TableShell, binder: Binder): Promise<{ columns: ColumnSpec[]; primaryKey: string[] }> {
  refuseConstraints(shell);
  const { source } = shell.statement;
  try {
    await binder.declareTable(shell.name, source.slice(shell.columns.start, shell.columns.end));
  } catch (error) {
    throw columnError(shell, String(error instanceof Error ? error.message : error));
  }
  const plan: DuckPlan = await binder.bind(`SELECT * FROM ${quoteName(shell.name)}`);
  const scan = plan.error ? undefined : plan.plans[0]?.children?.[0];
  if (scan === undefined) throw new Error(`table ${shell.name} cannot be read back`);
  const { notNull, primaryKey } = await binder.constraints(shell.name);
  const columns = (scan.names ?? []).map((name, index) => {
    const type = adaptColumnType(shell, name, () => adaptType(scan.returned_types![index]!));
    return { name, type, nullable: !notNull.has(name) };
  });
  return { columns, primaryKey };
}

function adaptColumnType<Type>(shell: TableShell, name: string, adapt: () => Type): Type {
  try {
    return adapt();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new QueryError(error.code, error.message, { span: columnSpan(shell, name), note: `type of column ${name}` });
  }
}

const constraintWords: ReadonlySet<string> = new Set([
  'DEFAULT',
  'CHECK',
  'REFERENCES',
  'FOREIGN',
  'GENERATED',
  'UNIQUE',
  'COLLATE',
  'CONSTRAINT',
]);

function refuseConstraints(shell: TableShell): void {
  const token = shell.statement.tokens.find(
    (each) =>
      each.start > shell.columns.start && each.end < shell.columns.end && each.kind === 'keyword' && constraintWords.has(each.upper),
  );
  if (token === undefined) return;
  throw new QueryError('E0212', `${token.upper} has no meaning for rows that come from outside`, {
    span: { start: token.start, end: token.end },
    hint: 'a column takes a type, NOT NULL and PRIMARY KEY',
  });
}

function columnError(shell: TableShell, message: string): QueryError {
  const first = (message.split('\n')[0] ?? message).replace(/^\w+( \w+)? Error: /, '').replace(/!+$/, '');
  const missing = /Type with name (\S+) does not exist/.exec(first)?.[1];
  const inside = shell.statement.tokens.filter((token) => token.start > shell.columns.start && token.end <= shell.columns.end);
  const named = missing ?? /near "([^"]+)"/.exec(first)?.[1] ?? /name "?([^"\s]+)"?/.exec(first)?.[1];
  const token = inside.find((each) => each.text.toLowerCase() === named?.toLowerCase());
  const span = token === undefined ? shell.nameSpan : { start: token.start, end: token.end };
  const types = ['TIMESTAMP', 'VARCHAR', 'DOUBLE', 'BIGINT', 'INTEGER', 'BOOLEAN', 'DATE', 'DECIMAL', 'INTERVAL', 'JSON', 'MAP', 'STRUCT'];
  if (missing !== undefined) {
    return new QueryError('E0212', `unknown type "${missing}"`, {
      span,
      hint: nearestHint(missing, types) ?? `for example ${types.join(', ')}`,
    });
  }
  const isWord = /syntax error/.test(first) && token !== undefined && token.kind !== 'symbol';
  return new QueryError('E0212', first, {
    span,
    ...(isWord ? { hint: `if ${token.text} is a column, write it in double quotes: "${token.text}"` } : {}),
  });
}
