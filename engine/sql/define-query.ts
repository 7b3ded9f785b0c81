import { basename, dirname } from 'node:path';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { QueryError, type Span } from '../diagnostic.ts';
import type { ScanFacts } from '../plan/analyze.ts';
import { adaptPlan, optimizePlan } from '../plan/build-plan.ts';
import type { QueryClock, QueryDefinition, SourceDefinition, UserFunction, ViewOptions } from '../plan/catalog.ts';
import type { NodeChange } from '../plan/changes.ts';
import type { Expression } from '../plan/expression.ts';
import { keepTimes, type TableTimes } from '../plan/keep-times.ts';
import type { PlanNode } from '../plan/plan.ts';
import { type TimeFact, timeColumns } from '../plan/time-fact.ts';
import { some } from '../plan/walk-expression.ts';
import { expressionsOf, mapInputs, nodesOf } from '../plan/walk-plan.ts';
import { analyzeQuery } from './analyze-query.ts';
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
  readonly functions: ReadonlyMap<string, UserFunction>;
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
  const written = target === null || shell.kind !== 'insert' ? bound.plan : insertPlan(shell, bound.plan, target.columns);
  const columns = written.schema.map((column) => column.name);
  const options = defineViewOptions(shell, columns, context.report);
  if (options.kind === 'alert') checkAlertColumns(shell, columns, context.report);
  const narrow = optimizePlan(written);
  const optimized = options.emitEarlyEveryMs === null ? narrow : keepTimes(narrow, (table) => timesOf(table, context));
  refuseRowIds(optimized, context);
  const reads = [...new Set([...nodesOf(optimized)].flatMap((node) => (node.kind === 'scan' ? [node.table] : [])))];
  const { emit, ...analysis } = analyzeQuery(optimized, options, {
    options: shell.options,
    clocks: clocksOf(reads, context),
    scan: (table, clock) => scanFacts(table, clock, context),
    report: context.report,
  });
  if (target !== null && analysis.resultChanges) refuseChanges(shell, target, analysis.changes, context);
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
    options: { ...options, emit } satisfies ViewOptions,
    plan: withDelays(optimized, analysis.delays),
    schema: optimized.schema,
    eventTime: eventTime?.[0] ?? null,
    eventTimeDelayMicros: eventTime === null || eventTime[1] < 0n ? 0n : eventTime[1],
    clock: analysis.clock,
    reads,
    lookups: reads.filter((table) => isTable(table, context)),
    bounds: analysis.bounds,
    functions: functionsOf(optimized, context),
    changes: analysis.changes.map((change) => change.changes),
    nodeChanges: analysis.changes,
    resultChanges: analysis.resultChanges,
    resultKey: analysis.resultKey,
    nodeFacts: analysis.nodeFacts,
  };
}

function functionsOf(plan: PlanNode, { functions }: QueryContext): UserFunction[] {
  const called = [...functions.values()].filter(({ name }) => {
    const calls = (expression: Expression) => some(expression, (each) => each.kind === 'call' && each.name === name);
    return [...nodesOf(plan)].some((node) => expressionsOf(node).some(calls));
  });
  return called;
}

/** Of the columns that follow event time, the one furthest behind: then every one of them follows the result's watermark. */
function slowestColumn(times: ReadonlyMap<string, bigint>): [string, bigint] | null {
  let slowest: [string, bigint] | null = null;
  for (const [name, delay] of times) if (slowest === null || delay > slowest[1]) slowest = [name, delay];
  return slowest;
}

/**
 * What readers of a defined query know of its columns: facts relative to the watermark of the result; those of the time of arrival,
 * where rows come out at once, relative to the time of arrival itself.
 */
export function readerFacts(query: QueryDefinition): ReadonlyMap<string, TimeFact> {
  const facts = query.nodeFacts[query.plan.id] ?? [];
  const known = timeColumns(query.schema, facts);
  const arrives = query.clock === 'event' && isImmediate(query);
  return new Map(
    query.schema.flatMap(({ name }, index) => {
      const fact = facts[index];
      if (fact && known.has(name)) return [[name, { ...fact, origin: name, delayMicros: fact.delayMicros - query.eventTimeDelayMicros }]];
      return fact?.otherClock && arrives ? [[name, { ...fact, origin: name }]] : [];
    }),
  );
}

/** Every row comes out with the row that made it: filters, projections, lookups. */
export function isImmediate({ plan, bounds }: QueryDefinition): boolean {
  const passing: ReadonlySet<string> = new Set(['scan', 'values', 'filter', 'project', 'window', 'unnest', 'union']);
  const by = new Map(bounds.map((bound) => [bound.node, bound.by]));
  return [...nodesOf(plan)].every((node) => (passing.has(node.kind) && by.get(node.id) === 'stateless') || by.get(node.id) === 'lookup');
}

