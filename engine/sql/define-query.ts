import { basename, dirname } from 'node:path';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { QueryError, type Span } from '../diagnostic.ts';
import { type Analysis, analyzePlan } from '../plan/analyze.ts';
import { adaptPlan, optimizePlan } from '../plan/build-plan.ts';
import type { QueryDefinition, ViewOptions } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import { type TimeFact, timeColumns } from '../plan/time-fact.ts';
import { mapInputs, nodesOf } from '../plan/walk-plan.ts';
import { bindError } from './bind-error.ts';
import type { Binder } from './binder.ts';
import { BodyPlaces } from './body-places.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import { checkAlertColumns, defineViewOptions } from './define-view-options.ts';
import { insertPlan } from './insert-plan.ts';
import type { Shell } from './read-shell.ts';

export interface QueryContext {
  readonly binder: Binder;
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly report: (error: QueryError, severity?: 'error' | 'warning') => void;
}

export type QueryShell = Extract<Shell, { kind: 'materialized_view' | 'view' | 'insert' }>;
export interface BoundQuery {
  readonly plan: PlanNode;
  readonly schema: readonly ColumnSpec[];
}

/** Binds a SELECT body and adapts its plan; the columns carry the user's names. Throws QueryError. */
export async function bindQuery(shell: QueryShell, reads: readonly string[], { binder, entries }: QueryContext): Promise<BoundQuery> {
  const { source, tokens } = shell.statement;
  const text = source.slice(shell.body.start, shell.body.end);
  const duck = await binder.bind(text);
  if (duck.error) throw bindError(duck, { source, tokens, body: shell.body, tables: tablesRead(reads, entries) });
  const root = duck.plans[0];
  if (root === undefined) throw new Error('DuckDB gave no plan');
  const adapted = await adaptPlan(root, {
    table: (name) => {
      const entry = entryOf(entries, name);
      if (entry === undefined) throw new Error(`table ${name} is bound but not declared`);
      return entry.columns;
    },
    inlined: (name) => {
      const entry = entryOf(entries, name);
      return entry?.kind === 'inlined' ? entry.plan : null;
    },
    places: new BodyPlaces(tokens, shell.body),
    evaluate: (expressions) => binder.evaluate(expressions),
    isStable: (name) => binder.isStable(name),
    isFoldable: (name) => binder.isFoldable(name),
  });
  const schema = await resultSchema(shell, adapted, binder, text);
  return { plan: { ...adapted, schema }, schema };
}

function tablesRead(reads: readonly string[], entries: QueryContext['entries']): { name: string; columns: string[] }[] {
  return [...new Set(reads)].flatMap((name) => {
    const entry = entryOf(entries, name);
    return entry === undefined ? [] : [{ name, columns: entry.columns.map((column) => column.name) }];
  });
}

function entryOf(entries: ReadonlyMap<string, CatalogEntry>, name: string): CatalogEntry | undefined {
  return entries.get(name.toLowerCase());
}

async function resultSchema(shell: QueryShell, plan: PlanNode, binder: Binder, text: string): Promise<ColumnSpec[]> {
  const renamed = shell.kind === 'insert' ? [] : shell.columnNames;
  const names = await binder.resultNames(text);
  const schema = plan.schema.map((column, index) => ({ ...column, name: renamed[index] ?? names[index] ?? column.name }));
  if (shell.kind === 'insert') return schema;
  const nameless = schema.find((column) => hasNamelessField(column.type));
  if (nameless !== undefined) {
    throw new QueryError('E0220', `column "${nameless.name}" is a struct whose fields have no names`, {
      span: firstToken(shell),
      hint: "name them: {'a': x, 'b': y} instead of row(x, y)",
    });
  }
  const seen = new Set<string>();
  for (const { name } of schema) {
    if (seen.has(name.toLowerCase())) {
      throw new QueryError('E0214', `the result has two columns named "${name}"`, {
        span: firstToken(shell),
        hint: 'name one of them with AS',
      });
    }
    seen.add(name.toLowerCase());
  }
  return schema;
}

function hasNamelessField(type: DataType): boolean {
  switch (type.kind) {
    case 'struct':
      return type.fields.some((field) => field.name === '' || hasNamelessField(field.type));
    case 'list':
      return hasNamelessField(type.child);
    case 'map':
      return hasNamelessField(type.key) || hasNamelessField(type.value);
    default:
      return false;
  }
}

function firstToken(shell: QueryShell): Span {
  const token = shell.statement.tokens.find((each) => each.start >= shell.body.start)!;
  return { start: token.start, end: token.end };
}

