import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { QueryError } from '../../engine/diagnostic.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { Catalog, QueryDefinition } from '../../engine/plan/catalog.ts';
import { ingestTimeName } from '../../engine/run/lane/ingest-time.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { TestDatabase } from '../../engine/test-runner/test-database.ts';
import { compareRows, type Row } from '../oracle/compare-rows.ts';
import { FoldedRows } from '../oracle/folded-rows.ts';
import { shownValue } from '../oracle/reference-values.ts';
import { pollsOf, openNexmark } from '../connectors/nexmark-support.ts';
import { determined } from '../../bench/nexmark/determined.ts';
import { nexmarkFolder, runNexmark } from './nexmark-support.ts';

const events = 50_000;
const names = Array.from({ length: 23 }, (_, number) => `q${number}`);
const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-test-kernels') });
let catalog: Catalog;
let reference: TestDatabase;

beforeAll(async () => {
  const { files } = await readQueryFiles([nexmarkFolder]);
  const loaded = await loadCatalog(files, { connectors, sinks });
  catalog = loaded.catalog;
  reference = await TestDatabase.create();
  await reference.begin([]);
  const streams = ['person', 'auction', 'bid'] as const;
  for (const name of streams) {
    const source = catalog.sources.get(name);
    if (source === undefined) throw new Error(`no source ${name}`);
    const columns = source.columns.filter((column) => column.name !== ingestTimeName);
    await reference.define([{ name, columns, eventTime: null, retentionMs: null, hotMs: 0 }]);
    for (const { batch } of await pollsOf(await openNexmark(name, { options: { events } }))) reference.append(name, batch);
    // Rows come in when they happen.
    await reference.run(`CREATE TABLE main.${name} AS SELECT *, date_time AS ${ingestTimeName} FROM made.${name}`);
  }
  await reference.run(`CREATE TABLE main.side_input AS SELECT range AS key, range::VARCHAR AS value FROM range(10000)`);
  const countChar = `CREATE MACRO count_char(text, letter) AS length(text) - length(replace(text, letter, ''))`;
  await reference.run(`USE memory.main; ${referenceWindowMacros}; ${countChar}`);
});

afterAll(async () => {
  reference.close();
  await compiler.close();
});

/** The program, or why it cannot run. */
async function compiled(query: QueryDefinition): Promise<QueryProgram | string> {
  try {
    return await compiler.compile(query);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe('every Nexmark query equals DuckDB over the same rows', () => {
  it.each(names)('%s', async (name) => {
    const query = catalog.queries.find((each) => each.file.endsWith(`/${name}.sql`)) as QueryDefinition;
    expect(query).toBeDefined();
    const program = await compiled(query);
    expect(typeof program === 'string' ? program : '').toBe('');
    const columns = query.schema.map((column) => column.name);
    const { columns: wanted, where = 'true' } = determined[name] ?? { columns };
    await reference.run(`CREATE OR REPLACE TABLE expected AS ${query.body}`);
    const answer = (table: string) => `SELECT ${wanted.join(', ')} FROM ${table} WHERE ${where}`;
    const expected: Row[] = (await reference.values(answer('expected'))).map((row) => row.map(shownValue));
    expect(expected.length).toBeGreaterThan(0);
    const total = Number((await reference.values('SELECT count(*) FROM expected'))[0]?.[0]);
    const places = wanted.map((column) => columns.indexOf(column));
    const left = where === 'true' ? null : new Set(expected.map((row) => row[0]));
    for (const batchRows of [8192, 997, 61]) {
      const folded = new FoldedRows();
      const feed = { options: { events, disorder: 700 }, batchRows };
      await runNexmark(query, program as QueryProgram, catalog.sources, feed, (batch) => folded.add(batch));
      expect(folded.wrong).toBeNull();
      const rows: Row[] = folded.list().map((row) => places.map((place) => row[place]));
      expect(rows.length).toBe(total);
      const got = left === null ? rows : rows.filter((row) => left.has(row[0]));
      expect(compareRows(got, expected)).toEqual([]);
    }
  });
});
