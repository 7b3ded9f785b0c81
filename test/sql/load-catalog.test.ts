import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { planJson, printPlan } from '../../engine/plan/print-plan.ts';
import { nodesOf } from '../../engine/plan/walk-plan.ts';
import { diagnosticsMax, type LoadedCatalog, loadCatalog } from '../../engine/sql/load-catalog.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { fixtureEnvironment } from '../plan/fixture-connectors.ts';

const source =
  "CREATE TABLE s (ts TIMESTAMP NOT NULL, k VARCHAR NOT NULL, x DOUBLE) WITH (connector = generator, event_time = ts, max_lateness = '5 s');\n";

function load(...texts: string[]): Promise<LoadedCatalog> {
  return loadCatalog(
    texts.map((text, index) => ({ path: `queries/team/file${index}.sql`, text })),
    fixtureEnvironment,
  );
}

async function queries(...texts: string[]): Promise<readonly QueryDefinition[]> {
  const { catalog, diagnostics } = await load(source, ...texts);
  expect(diagnostics).toEqual([]);
  return catalog.queries;
}

const perMinute = `CREATE MATERIALIZED VIEW per_minute AS
SELECT window_start, window_end, k, count(*) AS n FROM tumble(s, ts, INTERVAL '1 minute') GROUP BY ALL;`;

