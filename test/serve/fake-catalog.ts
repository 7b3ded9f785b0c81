import type { ColumnSpec, ScalarKind } from '../../connectors/data-type.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import type { Expression } from '../../engine/plan/expression.ts';
import type { AggregateCall, PlanNode, StateBound } from '../../engine/plan/plan.ts';

/** What a simulated query does: rows a second in and out, lag in ms, bytes of state and their bound, percent of a core. */
export interface Load {
  readonly in: number;
  readonly out: number;
  readonly lagMs: number;
  readonly stateBytes: number;
  readonly boundBytes: number;
  readonly cpu: number;
}

export const sourceRates: Readonly<Record<string, number>> = {
  http_logs: 24_100,
  otel_traces: 14_300,
  host_metrics: 3_180,
  audit_log: 118,
};

const mebibyte = 1 << 20;
const shapes: readonly (readonly [string, readonly string[], Load])[] = [
  ['http/error_ratio', ['http_logs'], load(24_100, 46, 640, 1.9, 4.2, 7.1)],
  ['http/latency_by_route', ['http_logs'], load(24_100, 310, 880, 9.4, 16, 11.8)],
  ['http/requests_by_service', ['http_logs'], load(24_100, 46, 610, 0.8, 2.1, 5.2)],
  ['http/slow_requests', ['http_logs', 'otel_traces'], load(38_400, 12, 14_200, 231, 268, 21.4)],
  ['traces/service_edges', ['otel_traces'], load(14_300, 190, 1_240, 5.1, 12, 9.7)],
  ['traces/orphan_spans', ['otel_traces'], load(14_300, 3, 2_120, 38, 96, 8.3)],
  ['hosts/disk_full', ['host_metrics'], load(3_180, 53, 1_900, 2.7, 3.4, 3.1)],
  ['hosts/cpu', ['host_metrics'], load(3_180, 212, 1_870, 3.9, 6, 4.4)],
  ['hosts/memory_leak', ['host_metrics'], load(3_180, 2, 2_010, 1.1, 2, 1.6)],
  ['audit/login_bursts', ['audit_log'], load(118, 0.4, 730, 0.3, 1.2, 0.2)],
];
const teams = ['billing', 'search', 'edge', 'mobile', 'payments', 'media', 'ml', 'core', 'ads'];

function load(input: number, out: number, lagMs: number, stateMiB: number, boundMiB: number, cpu: number): Load {
  return { in: input, out, lagMs, stateBytes: stateMiB * mebibyte, boundBytes: boundMiB * mebibyte, cpu };
}

export interface FakeCatalog {
  readonly catalog: Catalog;
  /** By query id. */
  readonly loads: ReadonlyMap<string, Load>;
}

/** Ten queries over four sources, or as many as asked for in folders of teams. */
export function fakeCatalog(count: number): FakeCatalog {
  const loads = new Map<string, Load>();
  const queries = Array.from({ length: count }, (_, index) => {
    const [id, reads, shape] = shapes[index % shapes.length] as (typeof shapes)[number];
    const round = Math.floor(index / shapes.length);
    const [folder, name] = id.split('/') as [string, string];
    const unique = round === 0 ? id : `${teams[round % teams.length]}/${folder}/${name}_${round}`;
    const calm =
      round === 0
        ? shape
        : {
            ...shape,
            in: shape.in / 5,
            out: shape.out / 5,
            lagMs: 400 + ((index * 37) % 1_800),
            stateBytes: shape.stateBytes * 0.6,
            cpu: shape.cpu / 50,
          };
    loads.set(unique, calm);
    return queryOf(unique, round === 0 ? name : `${name}_${round}`, reads, calm);
  });
  return { catalog: { sources: new Map(Object.keys(sourceRates).map((name) => [name, sourceOf(name)])), queries }, loads };
}

const column = (name: string, kind: ScalarKind, nullable = false): ColumnSpec => ({ name, type: { kind }, nullable });
const logColumns = [
  column('ts', 'timestamp', true),
  column('service', 'varchar', true),
  column('status', 'integer', true),
  column('env', 'varchar', true),
];

function sourceOf(name: string): SourceDefinition {
  return {
    name,
    role: 'source',
    kind: 'stream',
    connector: name === 'host_metrics' ? 'host' : name === 'audit_log' ? 'file' : 'generator',
    columns: logColumns,
    primaryKey: [],
    options: name === 'audit_log' ? { path: '/var/log/audit/*.jsonl' } : { seed: 7 },
    eventTime: 'ts',
    maxLatenessMs: 500,
    idleTimeoutMs: 30_000,
    late: 'divert',
    refreshMs: null,
    retentionMs: name === 'host_metrics' ? 86_400_000 : null,
    file: 'queries/sources.sql',
    line: 3,
    span: { start: 0, end: 10 },
  };
}

const body = `SELECT window_start, window_end, service,
       count(*) AS requests,
       count(*) FILTER (WHERE status >= 500) AS errors,
       count(*) FILTER (WHERE status >= 500) / count(*) AS ratio
FROM tumble($SOURCE, ts, INTERVAL '10 seconds')
WHERE env = 'prod'
GROUP BY window_start, window_end, service`;