/** A view over arrival is read by queries over arrival only; others follow event time unless only arrival bounds them. */
function clocksOf(reads: readonly string[], { entries }: QueryContext): QueryClock[] {
  const read = reads.map((name) => entryOf(entries, name));
  if (read.some((entry) => entry?.kind === 'stored' && entry.clock === 'arrival')) return ['arrival'];
  const arrives = read.some((entry) =>
    entry?.kind === 'stored'
      ? [...entry.facts.values()].some((fact) => fact.otherClock)
      : entry?.columns.some((column) => column.name === ingestTime),
  );
  return arrives ? ['event', 'arrival'] : ['event'];
}

function scanFacts(table: string, clock: QueryClock, { entries }: QueryContext): ScanFacts {
  const entry = entryOf(entries, table);
  if (entry?.kind === 'stored') {
    if (entry.clock === clock) return { ...entry, stream: true };
    const facts = new Map([...entry.facts].map(([name, fact]) => [name, { ...fact, otherClock: !fact.otherClock }]));
    return { ...entry, facts, stream: true, otherClock: !entry.immediate };
  }
  const facts = new Map<string, TimeFact>();
  const unknown = { facts, stream: true, changes: false, key: null };
  if (entry?.kind !== 'source') return unknown;
  const { eventTime, kind, columns, primaryKey } = entry.source;
  if (kind === 'lookup') return { ...unknown, stream: false, key: primaryKey.length === 0 ? null : primaryKey };
  const time = { role: 'time', delayMicros: 0n } as const;
  if (columns.some((column) => column.name === ingestTime))
    facts.set(ingestTime, { ...time, origin: ingestTime, otherClock: clock !== 'arrival' });
  if (eventTime !== null) facts.set(eventTime, { ...time, origin: eventTime, otherClock: clock !== 'event' && eventTime !== ingestTime });
  return unknown;
}

function timesOf(table: string, context: QueryContext): TableTimes {
  const schema = isTable(table, context) ? [] : (entryOf(context.entries, table)?.columns ?? []);
  const clocks = clocksOf([table], context).map((clock) => {
    const { facts } = scanFacts(table, clock, context);
    return schema.map(({ name }) => facts.get(name) ?? null);
  });
  return { schema, clocks };
}

function isTable(table: string, { entries }: QueryContext): boolean {
  const entry = entryOf(entries, table);
  return entry?.kind === 'source' && entry.source.kind !== 'stream';
}

const ingestTime = '_ingest_time';

function withDelays(plan: PlanNode, delays: ReadonlyMap<number, bigint>): PlanNode {
  if (delays.size === 0) return plan;
  const node = mapInputs(plan, (input) => withDelays(input, delays));
  const delayMicros = delays.get(node.id);
  return node.kind === 'window' && delayMicros !== undefined ? { ...node, window: { ...node.window, delayMicros } } : node;
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

function sinkOf(shell: Extract<QueryShell, { kind: 'insert' }>, { entries }: QueryContext): SourceDefinition {
  const entry = entryOf(entries, shell.name);
  if (entry?.kind === 'source' && entry.source.role === 'sink') return entry.source;
  const isOther = entry !== undefined;
  throw new QueryError(isOther ? 'E0215' : 'E0202', isOther ? `"${shell.name}" is no sink` : `unknown sink "${shell.name}"`, {
    span: shell.nameSpan,
    hint: 'declare it with CREATE TABLE ... WITH (role = sink, connector = ...)',
  });
}

function refuseChanges(shell: QueryShell, sink: SourceDefinition, changes: readonly NodeChange[], { report }: QueryContext): void {
  if (sink.sink?.takesChanges !== false) return;
  report(
    new QueryError('E0603', `"${sink.name}" cannot be told of rows that are taken back`, {
      span: shell.nameSpan,
      note: changes.find((change) => change.itself)?.reason ?? 'rows of its input are taken back',
      hint: `connector ${sink.connector} only adds rows: group by a window, so that every row is final`,
    }),
  );
}

/** `folder/view` or `folder/file`: as people see it. */
export function queryId(shell: QueryShell): string {
  const path = shell.statement.source.path;
  const folder = basename(dirname(path));
  const name = shell.kind === 'insert' ? basename(path).replace(/\.sql$/, '') : shell.name;
  return folder === '' || folder === '.' ? name : `${folder}/${name}`;
}