describe('statements and files', () => {
  test('a view may stand before what it reads, in another file', async () => {
    const list = await queries('CREATE MATERIALIZED VIEW top AS SELECT k, n FROM per_minute WHERE n > 3;', perMinute);
    expect(list.map((query) => [query.id, query.reads])).toEqual([
      ['team/per_minute', ['s']],
      ['team/top', ['per_minute']],
    ]);
  });
  test('a source may stand after its readers', async () => {
    const { catalog, diagnostics } = await load(perMinute, source);
    expect(diagnostics).toEqual([]);
    expect(catalog.sources.get('s')).toMatchObject({ eventTime: 'ts', maxLatenessMs: 5000, idleTimeoutMs: null, late: 'divert', line: 1 });
  });
  test('one fault does not hide the others, nor blame what reads the faulty', async () => {
    const { catalog, diagnostics } = await load(
      `${source}CREATE MATERIALIZED VIEW a AS SELECT kk FROM s;\nCREATE MATERIALIZED VIEW b AS SELECT * FROM a;\n${perMinute}\nCREATE MATERIALIZED VIEW c AS SELEC 1;`,
      'CREATE MATERIALIZED VIEW d AS SELECT * FROM nothing;',
    );
    expect(diagnostics.map((each) => `${each.file} ${each.line}:${each.column} ${each.code}`)).toEqual([
      'queries/team/file0.sql 2:38 E0204',
      'queries/team/file0.sql 6:31 E0101',
      'queries/team/file1.sql 1:45 E0202',
    ]);
    expect(catalog.queries.map((query) => query.name)).toEqual(['per_minute']);
  });
  test('no more diagnostics than a person reads', async () => {
    const { diagnostics } = await load(
      source,
      Array.from({ length: 80 }, (_, index) => `CREATE VIEW v${index} AS SELECT nope FROM s;`).join('\n'),
    );
    expect(diagnostics.length).toBe(diagnosticsMax);
  });
  test('the statement and its SELECT are kept verbatim', async () => {
    const text = "-- é\nCREATE MATERIALIZED VIEW v WITH (retention = '1 d') AS\n  SELECT k, 'ü' AS u -- why\n  FROM s;";
    const [query] = await queries(text);
    expect(query?.statement).toBe(text.slice(5, -1));
    expect(query?.body).toBe("SELECT k, 'ü' AS u -- why\n  FROM s");
    expect(Buffer.from(text).subarray(query?.bodySpan.start, query?.bodySpan.end).toString()).toBe(query?.body);
    expect(query?.line).toBe(2);
  });
  test('folders are read at any depth, without tests', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
    try {
      mkdirSync(join(folder, 'b'));
      for (const name of ['b/two.sql', 'one.sql', 'one.test.sql', 'notes.md']) writeFileSync(join(folder, name), source);
      const { files, diagnostics } = await readQueryFiles([folder, join(folder, 'one.sql'), join(folder, 'none.sql')]);
      expect(files.map((file) => file.path)).toEqual([join(folder, 'b', 'two.sql'), join(folder, 'one.sql')]);
      expect(diagnostics).toMatchObject([{ code: 'E0103', file: join(folder, 'none.sql'), line: 0 }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  test('ids are unique', async () => {
    const sink = 'CREATE TABLE out (k VARCHAR) WITH (connector = kafka, role = sink);\n';
    const list = await queries(
      `${sink}INSERT INTO out SELECT k FROM s;\nINSERT INTO out SELECT k FROM s WHERE x > 1;\nCREATE MATERIALIZED VIEW file1 AS SELECT k FROM s;`,
    );
    expect(new Set(list.map((query) => query.id)).size).toBe(3);
  });
  test('parquet is a format of the connector file', async () => {
    const { catalog } = await load("CREATE TABLE p (ts TIMESTAMP) WITH (connector = parquet, path = 'x.parquet');");
    expect(catalog.sources.get('p')).toMatchObject({ connector: 'file', options: { path: 'x.parquet', format: 'parquet' } });
  });
  test('types that PostgreSQL does not have can be declared', async () => {
    const { catalog, diagnostics } = await load(
      "CREATE TABLE p (st STRUCT(a INTEGER, b VARCHAR[]), e ENUM('x', 'y'), m MAP(VARCHAR, DOUBLE), d DECIMAL(38,3)) WITH (connector = generator);",
    );
    expect(diagnostics).toEqual([]);
    expect(catalog.sources.get('p')?.columns.map((column) => column.type.kind)).toEqual(['struct', 'enum', 'map', 'decimal']);
  });
});

describe('views', () => {
  test('a plain view is inlined and pruned', async () => {
    const [query] = await queries(
      'CREATE VIEW big AS SELECT ts, k, x * 2 AS y FROM s WHERE x > 5;',
      "CREATE MATERIALIZED VIEW v AS SELECT window_start, count(*) AS n FROM tumble(big, ts, INTERVAL '1 minute') WHERE k = 'a' GROUP BY window_start;",
    );
    expect(query?.reads).toEqual(['s']);
    expect(printPlan(query!)).toContain("Filter  x > 5.0 AND k = 'a'");
  });
  test('NOT NULL survives stored views', async () => {
    const list = await queries(perMinute, 'CREATE MATERIALIZED VIEW v AS SELECT k, n, n / 2 AS half FROM per_minute;');
    expect(list[1]?.schema.map((column) => column.nullable)).toEqual([false, false, true]);
  });
  test('the result follows event time by its slowest column', async () => {
    const list = await queries(
      perMinute,
      'CREATE MATERIALIZED VIEW ends AS SELECT window_end AS ts, k FROM per_minute;',
      "CREATE MATERIALIZED VIEW hours AS SELECT window_start, sum(n) AS n FROM tumble(per_minute, window_start, INTERVAL '1 hour') GROUP BY window_start;",
      "CREATE MATERIALIZED VIEW sessions AS SELECT k, window_start, window_end, count(*) AS n FROM session(s, ts, k, INTERVAL '1 minute') GROUP BY ALL;",
      'CREATE MATERIALIZED VIEW rows AS SELECT ts, x FROM s;',
    );
    const times = Object.fromEntries(list.map((query) => [query.name, [query.eventTime, query.eventTimeDelayMicros]]));
    expect(times).toEqual({
      per_minute: ['window_start', 60_000_000n],
      ends: ['ts', 0n],
      hours: ['window_start', 3_600_000_000n],
      sessions: ['window_end', 0n],
      rows: ['ts', 0n],
    });
  });
  test('a window over a window of the same query says how far behind it is', async () => {
    const [query] = await queries(
      "CREATE MATERIALIZED VIEW v AS WITH m AS (SELECT window_start, k, count(*) AS n FROM tumble(s, ts, INTERVAL '1 minute') GROUP BY ALL) SELECT window_start, sum(n) AS n FROM tumble(m, window_start, INTERVAL '1 hour') GROUP BY window_start;",
    );
    const delays = [...nodesOf(query!.plan)].flatMap((node) => (node.kind === 'window' ? [node.window.delayMicros] : []));
    expect(delays).toEqual([undefined, 60_000_000n]);
    expect(query?.eventTimeDelayMicros).toBe(3_660_000_000n);
  });
  test('emit is final where the plan allows it', async () => {
    const list = await queries(
      perMinute,
      "CREATE MATERIALIZED VIEW v WITH (state_ttl = '1 h') AS SELECT k, count(*) AS n FROM s GROUP BY k;",
    );
    expect(list.map((query) => query.options.emit)).toEqual(['final', 'changes']);
    expect(list[1]?.bounds.filter((bound) => bound.by === 'ttl').map((bound) => bound.reason)).toEqual([
      'groups are forgotten 1 h after their last row',
    ]);
  });
  test('a query that cannot run is in the catalog all the same', async () => {
    const { catalog, diagnostics } = await load(source, 'CREATE MATERIALIZED VIEW v AS SELECT k, count(*) AS n FROM s GROUP BY k;');
    expect(diagnostics.map((each) => each.code)).toEqual(['E0311']);
    expect(catalog.queries.map((query) => query.bounds.some((bound) => !bound.bounded))).toEqual([true]);
  });
  test('a function in WebAssembly is bound by its types and never called', async () => {
    const [query] = await queries(
      "CREATE FUNCTION f(s VARCHAR, n INTEGER) RETURNS DOUBLE LANGUAGE wasm IMMUTABLE STRICT AS 'f.wasm', 'f';\nCREATE MATERIALIZED VIEW v AS SELECT f('a', 1) AS y, f(k, 2) AS z FROM s;",
    );
    expect(printPlan(query!)).toContain("f('a', 1) AS y, f(k, 2) AS z");
  });
  test('the plan as JSON has no bigint', async () => {
    const [query] = await queries(perMinute);
    expect(JSON.parse(JSON.stringify(planJson(query!)))).toMatchObject({
      kind: 'project',
      inputs: [{ kind: 'aggregate', state: { by: 'window' }, inputs: [{ window: { sizeMicros: '60000000' } }] }],
    });
  });
});
