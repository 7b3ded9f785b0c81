import { batchRowsMax } from '../../../connectors/batch.ts';
import type { OwnProducer } from '../../../connectors/kafka/group/own-producer.ts';
import { selectRows } from '../batch/select-rows.ts';
import { decodeBatch, encodeBatch, type WireBatch } from '../batch/transfer.ts';
import { hashRows, laneOf } from '../exchange/key-hash.ts';
import type { LaneMarks, SourceShare, WireEpoch } from '../lane/protocol.ts';
import type { EdgeCounts } from './edge-counts.ts';
import { type EdgeMark, edgeRecord, recordBatches } from './edge-record.ts';
import type { GroupEdge } from './plan-edges.ts';

type Marks = LaneMarks['edges'][number];

/** Sends the rows of one lane to the lanes of their keys, and how far it is: within the transaction of the epoch that made them. */
export class EdgeSender {
  readonly #edges: readonly GroupEdge[];
  readonly #lane: number;
  readonly #lanes: number;
  readonly #hashes = new Uint32Array(batchRowsMax);
  readonly #counts: Pick<EdgeCounts, 'sent'> | null;
  /** What the epoch has sent so far. */
  #sent: { readonly edge: string; readonly rows: number; readonly bytes: number }[] = [];
  /** By edge: the mark that was sent last, as text. */
  readonly #told = new Map<string, string>();

  /** `counts`: told of what was committed. */
  constructor(edges: readonly GroupEdge[], lane: number, lanes: number, counts: Pick<EdgeCounts, 'sent'> | null = null) {
    this.#edges = edges;
    this.#lane = lane;
    this.#lanes = lanes;
    this.#counts = counts;
  }

  /** Names of the streams that are its own. */
  get streams(): ReadonlySet<string> {
    return new Set(this.#edges.map(({ fragment }) => fragment));
  }

  async send(
    producer: Pick<OwnProducer, 'send'>,
    { epoch, appends, marks }: Pick<WireEpoch, 'epoch' | 'appends' | 'marks'>,
  ): Promise<void> {
    if (marks === undefined) return;
    for (const edge of this.#edges) {
      const mark = marks.edges.find((each) => each.edge === edge.source.name);
      const parts = Array.from({ length: this.#lanes }, (): WireBatch[] => []);
      for (const { stream, batch } of appends) if (stream === edge.fragment) this.#deal(edge, batch, parts);
      const told = mark === undefined ? null : this.#mark(mark, marks.sources);
      for (const [lane, batches] of parts.entries()) {
        const head = { lane: this.#lane, epoch, newest: mark?.newest ?? null };
        const records = batches.flatMap(recordBatches).map((batch) => ({ ...head, batch, mark: null as EdgeMark | null }));
        const last = records.at(-1);
        if (told !== null && last !== undefined) last.mark = told;
        else if (told !== null) records.push({ ...head, batch: null as never, mark: told });
        if (records.length === 0) continue;
        const timestamp = Date.now();
        const values = records.map((record) => edgeRecord(record));
        await producer.send(
          edge.topic,
          lane,
          values.map((value) => ({ key: null, value, timestamp })),
        );
        const rows = records.reduce((sum, { batch }) => sum + (batch?.rows ?? 0), 0);
        const bytes = values.reduce((sum, value) => sum + value.length, 0);
        this.#sent.push({ edge: edge.source.name, rows, bytes });
      }
    }
  }

  /** The transaction that it was sent in is committed. */
  committed(): void {
    for (const { edge, rows, bytes } of this.#sent) this.#counts?.sent(edge, rows, bytes);
    this.#sent = [];
  }

  /** Null when the others know it. */
  #mark({ edge, watermark }: Marks, sources: readonly SourceShare[]): EdgeMark | null {
    const mark = { watermark, sources };
    const text = JSON.stringify(mark, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
    if (this.#told.get(edge) === text) return null;
    this.#told.set(edge, text);
    return mark;
  }

  #deal({ columns, keys, home }: GroupEdge, wire: WireBatch, parts: readonly WireBatch[][]): void {
    const batch = decodeBatch(wire);
    const sent = { ...batch, columns: batch.columns.slice(0, columns) };
    if (keys.length === 0) {
      parts[home]?.push(encodeBatch(sent, false));
      return;
    }
    hashRows(batch, keys, this.#hashes);
    const rows = parts.map((): number[] => []);
    for (let row = 0; row < batch.rows; row++) rows[laneOf(this.#hashes[row] as number, this.#lanes)]?.push(row);
    for (const [lane, chosen] of rows.entries()) {
      if (chosen.length > 0) parts[lane]?.push(encodeBatch(selectRows(sent, Uint32Array.from(chosen)), true));
    }
  }
}