function queryOf(id: string, name: string, reads: readonly string[], { boundBytes }: Load): QueryDefinition {
  const comment = `-- Größe und Anteil: errors of every service, every 10 seconds.\n`;
  const text = body.replace('$SOURCE', reads[0] as string);
  const statement = `CREATE MATERIALIZED VIEW ${name} AS\n${text};`;
  const start = Buffer.byteLength(comment) + Buffer.byteLength(statement.slice(0, statement.indexOf(text)));
  const span = (part: string) => ({
    start: start + Buffer.byteLength(text.slice(0, text.indexOf(part))),
    end: start + Buffer.byteLength(text.slice(0, text.indexOf(part) + part.length)),
  });
  const plan = planOf(reads[0] as string, span);
  const bounds: StateBound[] = [
    ...[0, 1, 2, 4].map((node) => ({ node, bounded: true, by: 'stateless', reason: 'keeps nothing' })),
    {
      node: 3,
      bounded: true,
      by: 'window',
      reason: 'groups of a window go when the watermark passes its end: 2 windows of 10 s are open at a time',
    },
  ];
  return {
    id,
    name,
    kind: 'view',
    file: `queries/${id}.sql`,
    line: 2,
    statement,
    body: text,
    bodySpan: { start, end: start + Buffer.byteLength(text) },
    options: {
      emit: 'final',
      emitEarlyEveryMs: null,
      stateTtlMs: null,
      retentionMs: null,
      tierMs: { hot: null, warm: null, cold: null },
      kind: 'view',
      alert: {},
      seriesMax: 1_000_000,
      memoryBytesMax: boundBytes,
    },
    plan,
    schema: plan.schema,
    eventTime: 'window_end',
    clock: 'event',
    eventTimeDelayMicros: 0n,
    reads,
    bounds,
    changes: [],
    nodeChanges: [],
    resultChanges: false,
    resultKey: null,
    lookups: [],
    nodeFacts: [],
    functions: [],
  };
}

function planOf(source: string, span: (part: string) => { start: number; end: number }): PlanNode {
  const ref = (index: number, kind: ScalarKind): Expression => ({ kind: 'column', index, type: { kind }, nullable: true });
  const text = (value: string): Expression => ({ kind: 'constant', value, type: { kind: 'varchar' }, nullable: false });
  const number = (value: bigint): Expression => ({ kind: 'constant', value, type: { kind: 'integer' }, nullable: false });
  const prod: Expression = {
    kind: 'compare',
    operator: '=',
    left: ref(3, 'varchar'),
    right: text('prod'),
    type: { kind: 'boolean' },
    nullable: true,
  };
  const failed: Expression = {
    kind: 'compare',
    operator: '=',
    left: ref(2, 'integer'),
    right: number(500n),
    type: { kind: 'boolean' },
    nullable: true,
  };
  const count = (filter: Expression | null): AggregateCall => ({
    name: 'count_star',
    args: [],
    filter,
    distinct: false,
    orderBy: [],
    parameters: [],
    type: { kind: 'bigint' },
  });
  const times = [column('window_start', 'timestamp'), column('window_end', 'timestamp')];
  const scan: PlanNode = {
    id: 0,
    kind: 'scan',
    table: source,
    columns: logColumns.map(({ name }) => name),
    schema: logColumns,
    span: span(source),
  };
  const filter: PlanNode = { id: 1, kind: 'filter', input: scan, predicate: prod, schema: logColumns, span: span("env = 'prod'") };
  const tumble: PlanNode = {
    id: 2,
    kind: 'window',
    input: filter,
    window: { kind: 'tumble', time: ref(0, 'timestamp'), sizeMicros: 10_000_000n },
    schema: [...logColumns, ...times],
    span: span('tumble'),
  };
  const aggregate: PlanNode = {
    id: 3,
    kind: 'aggregate',
    input: tumble,
    groups: [ref(4, 'timestamp'), ref(5, 'timestamp'), ref(1, 'varchar')],
    aggregates: [count(null), count(failed)],
    schema: [...times, column('service', 'varchar', true), column('count', 'bigint'), column('failed', 'bigint')],
    span: span('GROUP BY window_start, window_end, service'),
  };
  const ratio: Expression = {
    kind: 'call',
    name: '/',
    args: [ref(4, 'bigint'), ref(3, 'bigint')],
    type: { kind: 'double' },
    nullable: true,
  };
  return {
    id: 4,
    kind: 'project',
    input: aggregate,
    expressions: [ref(0, 'timestamp'), ref(1, 'timestamp'), ref(2, 'varchar'), ref(3, 'bigint'), ref(4, 'bigint'), ratio],
    schema: [
      ...times,
      column('service', 'varchar', true),
      column('requests', 'bigint'),
      column('errors', 'bigint'),
      column('ratio', 'double', true),
    ],
    span: span('SELECT window_start, window_end, service'),
  };
}
