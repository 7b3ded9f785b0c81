import type { Catalog } from '../plan/catalog.ts';
import { nodeLabel } from '../plan/node-label.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import type { EdgeStatus } from '../run/group/group-settings.ts';
import type { ImageStatus, RuntimeStatus } from '../run/runtime-status.ts';

export interface MetricsInput {
  readonly status: RuntimeStatus;
  readonly catalog: Catalog;
  readonly streams: { readonly readers: number; readonly skipped: number };
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number | null];

/** Names follow the template in docs/metrics.md: millrace_<subject>_<what>[_<unit>][_total]. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  /** Null: nothing to say now. */
  readonly samples: (input: MetricsInput) => Iterable<Sample>;
}

type SourceNumber = (source: RuntimeStatus['sources'][string]) => number | null;
type QueryNumber = (query: RuntimeStatus['queries'][string]) => number | null;
type SinkNumber = (sink: NonNullable<RuntimeStatus['sinks']>[string]) => number | null;
type OperatorNumber = (operator: RuntimeStatus['queries'][string]['operators'][number]) => number;
type WholeNumber = (input: MetricsInput) => number;

const seconds = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1000);

function ofSource(name: string, help: string, type: Metric['type'], read: SourceNumber): Metric {
  const samples = ({ status }: MetricsInput) => Object.entries(status.sources).map(([source, each]) => [{ source }, read(each)] as const);
  return { name: `millrace_source_${name}`, help, type, labels: ['source'], samples };
}

const unknownFields: Metric = {
  name: 'millrace_source_unknown_fields_total',
  help: 'How often records had a field that the table does not declare; the 100 most frequent, and the others without a name.',
  type: 'counter',
  labels: ['source', 'field'],
  samples: function* ({ status }: MetricsInput): Generator<Sample> {
    for (const [source, { unknownFields: fields = [] }] of Object.entries(status.sources)) {
      for (const [field, times] of fields) yield [{ source, field: field ?? '' }, times];
    }
  },
};

function ofQuery(name: string, help: string, type: Metric['type'], read: QueryNumber): Metric {
  const samples = ({ status }: MetricsInput) => Object.entries(status.queries).map(([query, each]) => [{ query }, read(each)] as const);
  return { name: `millrace_query_${name}`, help, type, labels: ['query'], samples };
}

function ofSink(name: string, help: string, type: Metric['type'], read: SinkNumber): Metric {
  const samples = ({ status }: MetricsInput) => Object.entries(status.sinks ?? {}).map(([sink, each]) => [{ sink }, read(each)] as const);
  return { name: `millrace_sink_${name}`, help, type, labels: ['sink'], samples };
}

function ofOperator(name: string, help: string, type: Metric['type'], read: OperatorNumber): Metric {
  function* samples({ status, catalog }: MetricsInput): Generator<Sample> {
    for (const { id, plan } of catalog.queries) {
      const labels = new Map([...nodesOf(plan)].map((node) => [node.id, nodeLabel(node).label]));
      for (const each of status.queries[id]?.operators ?? []) {
        yield [{ query: id, node: String(each.node), operator: labels.get(each.node) ?? '' }, read(each)];
      }
    }
  }
  return { name: `millrace_operator_${name}`, help, type, labels: ['query', 'node', 'operator'], samples };
}

function ofWhole(name: string, help: string, type: Metric['type'], read: WholeNumber): Metric {
  return { name: `millrace_${name}`, help, type, labels: [], samples: (input) => [[{}, read(input)]] };
}

function ofImages(name: string, help: string, type: Metric['type'], read: (images: ImageStatus) => number | null): Metric {
  function* samples({ status }: MetricsInput): Generator<Sample> {
    if (status.images !== undefined) yield [{}, read(status.images)];
  }
  return { name: `millrace_${name}`, help, type, labels: [], samples };
}

function ofEdge(name: string, help: string, type: Metric['type'], read: (edge: EdgeStatus) => number | null): Metric {
  const samples = ({ status }: MetricsInput) =>
    (status.group?.edges ?? []).map((edge) => [{ query: edge.query, topic: edge.topic }, read(edge)] as const);
  return { name: `millrace_edge_${name}`, help, type, labels: ['query', 'topic'], samples };
}

