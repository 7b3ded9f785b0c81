import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Batch, Column, FixedColumn } from '../../connectors/batch.ts';
import type { SourceReader } from '../../connectors/connector.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { connectors } from '../../connectors/registry.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { QueryInstance } from '../../engine/compile/query-instance.ts';
import type { QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { sliceBatch } from '../../engine/run/batch/slice-batch.ts';
import { ingestTimeName } from '../../engine/run/lane/ingest-time.ts';
import { endOfTime } from '../../engine/run/time/event-time.ts';
import { scanLate } from '../../engine/run/time/late-scan.ts';
import { openContext } from '../connectors/open-source.ts';

export const nexmarkFolder = resolve(import.meta.dirname, '../../queries/nexmark');

/** How rows come in. */
export interface NexmarkFeed {
  readonly options: OptionValues;
  readonly batchRows: number;
}

/** One source of a query: its rows, and the watermark that they allow. */
class SourceFeed {
  readonly definition: SourceDefinition;
  readonly columns: readonly string[];
  watermark: bigint | null = null;
  readonly #reader: SourceReader;
  readonly #time: number;
  #latest = -(1n << 62n);

  constructor(definition: SourceDefinition, columns: readonly string[], reader: SourceReader) {
    this.definition = definition;
    this.columns = columns;
    this.#reader = reader;
    this.#time = columns.indexOf(definition.eventTime ?? '');
  }

  static async open(definition: SourceDefinition, read: ReadonlySet<string>, options: OptionValues): Promise<SourceFeed> {
    const connector = connectors.get(definition.connector);
    if (connector === undefined) throw new Error(`no connector ${definition.connector}`);
    const own = definition.columns.filter(({ name }) => name !== ingestTimeName);
    const needed = own.flatMap(({ name }, index) => (read.has(name) || name === definition.eventTime ? [index] : []));
    const context = openContext(own, { needed, options: { ...definition.options, ...options }, directory: nexmarkFolder });
    const columns = needed.map((index) => own[index]!.name);
    return new SourceFeed(definition, columns, await connector.open(context));
  }

  /** Rows come in when they happen. */
  place(column: string): number {
    return column === ingestTimeName ? this.#time : this.columns.indexOf(column);
  }

  async next(): Promise<Batch | null> {
    const polled = await this.#reader.poll();
    if ('batch' in polled) return polled.batch;
    this.watermark = endOfTime;
    return null;
  }

  /** The rows have been taken. */
  see(batch: Batch): void {
    if (this.#time < 0) return;
    const times = (batch.columns[this.#time] as FixedColumn).data as BigInt64Array;
    this.#latest = scanLate(times.subarray(0, batch.rows), this.#latest, 1n << 62n).top;
    this.watermark = this.#latest - BigInt(this.definition.maxLatenessMs) * 1000n;
  }
}

/** Runs one query over generated rows, source beside source in event time; gives every batch that comes out. */
export async function runNexmark(
  query: QueryDefinition,
  program: QueryProgram,
  sources: ReadonlyMap<string, SourceDefinition>,
  feed: NexmarkFeed,
  onOutput: (batch: Batch) => void,
): Promise<void> {
  const instance = await instantiateQuery(program, { memoryBytesMax: 4 * 2 ** 30 });
  const drain = () => {
    for (let batch = instance.take(); batch !== null; batch = instance.take()) onOutput(batch);
  };
  const feeds: SourceFeed[] = [];
  for (const name of query.reads) {
    const definition = sources.get(name) as SourceDefinition;
    const read = new Set(program.inputs.filter((input) => input.table === name).flatMap((input) => input.columns));
    feeds.push(await SourceFeed.open(definition, read, definition.connector === 'nexmark' ? feed.options : {}));
  }
  for (const each of feeds.filter(({ definition }) => definition.kind === 'lookup')) await replaceTable(each, program, instance);
  let open = feeds.filter(({ definition }) => definition.kind === 'stream');
  const streams = open;
  while (open.length > 0) {
    for (const each of open) await take(each, program, instance, feed.batchRows, drain);
    open = open.filter((each) => each.watermark !== endOfTime);
    const reached = streams.map(({ watermark }) => watermark).reduce((a, b) => (a === null || b === null ? null : a < b ? a : b));
    if (reached !== null) instance.advance(reached);
    drain();
  }
}

async function replaceTable(feed: SourceFeed, program: QueryProgram, instance: QueryInstance): Promise<void> {
  const batches: Batch[] = [];
  for (let batch = await feed.next(); batch !== null; batch = await feed.next()) batches.push(batch);
  program.inputs.forEach((input, index) => {
    if (input.table !== feed.definition.name) return;
    const picked = batches.map(({ rows, columns }) => ({
      rows,
      columns: input.columns.map((name) => columns[feed.place(name)] as Column),
    }));
    instance.replace(index, picked);
  });
}

async function take(feed: SourceFeed, program: QueryProgram, instance: QueryInstance, batchRows: number, drain: () => void): Promise<void> {
  const batch = await feed.next();
  if (batch === null) return;
  for (let from = 0; from < batch.rows; from += batchRows) {
    const part = sliceBatch(batch, from, Math.min(batch.rows, from + batchRows));
    program.inputs.forEach((input, index) => {
      if (input.table !== feed.definition.name) return;
      instance.push(index, { rows: part.rows, columns: input.columns.map((name) => part.columns[feed.place(name)] as Column) });
      drain();
    });
  }
  feed.see(batch);
}

/** MD5 over sorted CSV lines in the form of the independent runs. `bare`: without quotes and without the last newline. */
export function csvHash(rows: readonly (readonly unknown[])[], bare = false): string {
  const lines = rows.map((row) => row.map((value) => csvValue(value, bare)).join(',')).sort();
  return createHash('md5')
    .update(lines.join('\n') + (bare ? '' : '\n'))
    .digest('hex');
}

/** A timestamp comes as `{ micros }`. */
function csvValue(value: unknown, bare: boolean): string {
  if (typeof value === 'object' && value !== null && 'micros' in value) {
    const iso = new Date(Number((value as { micros: bigint }).micros / 1000n)).toISOString().slice(0, -1).replace('T', ' ');
    const text = iso.endsWith('.000') ? iso.slice(0, -4) : iso.replace(/0+$/, '');
    return bare ? text : `"${text}"`;
  }
  const text = String(value);
  return !bare && text.includes(' ') ? `"${text}"` : text;
}
