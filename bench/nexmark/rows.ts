import { resolve } from 'node:path';
import type { Batch, FixedColumn } from '../../connectors/batch.ts';
import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { ingestTimeName } from '../../engine/run/lane/ingest-time.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';

const folder = resolve(import.meta.dirname, '../../queries/nexmark');

export async function nexmarkCatalog(): Promise<Catalog> {
  const { files } = await readQueryFiles([folder]);
  const { catalog } = await loadCatalog(files, { connectors, sinks });
  return catalog;
}

/** What is done to a query, in order: rows into one of its inputs, or the watermark (microseconds) goes on. */
export type Feeding = { readonly input: number; readonly batch: Batch } | { readonly watermark: bigint };

export interface Feedings {
  readonly steps: readonly Feeding[];
  /** Rows of the sources that the query reads; a source that it reads twice counts once. */
  readonly rows: number;
}

/** Every column of a source. */
export async function sourceBatches(source: SourceDefinition, events: number): Promise<Batch[]> {
  return readBatches(
    source,
    source.columns.map((_, index) => index),
    events,
  );
}

/** The rows that a query reads, in memory: its sources side by side in event time, and the watermark after each stretch of events. */
export async function feedingsOf(query: QueryDefinition, program: QueryProgram, catalog: Catalog, events: number): Promise<Feedings> {
  const steps: Feeding[] = [];
  const sources = query.reads.map((name) => catalog.sources.get(name) as SourceDefinition);
  const read = await Promise.all(sources.map((source) => readBatches(source, neededOf(source, program), events)));
  let rows = 0;
  const latest = sources.map(() => 0n);
  const stretches = Math.max(...read.map((batches) => batches.length));
  for (let stretch = 0; stretch < stretches; stretch++) {
    for (const [index, source] of sources.entries()) {
      const batch = read[index]?.[stretch];
      if (batch === undefined) continue;
      rows += batch.rows;
      const needed = neededOf(source, program);
      const time = needed.indexOf(source.columns.findIndex(({ name }) => name === source.eventTime));
      const times = (batch.columns[time] as FixedColumn).data as BigInt64Array;
      latest[index] = (times[batch.rows - 1] as bigint) - BigInt(source.maxLatenessMs) * 1000n;
      program.inputs.forEach((input, number) => {
        if (input.table !== source.name) return;
        const places = input.columns.map((name) => needed.indexOf(source.columns.findIndex((column) => column.name === name)));
        steps.push({ input: number, batch: { rows: batch.rows, columns: places.map((place) => batch.columns[place]!) } });
      });
    }
    steps.push({ watermark: latest.reduce((a, b) => (a < b ? a : b)) });
  }
  steps.push({ watermark: (1n << 63n) - 1n });
  return { steps, rows };
}

function neededOf(source: SourceDefinition, program: QueryProgram): number[] {
  const names = new Set(program.inputs.filter(({ table }) => table === source.name).flatMap(({ columns }) => columns));
  return source.columns.flatMap(({ name }, index) => (names.has(name) || name === source.eventTime ? [index] : []));
}

/** `_ingest_time` is no connector's: here rows arrive when they happen. */
async function readBatches(source: SourceDefinition, needed: readonly number[], events: number): Promise<Batch[]> {
  const connector = connectors.get(source.connector);
  if (connector === undefined) throw new Error(`no connector ${source.connector}`);
  const columns = source.columns.filter(({ name }) => name !== ingestTimeName);
  const time = source.columns.findIndex(({ name }) => name === source.eventTime);
  const read = needed
    .map((index) => (source.columns[index]?.name === ingestTimeName ? time : index))
    .map((index) => columns.indexOf(source.columns[index]!));
  const asked = [...new Set(read)];
  const reader = await connector.open({
    source: source.name,
    columns,
    needed: asked,
    options: { ...source.options, events },
    eventTime: columns.findIndex(({ name }) => name === source.eventTime),
    positions: new Map(),
    directory: folder,
    clock: { now: () => Date.now() },
  });
  const batches: Batch[] = [];
  for (let polled = await reader.poll(); 'batch' in polled; polled = await reader.poll()) {
    const { rows, columns: made } = polled.batch;
    batches.push({ rows, columns: read.map((index) => made[asked.indexOf(index)]!) });
  }
  return batches;
}