function ofState(subject: 'source' | 'query', states: readonly string[]): Metric {
  function* samples({ status }: MetricsInput): Generator<Sample> {
    for (const [name, { state }] of Object.entries(subject === 'source' ? status.sources : status.queries)) {
      for (const each of states) yield [{ [subject]: name, state: each }, state === each ? 1 : 0];
    }
  }
  const help = `1 for the state that the ${subject} is in, 0 for the others.`;
  return { name: `millrace_${subject}_state`, help, type: 'gauge', labels: [subject, 'state'], samples };
}

export const metrics: readonly Metric[] = [
  ofSource('rows_total', 'Rows read.', 'counter', (source) => source.rows),
  ofSource('late_rows_total', 'Rows that came too late for their windows.', 'counter', (source) => source.late),
  ofSource('rejected_rows_total', 'Rows that could not be read.', 'counter', (source) => source.rejected),
  ofSource(
    'rejected_ratio',
    'Share of rejected rows in the time that rejected_alert_window names.',
    'gauge',
    (source) => source.rejectedShare ?? null,
  ),
  ofSource('rejected_alert', '1 while that share is above rejected_alert_ratio.', 'gauge', (source) =>
    source.rejectingSince === undefined ? 0 : 1,
  ),
  unknownFields,
  ofSource('waits_total', 'How often it has begun to wait for a broker or a topic.', 'counter', (source) => source.waits ?? 0),
  ofSource('waiting_since_timestamp_seconds', 'Since when it waits for a broker or a topic; absent while it does not.', 'gauge', (source) =>
    seconds(source.waiting?.since ?? null),
  ),
  ofSource('partitions', 'Partitions that are read.', 'gauge', (source) => source.partitions),
  ofSource('watermark_timestamp_seconds', 'Event time up to which no row is expected any more.', 'gauge', (source) =>
    seconds(source.watermark),
  ),
  ofSource('newest_event_timestamp_seconds', 'Largest event time seen.', 'gauge', (source) => seconds(source.maxEventTime)),
  ofState('source', ['starting', 'active', 'idle', 'waiting', 'ended', 'failed']),
  ofQuery('input_rows_total', 'Rows that came in.', 'counter', (query) => query.rowsIn),
  ofQuery('output_rows_total', 'Result rows.', 'counter', (query) => query.rowsOut),
  ofQuery('filtered_rows_total', 'Rows that a filter took out.', 'counter', (query) => query.filtered),
  ofQuery('late_rows_total', 'Late rows of its sources.', 'counter', (query) => query.late),
  ofQuery('watermark_timestamp_seconds', 'Event time up to which its results are complete.', 'gauge', (query) => seconds(query.watermark)),
  ofQuery('lag_seconds', 'How far its watermark is behind the clock; only for live input.', 'gauge', (query) => seconds(query.lagMs)),
  ofQuery('own_lag_seconds', 'The part of its lag that the query adds itself.', 'gauge', (query) => seconds(query.ownLagMs)),
  ofQuery('state_bytes', 'Memory that its state takes.', 'gauge', (query) => query.stateBytes),
  ofQuery('state_limit_bytes', 'Memory that its state may take.', 'gauge', (query) => query.stateBytesMax),
  ofQuery('unlearnt_rows_total', 'Rows of series that max_series left no room for.', 'counter', (query) => query.unlearntRows ?? 0),
  ofQuery('cpu_seconds_total', 'CPU time that it took.', 'counter', (query) => query.cpuSeconds),
  ofQuery('exchanged_rows_total', 'Rows that went from one lane to another.', 'counter', (query) => query.exchangedRows),
  ofQuery('exchanged_bytes_total', 'Bytes of these rows.', 'counter', (query) => query.exchangedBytes),
  ofState('query', ['starting', 'replaying', 'ok', 'behind', 'idle', 'failed', 'ended']),
  ofOperator('input_rows_total', 'Rows that came into the operator.', 'counter', (operator) => operator.rowsIn),
  ofOperator('output_rows_total', 'Rows that left the operator.', 'counter', (operator) => operator.rowsOut),
  ofOperator('state_bytes', 'Memory that its state takes.', 'gauge', (operator) => operator.stateBytes),
  ofOperator('state_rows', 'Groups or rows that it keeps.', 'gauge', (operator) => operator.stateRows),
  ofSink('rows_total', 'Rows written and committed.', 'counter', (sink) => sink.rows),
  ofSink('bytes_total', 'Bytes written, as text.', 'counter', (sink) => sink.bytes),
  ofSink('files_total', 'Files closed.', 'counter', (sink) => sink.files),
  ofSink('waiting_rows', 'Rows committed that nobody can see yet.', 'gauge', (sink) => sink.waitingRows ?? 0),
  ofSink('waiting_bytes', 'Bytes of these rows, as they wait on the disk.', 'gauge', (sink) => sink.waitingBytes ?? 0),
  ofSink('pauses_total', 'Times that queries had to wait because too much was waiting.', 'counter', (sink) => sink.pauses ?? 0),
  ofSink('retries_total', 'Writes that failed and were tried again.', 'counter', (sink) => sink.retries),
  ofSink('lost_rows_total', 'Rows that came after the sink was given up.', 'counter', (sink) => sink.lost),
  ofSink('failed', '1 when the sink has been given up.', 'gauge', (sink) => (sink.error === null ? 0 : 1)),
  ofEdge('sent_rows_total', 'Rows that lanes here have sent to lanes of the group, committed.', 'counter', (edge) => edge.sentRows),
  ofEdge('sent_bytes_total', 'Bytes of these rows, and of what says how far the lanes are.', 'counter', (edge) => edge.sentBytes),
  ofEdge('read_rows_total', 'Rows that lanes here have read of what they were sent, committed.', 'counter', (edge) => edge.readRows),
  ofEdge('read_bytes_total', 'Bytes of these rows, and of what says how far the lanes are.', 'counter', (edge) => edge.readBytes),
  ofEdge('watermark_timestamp_seconds', 'Event time up to which all lanes have sent everything.', 'gauge', (edge) =>
    seconds(edge.watermark),
  ),
  ofEdge('newest_watermark_timestamp_seconds', 'The same of the lane that is furthest.', 'gauge', (edge) => seconds(edge.newestWatermark)),
  ofEdge(
    'waiting_lanes',
    'Lanes that have said nothing, else those that hold it back; all others are further.',
    'gauge',
    (edge) => edge.waitsFor.length,
  ),
  ofWhole('store_commits_total', 'Transactions committed.', 'counter', ({ status }) => status.store.commits),
  ofWhole('store_rows', 'Rows stored.', 'gauge', ({ status }) => status.store.rowsStored),
  ofWhole('store_hot_bytes', 'Size of the DuckDB file.', 'gauge', ({ status }) => status.store.hotBytes),
  ofWhole('store_parquet_bytes', 'Size of the Parquet files.', 'gauge', ({ status }) => status.store.parquetBytes),
  ofWhole('store_parquet_files', 'Parquet files.', 'gauge', ({ status }) => status.store.parquetFiles),
  ofWhole('store_last_commit_seconds', 'Time that the newest commit took.', 'gauge', ({ status }) => status.store.lastCommitMs / 1000),
  ofImages('snapshot_taken_total', 'Images of memory taken.', 'counter', (images) => images.taken),
  ofImages('snapshot_failures_total', 'Images that could not be kept.', 'counter', (images) => images.failed),
  ofImages('snapshot_bytes', 'Size of the newest images, compressed.', 'gauge', (images) => images.bytes),
  ofImages('snapshot_oldest_timestamp_seconds', 'When the oldest of these was taken; absent while there is none.', 'gauge', (images) =>
    seconds(images.oldestAt),
  ),
  ofImages('snapshot_pause_seconds_total', 'Time that lanes stood still to take images.', 'counter', (images) => images.pauseMs / 1000),
  ofImages('snapshot_pause_max_seconds', 'The longest of these times.', 'gauge', (images) => images.pauseMsMax / 1000),
  ofWhole('process_cpu_seconds_total', 'CPU time of the whole process.', 'counter', ({ status }) => status.process.cpuSeconds),
  ofWhole('process_resident_bytes', 'Memory that the process has in RAM.', 'gauge', ({ status }) => status.process.rssBytes),
  ofWhole('process_resident_max_bytes', 'The most that it ever had.', 'gauge', ({ status }) => status.process.rssBytesMax),
  ofWhole('process_heap_bytes', "JavaScript's heap of the main thread.", 'gauge', ({ status }) => status.process.heapBytes),
  ofWhole('process_start_timestamp_seconds', 'When the engine was started.', 'gauge', ({ status }) => status.startedAt / 1000),
  ofWhole('process_lanes', 'Worker threads that run queries.', 'gauge', ({ status }) => status.lanes),
  ofWhole('console_streams', 'Pages that listen.', 'gauge', ({ streams }) => streams.readers),
  ofWhole('console_skipped_messages_total', 'Messages that a page was too slow for.', 'counter', ({ streams }) => streams.skipped),
];