/** A stored view or an INSERT as it will run: options, optimized plan, state bounds. Faults of its streaming side are reported. */
export function defineQuery(shell: QueryShell, bound: BoundQuery, context: QueryContext): QueryDefinition {
  const { source, span } = shell.statement;
  const target = shell.kind === 'insert' ? sinkOf(shell, context) : null;
  const written = target === null || shell.kind !== 'insert' ? bound.plan : insertPlan(shell, bound.plan, target);
  const columns = written.schema.map((column) => column.name);
  const options = defineViewOptions(shell, columns, context.report);
  if (options.kind === 'alert') checkAlertColumns(shell, columns, context.report);
  const optimized = optimizePlan(written);
  refuseRowIds(optimized, context);
  const analysis = analyzePlan(optimized, { scan: (table) => scanFacts(table, context), stateTtlMs: options.stateTtlMs });
  for (const fault of analysis.faults) context.report(fault);
  if (options.emitEarlyEveryMs !== null) {
    const span = shell.options.find((each) => each.name === 'emit_early_every')?.nameSpan;
    context.report(
      new QueryError('W0110', '"emit_early_every" has no effect yet', { span, note: 'results come when they are final' }),
      'warning',
    );
  }
  if (options.emit === 'final' && !analysis.final) refuseFinal(shell, analysis, context);
  const times = timeColumns(optimized.schema, analysis.facts);
  const eventTime = slowestColumn(times);
  return {
    id: '',
    name: shell.name,
    kind: shell.kind === 'insert' ? 'insert' : 'view',
    file: source.path,
    line: source.position(span.start).line,
    statement: source.slice(span.start, span.end),
    body: source.slice(shell.body.start, shell.body.end),
    bodySpan: shell.body,
    options: { ...options, emit: options.emit ?? (analysis.final ? 'final' : 'changes') } satisfies ViewOptions,
    plan: withDelays(optimized, analysis.delays),
    schema: optimized.schema,
    eventTime: eventTime?.[0] ?? null,
    eventTimeDelayMicros: eventTime === null || eventTime[1] < 0n ? 0n : eventTime[1],
    reads: [...new Set([...nodesOf(optimized)].flatMap((node) => (node.kind === 'scan' ? [node.table] : [])))],
    bounds: analysis.bounds,
  };
}

/** Of the columns that follow event time, the one furthest behind: then every one of them follows the result's watermark. */
function slowestColumn(times: ReadonlyMap<string, bigint>): [string, bigint] | null {
  let slowest: [string, bigint] | null = null;
  for (const [name, delay] of times) if (slowest === null || delay > slowest[1]) slowest = [name, delay];
  return slowest;
}

/** What readers of a defined query know of its columns: facts relative to the watermark of the result. */
export function readerFacts(query: QueryDefinition, context: QueryContext): ReadonlyMap<string, TimeFact> {
  const { facts } = analyzePlan(query.plan, { scan: (table) => scanFacts(table, context), stateTtlMs: query.options.stateTtlMs });
  const known = timeColumns(query.schema, facts);
  return new Map(
    query.schema.flatMap(({ name }, index) => {
      const fact = facts[index];
      return fact && known.has(name)
        ? [[name, { ...fact, origin: name, delayMicros: fact.delayMicros - query.eventTimeDelayMicros }] as const]
        : [];
    }),
  );
}

function scanFacts(table: string, { entries }: QueryContext): { facts: ReadonlyMap<string, TimeFact>; stream: boolean } {
  const entry = entryOf(entries, table);
  if (entry?.kind === 'stored') return { facts: entry.facts, stream: true };
  const facts = new Map<string, TimeFact>();
  if (entry?.kind !== 'source') return { facts, stream: true };
  const { eventTime, kind, columns } = entry.source;
  if (kind === 'lookup') return { facts, stream: false };
  const time = { role: 'time', delayMicros: 0n } as const;
  if (columns.some((column) => column.name === ingestTime)) facts.set(ingestTime, { ...time, origin: ingestTime, ingest: true });
  if (eventTime !== null) facts.set(eventTime, { ...time, origin: eventTime, ingest: false });
  return { facts, stream: true };
}

const ingestTime = '_ingest_time';

function withDelays(plan: PlanNode, delays: ReadonlyMap<number, bigint>): PlanNode {
  if (delays.size === 0) return plan;
  const node = mapInputs(plan, (input) => withDelays(input, delays));
  const delayMicros = delays.get(node.id);
  return node.kind === 'window' && delayMicros !== undefined ? { ...node, window: { ...node.window, delayMicros } } : node;
}

function refuseFinal(shell: QueryShell, analysis: Analysis, { report }: QueryContext): void {
  const option = shell.options.find((each) => each.name === 'emit');
  const why = analysis.bounds.find((bound) => !['stateless', 'window', 'interval', 'rows', 'lookup', 'table'].includes(bound.by));
  report(
    new QueryError('E0314', 'its rows are never final', {
      span: option?.valueSpan,
      note: why?.reason ?? 'a later row may change them',
      hint: 'use emit = changes, or group by a window',
    }),
  );
}

function refuseRowIds(plan: PlanNode, { entries }: QueryContext): void {
  for (const node of nodesOf(plan)) {
    if (node.kind !== 'scan') continue;
    const declared = entryOf(entries, node.table)?.columns ?? [];
    const unknown = node.columns.find((name) => !declared.some((column) => column.name === name));
    if (unknown !== undefined)
      throw new QueryError('E0221', `"${unknown}" of "${node.table}" is no column of its own`, { span: node.span });
  }
}

function sinkOf(shell: Extract<QueryShell, { kind: 'insert' }>, { entries }: QueryContext): readonly ColumnSpec[] {
  const entry = entryOf(entries, shell.name);
  if (entry?.kind === 'source' && entry.source.role === 'sink') return entry.columns;
  const isOther = entry !== undefined;
  throw new QueryError(isOther ? 'E0215' : 'E0202', isOther ? `"${shell.name}" is no sink` : `unknown sink "${shell.name}"`, {
    span: shell.nameSpan,
    hint: 'declare it with CREATE TABLE ... WITH (role = sink, connector = ...)',
  });
}

/** `folder/view` or `folder/file`: as people see it. */
export function queryId(shell: QueryShell): string {
  const path = shell.statement.source.path;
  const folder = basename(dirname(path));
  const name = shell.kind === 'insert' ? basename(path).replace(/\.sql$/, '') : shell.name;
  return folder === '' || folder === '.' ? name : `${folder}/${name}`;
}
