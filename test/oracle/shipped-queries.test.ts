import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectors } from '../../connectors/registry.ts';
import { sinks } from '../../connectors/sinks.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import type { Catalog, QueryDefinition, SourceDefinition, UserFunction } from '../../engine/plan/catalog.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { determined } from '../../bench/nexmark/determined.ts';
import { compareRows, type Row } from './compare-rows.ts';
import { loadRows, type Row as SourceRow, recordSources } from './record-sources.ts';
import { registerFunctions } from './reference-functions.ts';
import { shownValue } from './reference-values.ts';
import type { Compiled, Tables } from './run-case.ts';
import { type EngineFeed, engineCase } from './run-engine-case.ts';

const queries = resolve(import.meta.dirname, '../../queries');
/** Monday 09:00:00 UTC, in milliseconds. */
const startMs = Date.UTC(2026, 0, 5, 9);
const lengthMs: Readonly<Record<string, number>> = { demo: 15_000, nexmark: 30_000, monitoring: 60_000 };
const rowsMax = 30_000;
/** Slow enough for windows to close. */
const options = { nexmark: { rate: 1_000 } };

/** A disk that fills up, minute by minute, under a label that explodes: the made-up fleet has neither. */
const fillingDisk = Array.from(
  { length: 30 },
  (_, minute): SourceRow => ({
    ts: (startMs + 60_000 * (minute + 1)) * 1000,
    service: null,
    host: 'disk-1',
    name: 'system.filesystem.utilization',
    value: 0.6 + 0.004 * minute,
    labels: { snapshot: `s${minute}` },
  }),
);
const more: Readonly<Record<string, Readonly<Record<string, readonly SourceRow[]>>>> = { monitoring: { metrics: fillingDisk } };

