import { typeName } from '../plan/type-name.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { EngineEvent, QueryStatus, RuntimeStatus } from '../run/runtime-status.ts';
import type { QueryErrorEntry, QuerySnapshot, QueryTick } from './api-types.ts';
import { formatBytes } from './format-bytes.ts';
import { formatDuration } from './format-duration.ts';
import { rounded } from './history.ts';
import { lagParts, sourcesOf } from './lag.ts';
import { QueryLinks } from './overview.ts';
import { planOrder, planSteps } from './plan-steps.ts';
import { queryRates } from './rates.ts';
import { inputRateMs, outputRateMs, type Samples } from './samples.ts';
import { seriesColumns } from './series-columns.ts';

const errorsMax = 50;

export interface QueryPageInput {
  readonly catalog: Catalog;
  readonly samples: Samples;
  readonly events: readonly EngineEvent[];
  readonly gen: number;
  readonly history: QuerySnapshot['history'];
}

export function querySnapshot(query: QueryDefinition, input: QueryPageInput): QuerySnapshot {
  const { catalog, samples, events, gen, history } = input;
  const status = samples.latest;
  const now = status.queries[query.id];
  const links = new QueryLinks(catalog);
  const tick = queryTick(query, catalog, samples);
  const steps = planSteps(
    query,
    now?.operators ?? [],
    (node) => stepRates(samples, query.id, node),
    (table) => links.readersOf(table),
  );
  return {
    id: query.id,
    name: query.name,
    kind: query.kind,
    file: query.file,
    line: query.line,
    now: status.now,
    gen,
    status: tick.status,
    error: tick.error,
    reads: links.reads(query),
    writes: links.writes(query),
    sql: query.statement,
    lag: tick.lag,
    plan: steps,
    bound: boundOf(query, now),
    cost: costOf(tick),
    columns: query.schema.map((column) => [column.name, typeName(column.type)] as const),
    ...seriesColumns(query),
    tick,
    history,
    errors: errorsOf(query, catalog, events),
  };
}

/** What changes of a query's page from second to second. */
export function queryTick(query: QueryDefinition, catalog: Catalog, samples: Samples): QueryTick {
  const status = samples.latest;
  const now = status.queries[query.id];
  const rates = queryRates(samples, query, catalog);
  const order = planOrder(query.plan).map(({ node }) => node.id);
  const steps = order.map((node) => stepRates(samples, query.id, node));
  return {
    t: status.now,
    status: now?.state ?? 'starting',
    error: now?.error ?? null,
    lag: lagParts(query.id, status, catalog, rates.waitsFor),
    in: rounded(rates.in),
    out: rounded(rates.out),
    late: rounded(rates.late),
    state: now?.stateBytes ?? 0,
    cpu: rounded(rates.cpu),
    keys: keysOf(now),
    totals: { in: now?.rowsIn ?? 0, out: now?.rowsOut ?? 0, filtered: now?.filtered ?? 0, late: now?.late ?? 0 },
    watermark: now?.watermark ?? null,
    plan: {
      in: steps.map((step) => step.in),
      out: steps.map((step) => step.out),
      state: order.map((node) => now?.operators.find((each) => each.node === node)?.stateBytes ?? null),
    },
  };
}

function stepRates(samples: Samples, id: string, node: number): { in: number | null; out: number | null } {
  const of = (status: RuntimeStatus) => status.queries[id]?.operators.find((each) => each.node === node);
  return {
    // Above an aggregate rows come in bursts, too.
    in: rounded(samples.rate((status) => of(status)?.rowsIn, outputRateMs)),
    out: rounded(samples.rate((status) => of(status)?.rowsOut, outputRateMs)),
  };
}

function keysOf(now: QueryStatus | undefined): number {
  return (now?.operators ?? []).reduce((total, operator) => total + operator.stateRows, 0);
}

function boundOf(query: QueryDefinition, now: QueryStatus | undefined): QuerySnapshot['bound'] {
  const bytes = now?.stateBytesMax ?? query.options.memoryBytesMax;
  const labels = new Map(planOrder(query.plan).map(({ node }) => [node.id, node.kind]));
  const terms = query.bounds
    .filter((bound) => bound.by !== 'stateless')
    .map((bound) => {
      const state = now?.operators.find((each) => each.node === bound.node)?.stateBytes ?? null;
      return [labels.get(bound.node) ?? 'state', bound.bounded ? bound.reason : `not bounded: ${bound.reason}`, state] as const;
    });
  const policy = `a batch that needs more than ${formatBytes(bytes)} stops the query; what was committed stays`;
  return { bytes, used: now?.stateBytes ?? 0, terms, keys: { now: keysOf(now), limit: null, policy } };
}

function costOf({ cpu }: QueryTick): QuerySnapshot['cost'] {
  return {
    cores: cpu === null ? null : rounded(cpu / 100),
    perMonth: null,
    currency: null,
    note: `of one core, in the last ${formatDuration(inputRateMs)}`,
  };
}

/** Newest first; the same fault once, with how often it was told. */
function errorsOf(query: QueryDefinition, catalog: Catalog, events: readonly EngineEvent[]): QueryErrorEntry[] {
  const subjects = new Set([query.id, query.name, ...sourcesOf(query, catalog)]);
  const found = new Map<string, QueryErrorEntry>();
  for (const event of events) {
    if (event.level === 'info' || event.subject === null || !subjects.has(event.subject)) continue;
    const before = found.get(event.text);
    found.delete(event.text);
    found.set(event.text, { t: event.at, n: (before?.n ?? 0) + 1, code: event.kind, where: event.subject, text: event.text, sample: null });
  }
  return [...found.values()].reverse().slice(0, errorsMax);
}
