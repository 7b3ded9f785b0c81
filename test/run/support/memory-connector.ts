import type {
  Connector,
  Idle,
  OpenContext,
  PartitionEnd,
  Polled,
  Position,
  RejectedRow,
  SourceReader,
  Waiting,
} from '../../../connectors/connector.ts';
import { ConnectorError } from '../../../connectors/connector.ts';
import { batchOf, type Row } from './definitions.ts';

/** A partition's content: rows, things that cannot be read, failures, and pauses until a time (ms). */
export type Item = Row | { readonly bad: string } | { readonly fail: string } | { readonly pause: number };

export interface MemorySettings {
  readonly name?: string;
  readonly replayable?: boolean;
  readonly paced?: boolean;
  readonly batchRows?: number;
  /** After the last item: ends (default), or waits for more. */
  readonly endless?: boolean;
}

/** Rows from memory; a position is the index of the next item. */
export class MemoryConnector implements Connector {
  readonly name: string;
  readonly summary = 'Rows from memory.';
  readonly options = {};
  readonly replayable: boolean;
  readonly paced: boolean;
  readonly acknowledged = new Map<string, Position>();
  batchRows: number;
  endless: boolean;
  polls = 0;
  /** By source, by partition. */
  readonly #data: Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>;

  constructor(data: Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>, settings: MemorySettings = {}) {
    this.#data = data;
    this.name = settings.name ?? 'memory';
    this.replayable = settings.replayable ?? true;
    this.paced = settings.paced ?? true;
    this.batchRows = settings.batchRows ?? 4;
    this.endless = settings.endless ?? false;
  }

  checkColumns() {
    return [];
  }

  /** So often it cannot be opened yet. */
  refusals = 0;
  /** What its readers say. */
  waiting: Waiting | null = null;
  unknownFields: ReadonlyMap<string | null, number> = new Map();

  async open(context: OpenContext): Promise<SourceReader> {
    if (this.refusals-- > 0) throw new ConnectorError(context.source, 'nobody is there', undefined, true);
    const data = this.#data[context.source];
    if (data === undefined) throw new ConnectorError(context.source, 'there is no such source', 'declare it in the test');
    return new MemoryReader(this, data, context);
  }
}

class MemoryReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #connector: MemoryConnector;
  readonly #data: Readonly<Record<string, readonly Item[]>>;
  readonly #context: OpenContext;
  readonly #next: Map<string, number>;
  readonly #open: string[];

  constructor(connector: MemoryConnector, data: Readonly<Record<string, readonly Item[]>>, context: OpenContext) {
    this.#connector = connector;
    this.#data = data;
    this.#context = context;
    this.partitions = Object.keys(data);
    this.#next = new Map(this.partitions.map((partition) => [partition, Number(context.positions.get(partition) ?? 0)]));
    this.#open = [...this.partitions];
  }

  waiting(): Waiting | null {
    return this.#connector.waiting;
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#connector.unknownFields;
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    this.#connector.polls++;
    let retryAt: number | undefined;
    for (let turn = this.#open.length; turn > 0; turn--) {
      const partition = this.#open.shift() as string;
      const result = this.#read(partition);
      if (result === 'end') return { end: partition };
      this.#open.push(partition);
      if (typeof result === 'number') retryAt = Math.min(retryAt ?? result, result);
      else return result;
    }
    return retryAt === undefined || retryAt === Number.POSITIVE_INFINITY ? { idle: true } : { idle: true, retryAt };
  }

  #read(partition: string): Polled | 'end' | number {
    const items = this.#data[partition] as readonly Item[];
    const from = this.#next.get(partition) as number;
    if (from >= items.length) return this.#connector.endless ? Number.POSITIVE_INFINITY : 'end';
    const rows: Row[] = [];
    const rejected: RejectedRow[] = [];
    let to = from;
    for (; to < items.length && rows.length < this.#connector.batchRows; to++) {
      const item = items[to] as Item;
      if ('pause' in item) {
        if (this.#context.clock.now() >= item.pause) continue;
        if (to > from) break;
        return item.pause;
      }
      if ('fail' in item) {
        if (to > from) break;
        throw new ConnectorError(this.#context.source, item.fail);
      }
      if ('bad' in item) rejected.push({ reason: item.bad, field: 'value', at: `item ${to}`, bytes: new TextEncoder().encode(item.bad) });
      else rows.push(item);
    }
    this.#next.set(partition, to);
    const all = batchOf(rows);
    const columns = this.#context.needed.map((index) => all.columns[index] as (typeof all.columns)[number]);
    return { partition, batch: { rows: rows.length, columns }, from, to, rejected };
  }

  async acknowledge(positions: ReadonlyMap<string, Position>): Promise<void> {
    for (const [partition, position] of positions) this.#connector.acknowledged.set(`${this.#context.source}/${partition}`, position);
  }

  async close(): Promise<void> {
    this.#open.length = 0;
  }
}
