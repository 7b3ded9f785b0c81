import type { Batch, Column } from '../../connectors/batch.ts';
import {
  type Connector,
  ConnectorError,
  type Idle,
  type OpenContext,
  type PartitionEnd,
  type Polled,
  type Position,
  type SourceReader,
} from '../../connectors/connector.ts';

/** Rows with every column of the source, or an event time (microseconds) that it has reached. */
export type Given = { readonly batch: Batch } | { readonly reached: bigint };

interface GivenPartition {
  readonly items: Given[];
  ended: boolean;
}

/** Gives what a test has said so far; a position is the number of items read. Stands for the connector of every source. */
export class TestConnector implements Connector {
  readonly name = 'test';
  readonly summary = 'Rows of a test.';
  readonly options = {};
  readonly replayable = true;
  readonly paced = false;
  readonly divisible = true;
  /** By source in the order of declaration, by partition. */
  readonly #sources = new Map<string, Map<string, GivenPartition>>();

  declare(source: string, partitions: readonly string[]): void {
    this.#sources.set(source, new Map(partitions.map((name) => [name, { items: [], ended: false }])));
  }

  partitionsOf(source: string): ReadonlyMap<string, GivenPartition> {
    const partitions = this.#sources.get(source);
    if (partitions === undefined) throw new ConnectorError(source, 'the test declares no such source');
    return partitions;
  }

  give(source: string, partition: string, item: Given): void {
    this.partitionsOf(source).get(partition)?.items.push(item);
  }

  end(source: string): void {
    for (const partition of this.partitionsOf(source).values()) partition.ended = true;
  }

  checkColumns() {
    return [];
  }

  async open(context: OpenContext): Promise<SourceReader> {
    return new TestReader(this.partitionsOf(context.source), context);
  }
}

class TestReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #given: ReadonlyMap<string, GivenPartition>;
  readonly #context: OpenContext;
  readonly #next: Map<string, number>;
  #open: string[];

  constructor(given: ReadonlyMap<string, GivenPartition>, context: OpenContext) {
    this.partitions = [...given.keys()].filter((name, index) => context.owns?.(name, index) ?? true);
    this.#given = given;
    this.#context = context;
    this.#next = new Map(this.partitions.map((name) => [name, Number(context.positions.get(name) ?? 0)]));
    this.#open = [...this.partitions];
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    for (let turn = this.#open.length; turn > 0; turn--) {
      const name = this.#open.shift() as string;
      const { items, ended } = this.#given.get(name) as GivenPartition;
      const from = this.#next.get(name) as number;
      const item = items[from];
      if (item === undefined && ended) return { end: name };
      this.#open.push(name);
      if (item === undefined) continue;
      this.#next.set(name, from + 1);
      return this.#polled(name, item, from);
    }
    return { idle: true };
  }

  #polled(partition: string, item: Given, from: Position & number): Polled {
    const place = { partition, from, to: from + 1, rejected: [] };
    if ('reached' in item) return { ...place, batch: emptyBatch(this.#context), reached: item.reached };
    const columns = this.#context.needed.map((index) => item.batch.columns[index] as Column);
    return { ...place, batch: { rows: item.batch.rows, columns } };
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {
    this.#open = [];
  }
}

function emptyBatch({ needed, columns }: OpenContext): Batch {
  const none = new BigInt64Array(0);
  return { rows: 0, columns: needed.map((index) => ({ kind: 'fixed', type: columns[index]!.type, data: none, validity: null })) };
}
