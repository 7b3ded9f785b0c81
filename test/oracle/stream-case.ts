import type { Batch, Column } from '../../connectors/batch.ts';
import { batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import { QueryFailure, type QueryInstance } from '../../engine/compile/query-instance.ts';
import type { SourceDefinition } from '../../engine/plan/catalog.ts';
import { endOfTime, infinities } from '../../engine/run/time/event-time.ts';
import { Random } from '../connectors/random.ts';
import { buildBatch } from '../store/build-batch.ts';
import type { Row } from './compare-rows.ts';
import { FoldedRows } from './folded-rows.ts';
import { latenessMicros } from './random-rows.ts';
import type { Compiled, Prepared, Tables, Values } from './run-case.ts';

const memoryBytesMax = 512 << 20;

interface Node extends Compiled {
  instance: QueryInstance;
  readonly rows: FoldedRows;
  failure: string | null;
}

/** How rows come in: batches of so many rows, sources by chance, and a watermark that goes up by chance. */
export interface Feed {
  readonly batchRows: number;
  readonly seed: number;
  /** How often (0 to 1) an instance gives way to one made of its image after it was given something. */
  readonly images?: number;
}

/** Runs every compiled view over the rows, each reading what the ones before put out. Gives rows or the failure, by view. */
export async function streamCase({ compiled, sources }: Prepared, tables: Tables, feed: Feed): Promise<Map<string, Row[] | string>> {
  const nodes: Node[] = await Promise.all(
    compiled.map(async (each) => ({
      ...each,
      instance: await instantiateQuery(each.program, { memoryBytesMax }),
      rows: new FoldedRows(),
      failure: null,
    })),
  );
  const random = new Random(feed.seed);
  const inputs = [...sources].map(([name, source]) => new TableFeed(source, tables[name] ?? [], feed.batchRows));
  const graph = new Graph(nodes);
  for (let open = inputs; open.length > 0; ) {
    const input = random.pick(open);
    const batch = input.next();
    if (batch === null) {
      open = open.filter((each) => each !== input);
      continue;
    }
    graph.push(input.name, input.columns, batch);
    const { allowed } = input;
    if (random.chance(0.7) && allowed !== null) input.watermark = allowed - (random.chance(0.3) ? BigInt(random.below(10_000_000)) : 0n);
    if (random.chance(0.8)) graph.advance(inputs);
    if (feed.images !== undefined) await graph.replaceInstances(random, feed.images);
  }
  for (const input of inputs) input.watermark = endOfTime;
  graph.advance(inputs);
  return new Map(nodes.map((node) => [node.definition.name, node.failure ?? node.rows.wrong ?? node.rows.list()]));
}

class TableFeed {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  watermark: bigint | null = null;
  readonly #values: Values;
  readonly #batchRows: number;
  readonly #time: number;
  #at = 0;
  #latest: bigint | null = null;

  constructor(source: SourceDefinition, values: Values, batchRows: number) {
    this.name = source.name;
    this.columns = source.columns;
    this.#values = values;
    this.#batchRows = batchRows;
    this.#time = source.columns.findIndex((column) => column.name === source.eventTime);
  }

  next(): Batch | null {
    if (this.#at >= this.#values.length) return null;
    const rows = this.#values.slice(this.#at, this.#at + this.#batchRows);
    this.#at += rows.length;
    for (const row of rows) {
      const at = row[this.#time] as bigint | null;
      if (at !== null && !infinities.includes(at) && (this.#latest === null || at > this.#latest)) this.#latest = at;
    }
    return buildBatch(this.columns, rows);
  }

  /** Null before the first time. */
  get allowed(): bigint | null {
    return this.#latest === null ? null : this.#latest - BigInt(latenessMicros);
  }
}

class Graph {
  readonly #nodes: readonly Node[];

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes;
  }

  push(table: string, columns: readonly ColumnSpec[], batch: Batch): void {
    if (batch.rows === 0) return;
    for (const node of this.#nodes) {
      node.program.inputs.forEach((input, index) => {
        if (input.table !== table) return;
        const picked = input.columns.map((name) => batch.columns[columns.findIndex((column) => column.name === name)] as Column);
        this.#guarded(node, () => node.instance.push(index, { ...batch, columns: picked }));
      });
    }
  }

  /** Watermarks go down the graph as the runtime sends them. */
  advance(inputs: readonly TableFeed[]): void {
    const reached = new Map<string, bigint | null>(inputs.map(({ name, watermark }) => [name, watermark]));
    for (const node of this.#nodes) {
      const { definition } = node;
      const above = least(definition.reads.map((name) => reached.get(name) ?? null));
      if (above !== null) this.#guarded(node, () => node.instance.advance(above));
      const ends = above === endOfTime;
      const known =
        above === null || (definition.eventTime === null && !ends) ? null : ends ? above : above - definition.eventTimeDelayMicros;
      reached.set(definition.name, known);
    }
  }

  /** Some go on as another instance, of an image of what they were. */
  async replaceInstances(random: Random, share: number): Promise<void> {
    for (const node of this.#nodes) {
      if (node.failure !== null || !random.chance(share)) continue;
      const image = node.instance.image?.(null) ?? null;
      if (image !== null) node.instance = await instantiateQuery(node.program, { memoryBytesMax, image });
    }
  }

  #guarded(node: Node, work: () => void): void {
    if (node.failure !== null) return;
    try {
      work();
      for (let batch = node.instance.take(); batch !== null; batch = node.instance.take()) {
        if (batch.rows > batchRowsMax) throw new Error(`an output batch of ${batch.rows} rows`);
        node.rows.add(batch);
        this.push(node.definition.name, node.definition.schema, batch);
      }
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      this.#fail(node, `${error.reason}: ${error.message}`);
    }
  }

  #fail(node: Node, message: string): void {
    node.failure ??= message;
    for (const reader of this.#nodes)
      if (reader.definition.reads.includes(node.definition.name)) this.#fail(reader, 'its input has failed');
  }
}

function least(watermarks: readonly (bigint | null)[]): bigint | null {
  return watermarks.reduce((a, b) => (a === null || b === null ? null : a < b ? a : b));
}
