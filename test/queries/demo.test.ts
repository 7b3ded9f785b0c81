import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectors } from '../../connectors/registry.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { type Row, rowsOf } from '../connectors/generator-support.ts';

/** What is left of `--for 30s` after the start, and of that after the waits for late rows and for the last results. */
const runMs = 26_000;
const folder = resolve(import.meta.dirname, '../../queries/demo');
const scratch = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
let catalog: Catalog;

beforeAll(async () => {
  const { files } = await readQueryFiles([folder]);
  const loaded = await loadCatalog(files, { connectors });
  expect(loaded.diagnostics).toEqual([]);
  catalog = loaded.catalog;
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The rows of a source during a run that begins at `startMs`, by a clock that jumps from one retry to the next. */
async function sourceRows(source: SourceDefinition, startMs: number): Promise<Row[]> {
  let now = startMs;
  const connector = connectors.get(source.connector);
  if (connector === undefined) throw new Error(`no connector ${source.connector}`);
  const reader = await connector.open({
    source: source.name,
    columns: source.columns,
    needed: source.columns.map((_, index) => index),
    options: source.options,
    eventTime: source.columns.findIndex(({ name }) => name === source.eventTime),
    positions: new Map(),
    directory: folder,
    clock: { now: () => now },
  });
  const names = source.columns.map(({ name }) => name);
  const end = (startMs + runMs) * 1000;
  const rows: Row[] = [];
  while (now < startMs + runMs) {
    const polled = await reader.poll();
    if ('idle' in polled) {
      now = polled.retryAt ?? now + 100;
      // A machine that is sampled without a pause has done nothing in between.
      await new Promise((resolve) => setTimeout(resolve, 15));
    } else if ('batch' in polled) {
      rows.push(...rowsOf(polled.batch, names));
      if (connector.paced && Number(rows.at(-1)?.[source.eventTime as string]) > end) break;
    } else break;
  }
  await reader.close();
  return rows.filter((row) => (row[source.eventTime as string] as number) < end);
}

async function load(connection: DuckDBConnection, source: SourceDefinition, rows: readonly Row[]): Promise<void> {
  const path = join(scratch, `${source.name}.jsonl`);
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  const types = source.columns.map(({ name, type }) => `"${name}": '${type.kind === 'timestamp' ? 'BIGINT' : type.kind}'`);
  const values = source.columns.map(({ name, type }) =>
    type.kind === 'timestamp' ? `make_timestamp("${name}") AS "${name}"` : `"${name}"`,
  );
  await connection.run(
    `CREATE TABLE ${source.name} AS SELECT ${values.join(', ')} FROM read_json('${path}', format = 'newline_delimited', columns = {${types.join(', ')}})`,
  );
}

/** How long after a window's end its rows come out: lateness at the source, and a window more for each view in between. */
function delaySeconds(query: QueryDefinition): number {
  return Math.max(
    ...query.reads.map((name) => {
      const source = catalog.sources.get(name);
      if (source !== undefined) return source.maxLatenessMs / 1000;
      const view = catalog.queries.find((each) => each.name === name) as QueryDefinition;
      return delaySeconds(view) + 5;
    }),
  );
}

describe.each([
  [15, 0],
  [15, 9.1],
  [3, 4.2],
  [3, 13],
  [9, 17.7],
])('a run that begins at %s h, %s s past a multiple of 20 s', (hour, phase) => {
  test('has results of every query', async () => {
    const startMs = Date.UTC(2026, 10, 1, hour, 4, 20) + phase * 1000;
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run(referenceWindowMacros);
      for (const source of catalog.sources.values()) await load(connection, source, await sourceRows(source, startMs));
      const empty: string[] = [];
      for (const query of catalog.queries) {
        await connection.run(`CREATE TABLE ${query.name} AS ${query.body}`);
        const windowed = query.schema.some(({ name }) => name === 'window_end');
        const closed = `window_end <= make_timestamp(${(startMs + runMs) * 1000}) - INTERVAL '${delaySeconds(query)} seconds'`;
        const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${query.name}${windowed ? ` WHERE ${closed}` : ''}`);
        if (reader.getRows()[0]?.[0] === 0n) empty.push(query.name);
      }
      expect(empty).toEqual([]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
});

test('every query file says in a comment what it answers', async () => {
  const { files } = await readQueryFiles([folder]);
  expect(files.length).toBe(catalog.queries.length + 1);
  for (const { path, text } of files) expect(text, path).toMatch(/^-- [A-Z].*[.?]\n/);
});
