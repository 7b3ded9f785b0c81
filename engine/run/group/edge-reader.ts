import type { Batch, Column, FixedColumn } from '../../../connectors/batch.ts';
import {
  ConnectorError,
  type Connector,
  type Idle,
  type OpenContext,
  type PartitionEnd,
  type Polled,
  type Position,
  type SourceReader,
} from '../../../connectors/connector.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { decodeBatch } from '../batch/transfer.ts';
import { nullColumn } from '../batch/make-column.ts';
import type { SourceShare } from '../lane/protocol.ts';
import { EdgeMarks } from './edge-marks.ts';
import { readEdgeRecord } from './edge-record.ts';

export const edgeConnectorName = 'exchange';

/** Columns that the records' topic is read with. */
const recordColumns: readonly ColumnSpec[] = [
  { name: 'rows', type: { kind: 'blob' }, nullable: true },
  { name: '_offset', type: { kind: 'bigint' }, nullable: true },
];

/** Told how far a lane is with its sources. */
export type ToldOfSources = (lane: number, epoch: number, sources: readonly SourceShare[]) => void;

/**
 * Reads what lanes of other processes send: a topic whose partitions are the lanes', one batch for each record. `kafka`: reads the
 * topic; `lanes`: how many there are.
 */
export function edgeConnector(kafka: Connector, lanes: number, told: ToldOfSources = () => undefined): Connector {
  return {
    name: edgeConnectorName,
    summary: 'Rows between the lanes of a group.',
    options: kafka.options,
    replayable: true,
    paced: false,
    divisible: true,
    checkColumns: () => [],
    decoder: (_columns, _needed, options) => kafka.decoder?.(recordColumns, [0, 1], options) ?? null,
    open: async (context) => {
      const inner = await kafka.open({ ...context, columns: recordColumns, needed: [0, 1], eventTime: null });
      return new EdgeReader(inner, context, lanes, told);
    },
  };
}

class EdgeReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #inner: SourceReader;
  readonly #context: OpenContext;
  readonly #marks = new Map<string, EdgeMarks>();
  readonly #told: ToldOfSources;
  readonly #lanes: number;
  /** By partition: of all records before its position. */
  readonly #bytes = new Map<string, number>();
  #ready: Polled[] = [];

  constructor(inner: SourceReader, context: OpenContext, lanes: number, told: ToldOfSources) {
    this.#inner = inner;
    this.#context = context;
    this.#lanes = lanes;
    this.#told = told;
    this.partitions = inner.partitions;
    for (const partition of inner.partitions) {
      for (const [lane, { epoch, sources }] of this.#marksOf(partition).senders.entries()) if (epoch > 0) told(lane, epoch, sources);
    }
  }

  #marksOf(partition: string): EdgeMarks {
    const known = this.#marks.get(partition);
    if (known !== undefined) return known;
    const position = this.#context.positions.get(partition);
    const marks = new EdgeMarks(this.#lanes, typeof position === 'object' ? String(position.marks ?? '') : '');
    this.#marks.set(partition, marks);
    this.#bytes.set(partition, typeof position === 'object' ? Number(position.bytes ?? 0) : 0);
    return marks;
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    while (this.#ready.length === 0) {
      const next = await this.#inner.poll();
      if (!('batch' in next)) return next;
      this.#ready = this.#read(next);
      next.release?.();
    }
    return this.#ready.shift() as Polled;
  }

  #read({ partition, batch, from, to, rejected }: Polled): Polled[] {
    const [fault] = rejected;
    if (fault !== undefined) throw this.#unreadable(partition, fault.at, fault.reason);
    const [values, offsets] = batch.columns as [Column, FixedColumn];
    const marks = this.#marksOf(partition);
    const polled: Polled[] = [];
    for (let row = 0; row < batch.rows; row++) {
      const offset = Number(offsets.data[row]);
      const at: Position = { ...(from as object), offset };
      polled.push(this.#polled(partition, at, bytesOf(values, row), marks));
    }
    const last = polled.at(-1);
    // The end of a transaction has an offset of its own.
    if (last !== undefined) polled[polled.length - 1] = { ...last, to: { ...(last.to as object), ...(to as object) } };
    return polled;
  }

  #polled(partition: string, from: Position, value: Uint8Array, marks: EdgeMarks): Polled {
    const { offset } = from as { readonly offset: number };
    let record: ReturnType<typeof readEdgeRecord>;
    try {
      record = readEdgeRecord(value);
    } catch (error) {
      throw this.#unreadable(partition, `offset ${offset}`, (error as Error).message);
    }
    if (marks.add(record)) this.#told(record.lane, record.epoch, record.mark?.sources ?? []);
    const { columns, needed } = this.#context;
    const rows = record.batch === null ? null : decodeBatch(record.batch);
    const batch: Batch =
      rows === null
        ? { rows: 0, columns: needed.map((index) => nullColumn((columns[index] as ColumnSpec).type, 0)) }
        : { ...rows, columns: needed.map((index) => rows.columns[index] as Column) };
    const reached = marks.watermark;
    const bytes = (this.#bytes.get(partition) ?? 0) + value.length;
    this.#bytes.set(partition, bytes);
    return {
      partition,
      batch,
      from,
      to: { ...(from as object), offset: offset + 1, marks: marks.text, bytes },
      rejected: [],
      ...(record.newest === null ? {} : { newest: record.newest }),
      ...(reached === null ? {} : { reached }),
    };
  }

  #unreadable(partition: string, at: string, reason: string): ConnectorError {
    const topic = String(this.#context.options.topic);
    const text = `topic ${topic}, partition ${partition}, ${at}: what another lane has sent cannot be read: ${reason}`;
    return new ConnectorError(
      this.#context.source,
      text,
      'all processes of a group need the same version of Millrace, and nobody else may write there',
    );
  }

  waiting(): ReturnType<NonNullable<SourceReader['waiting']>> {
    return this.#inner.waiting?.() ?? null;
  }

  acknowledge(positions: ReadonlyMap<string, Position>): Promise<void> {
    return this.#inner.acknowledge(positions);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function bytesOf(column: Column, row: number): Uint8Array {
  if (column.kind !== 'string') throw new TypeError('bytes were expected');
  const { codes, dictionary } = column;
  const code = codes[row] as number;
  return dictionary.bytes.slice(dictionary.offsets[code], dictionary.offsets[code + 1]);
}