/** What sketches are compared with, and the larger of their stated errors. */
const sketchErrorMax = 0.025;
const exactly = (body: string): string =>
  body.replaceAll('approx_quantile(', 'quantile_disc(').replace(/approx_count_distinct\(/g, 'count(DISTINCT ');

/** Of rows that are equal in what decides, any may be taken: another order of partitions may take another. */
const oneOrderOnly = /\b(arg_max|arg_min|first|last|any_value)\(/;

/** Three sizes of batch, one lane and four, and a restart in the middle. */
const feeds: readonly EngineFeed[] = [
  { lanes: 1, partitions: 1, batchRows: 8192, pauseEvery: 5000, cuts: [] },
  { lanes: 4, partitions: 4, batchRows: 500, pauseEvery: 2000, cuts: [] },
  { lanes: 1, partitions: 1, batchRows: 61, pauseEvery: 1500, cuts: [2500] },
  { lanes: 4, partitions: 3, batchRows: 500, pauseEvery: 700, cuts: [1500, 1700] },
];

function functionsOf({ queries: all }: Catalog): UserFunction[] {
  return [...new Map(all.flatMap(({ functions }) => functions).map((each) => [each.name, each])).values()];
}

/** What of a query's rows does not depend on which of two equal rows comes first. */
async function determinedPart(connection: DuckDBConnection, { name, schema }: QueryDefinition): Promise<(rows: readonly Row[]) => Row[]> {
  const open = determined[name];
  if (open === undefined) return (rows) => [...rows];
  const columns = open.columns.map((column) => schema.findIndex((each) => each.name === column));
  const [key = ''] = open.columns;
  const keys = await connection.runAndReadAll(`SELECT DISTINCT ${key} FROM ${name} WHERE ${open.where ?? 'true'}`);
  const kept = new Set(keys.getRows().map(([value]) => String(shownValue(value ?? null))));
  return (rows) => rows.filter((row) => kept.has(String(row[columns[0] as number]))).map((row) => columns.map((column) => row[column]));
}

/** Rows from a broker, and functions that DuckDB has not (learning.test.ts steps their definitions); what they answer is in their .test files. */
const foldersElsewhere: ReadonlySet<string> = new Set(['kafka-orders', 'learning']);

for (const folder of readdirSync(queries, { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && !foldersElsewhere.has(entry.name),
)) {
  describe(`queries/${folder.name}: every answer is DuckDB's, in lanes, batches and after restarts`, () => {
    const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-test-kernels') });
    const directory = join(queries, folder.name);
    let catalog: Catalog;
    let compiled: Compiled[];
    let tables: Tables;
    let connection: DuckDBConnection;
    const expected = new Map<string, Row[]>();

    beforeAll(async () => {
      const { files } = await readQueryFiles([directory]);
      const loaded = await loadCatalog(files, { connectors, sinks });
      expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      catalog = loaded.catalog;
      compiled = await Promise.all(
        catalog.queries.map(async (definition) => ({ definition, program: await compiler.compile(definition) })),
      );
      ({ tables, connection } = await recordSources(catalog, {
        directory,
        startMs,
        lengthMs: lengthMs[folder.name] ?? 20_000,
        rowsMax,
        options,
        more: more[folder.name] ?? {},
      }));
      await registerFunctions(connection, functionsOf(catalog));
      const views = files.flatMap(({ text }) => [...text.matchAll(/^CREATE VIEW \w+ AS[^;]*;/gm)].map(([statement]) => statement));
      for (const view of views) await connection.run(view);
      for (const { kind, name, body, clock } of catalog.queries) {
        if (clock === 'arrival') continue;
        const exact = exactly(body);
        if (kind === 'view') await connection.run(`CREATE TABLE ${name} AS ${exact}`);
        const read = await connection.runAndReadAll(kind === 'view' ? `FROM ${name}` : exact);
        const rows = read.getRows().map((row) => row.map(shownValue));
        expected.set(name, [...(expected.get(name) ?? []), ...rows]);
      }
    }, 300_000);

    afterAll(() => {
      connection?.closeSync();
      compiler.close();
    });

    for (const feed of feeds) {
      const how = `${feed.lanes} lanes, ${feed.partitions} partitions, batches of ${feed.batchRows}${feed.cuts.length > 0 ? ', restarts' : ''}`;
      it(how, { timeout: 300_000 }, async () => {
        const arriving = new Set(catalog.queries.flatMap(({ clock, reads }) => (clock === 'arrival' ? reads : [])));
        const sources = new Map(
          [...catalog.sources].map(([name, source]) => {
            const retentionMs = arriving.has(name) ? Number.MAX_SAFE_INTEGER : source.retentionMs;
            return [name, source.role === 'sink' ? source : { ...source, connector: 'rows', options: {}, retentionMs }];
          }),
        );
        const got = await engineCase({ sources, compiled, refused: new Map(), faults: [] }, tables, feed, feed.lanes > 1 ? compiler : null);
        await answerByArrival(catalog, got, expected);
        const wrong: string[] = [];
        for (const { definition } of compiled) {
          if (feed.partitions > 1 && oneOrderOnly.test(definition.body)) continue;
          const rows = got.get(definition.name);
          const part = await determinedPart(connection, definition);
          const right = part(expected.get(definition.name) as Row[]);
          const tolerance = exactly(definition.body) === definition.body ? undefined : sketchErrorMax;
          const differences = typeof rows === 'string' ? [rows] : compareRows(part(rows ?? []), right, tolerance);
          if (differences.length > 0) wrong.push(`${definition.name} (${right.length} rows): ${differences.join('; ')}`);
        }
        expect(wrong).toEqual([]);
      });
    }

    /** What comes of when rows came in is another answer in each run: DuckDB's over the rows as they were stored. */
    async function answerByArrival(
      catalog: Catalog,
      got: Awaited<ReturnType<typeof engineCase>>,
      expected: Map<string, Row[]>,
    ): Promise<void> {
      for (const { name, reads, body, clock } of catalog.queries) {
        if (clock !== 'arrival') continue;
        await connection.run('CREATE SCHEMA IF NOT EXISTS arrived; USE arrived');
        const scratch = mkdtempSync(join(tmpdir(), 'millrace-arrived-'));
        for (const source of reads.map((each) => catalog.sources.get(each) as SourceDefinition)) {
          const rows = (got.get(source.name) as readonly Row[]).map((row) =>
            Object.fromEntries(source.columns.map((column, index) => [column.name, row[index]])),
          );
          await loadRows(connection, source, rows, scratch);
        }
        const read = await connection.runAndReadAll(body);
        expected.set(
          name,
          read.getRows().map((row) => row.map(shownValue)),
        );
        await connection.run('USE main');
        rmSync(scratch, { recursive: true, force: true });
      }
    }

    it('has rows to compare', () => {
      for (const [name, rows] of expected) expect(rows.length, name).toBeGreaterThan(0);
    });
  });
}
