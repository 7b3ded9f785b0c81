import { QueryError } from '../diagnostic.ts';
import { nearestHint } from './options.ts';
import type { SourceDefinition } from '../plan/catalog.ts';
import type { ConnectorDeclaration, SinkDeclaration, SourceContext, TableShell } from './define-source.ts';
import type { RawOption } from './raw-option.ts';

/** Filled in by the engine when a row comes in: no connector gives it. */
const engineColumn = '_ingest_time';

/** The declaration of a column, for errors that are about it. */
export function columnSpan(shell: TableShell, name: string): { start: number; end: number } {
  const token = shell.statement.tokens.find(
    (each) =>
      each.start > shell.columns.start &&
      each.end < shell.columns.end &&
      each.text.replaceAll('"', '').toLowerCase() === name.toLowerCase(),
  );
  return token === undefined ? shell.nameSpan : { start: token.start, end: token.end };
}

/** Faults that only the options together show. */
export function checkSource(shell: TableShell, source: SourceDefinition, { report }: SourceContext): void {
  const option = (name: string): RawOption | undefined => shell.options.find((each) => each.name === name);
  if (source.eventTime !== null) {
    const column = source.columns.find((each) => each.name === source.eventTime);
    if (column !== undefined && column.type.kind !== 'timestamp') {
      const span = option('event_time')?.valueSpan;
      report(
        new QueryError('E0117', `event time is a TIMESTAMP; "${column.name}" is not`, {
          span,
          hint: `declare ${column.name} TIMESTAMP (UTC)`,
        }),
      );
    }
  } else if (source.kind === 'versioned') {
    report(
      new QueryError('E0113', 'a versioned table needs the option "event_time"', {
        span: shell.nameSpan,
        hint: 'name the column from which on a version holds',
      }),
    );
  }
  checkPartitionKey(source, option('partition_key'), report);
  for (const name of ['max_lateness', 'idle_timeout', 'late', 'on_late']) {
    const given = option(name);
    if (given !== undefined && source.role === 'source' && source.eventTime === null) {
      report(
        new QueryError('E0118', `"${name}" needs event_time`, {
          span: given.nameSpan,
          hint: 'name the event-time column: event_time = ts',
        }),
      );
    }
  }
  const onLate = option('on_late');
  if (onLate !== undefined && !/^(divert|drop)(:|$)/.test(onLate.value)) {
    report(
      new QueryError('E0111', `"${onLate.value}" is not a value of "on_late"`, { span: onLate.valueSpan, hint: 'one of: divert, drop' }),
    );
  } else if (onLate?.value.includes(':')) {
    report(
      new QueryError('W0108', `late rows go to ${source.name}__late`, { span: onLate.valueSpan, note: 'another table cannot be named' }),
      'warning',
    );
  }
  for (const name of ['tier.hot', 'tier.warm', 'tier.cold']) {
    const given = option(name);
    if (given !== undefined && source.role === 'source') {
      report(
        new QueryError('W0109', `"${name}" has no effect on a source`, { span: given.nameSpan, note: 'retention alone counts' }),
        'warning',
      );
    }
  }
}

function checkPartitionKey(source: SourceDefinition, option: RawOption | undefined, report: SourceContext['report']): void {
  if (option === undefined || source.role !== 'source') return;
  if (source.kind !== 'stream') {
    const note = 'every lane reads the whole table';
    report(new QueryError('E0118', '"partition_key" is for streams', { span: option.nameSpan, note }));
  }
  const names = source.columns.map((column) => column.name).filter((name) => name !== engineColumn);
  for (const name of source.partitionKey ?? []) {
    if (names.includes(name)) continue;
    const hint = nearestHint(name, names) ?? `columns: ${names.join(', ')}`;
    report(new QueryError('E0111', `"${name}" is not a column of ${source.name}`, { span: option.valueSpan, hint }));
  }
}

/** What the connector itself finds wrong with its options and with the columns that it is asked for. */
export function checkWithConnector(
  shell: TableShell,
  source: SourceDefinition,
  declaration: ConnectorDeclaration,
  { report }: SourceContext,
): void {
  const note = `connector ${source.connector}`;
  for (const { option, message, hint } of declaration.checkOptions?.(source.options) ?? []) {
    const span = shell.options.find((each) => each.name === option)?.valueSpan ?? shell.nameSpan;
    report(new QueryError('E0111', message, { span, note, ...(hint === undefined ? {} : { hint }) }));
  }
  const columns = source.columns.filter((column) => column.name !== engineColumn);
  for (const { column, message, hint } of declaration.checkColumns?.(columns, source.options) ?? []) {
    report(new QueryError('E0115', message, { span: columnSpan(shell, column), note, ...(hint === undefined ? {} : { hint }) }));
  }
}

/** What a connector that takes rows finds wrong with its options and the columns declared. */
export function checkWithSink(
  shell: TableShell,
  source: SourceDefinition,
  sink: SinkDeclaration | undefined,
  { report }: SourceContext,
): void {
  const note = `connector ${source.connector}`;
  for (const { option, column, message, hint } of sink?.check?.(source.columns, source.options) ?? []) {
    const named = option === undefined ? undefined : shell.options.find((each) => each.name === option);
    const span = column === undefined ? (named?.valueSpan ?? shell.nameSpan) : columnSpan(shell, column);
    report(new QueryError(column === undefined ? 'E0111' : 'E0115', message, { span, note, ...(hint === undefined ? {} : { hint }) }));
  }
}
