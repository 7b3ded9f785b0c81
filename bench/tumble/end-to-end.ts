import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { cpuMs, median } from '../measure.ts';
import { columnsSql, querySql } from './kernel.ts';

const millrace = fileURLToPath(new URL('../../engine/cli/millrace.mjs', import.meta.url));
/** A run over so few rows is all start-up. */
const startRows = 1;
const runs = 3;
const formats = {
  parquet: { title: 'Parquet', share: 1, copy: 'FORMAT parquet' },
  csv: { title: 'CSV', share: 0.2, copy: 'FORMAT csv' },
  json: { title: 'JSON lines', share: 0.2, copy: 'FORMAT json' },
} as const;
type Format = keyof typeof formats;

export interface EndToEnd {
  readonly contestant: string;
  readonly rows: number;
  /** CPU time of each run less that of a run over one row. */
  readonly cpuMs: readonly number[];
  /** CPU time of a run over one row; null where there is nothing to start. */
  readonly startMs: number | null;
  readonly groups: number;
}

/** A file in, stored results out: the whole engine as users run it, and DuckDB with one thread doing the same once. */
export async function endToEnd(count: number, keys: number): Promise<EndToEnd[]> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  try {
    await connection.run(referenceWindowMacros);
    const results: EndToEnd[] = [];
    for (const format of Object.keys(formats) as Format[]) {
      const rows = Math.round(count * formats[format].share);
      results.push(...(await oneFormat(connection, directory, format, rows, keys)));
    }
    return results;
  } finally {
    connection.closeSync();
    rmSync(directory, { recursive: true });
  }
}

async function oneFormat(connection: DuckDBConnection, directory: string, format: Format, rows: number, keys: number): Promise<EndToEnd[]> {
  const { title } = formats[format];
  const one = join(directory, `one.${format}`);
  const all = join(directory, `all.${format}`);
  await writeRows(connection, one, format, startRows, keys);
  await writeRows(connection, all, format, rows, keys);
  const own: number[] = [];
  const start: number[] = [];
  const rival: number[] = [];
  const data = join(directory, `data-${format}`);
  for (let run = 0; run < runs; run++) {
    start.push(runMillrace(directory, one, `${data}-one-${run}`));
    own.push(runMillrace(directory, all, `${data}-${run}`));
    rival.push(await runDuckdb(connection, all));
  }
  const groups = await requireSameStored(connection, join(directory, 'stored.parquet'), `${data}-${runs - 1}`);
  const startMs = median(start);
  return [
    { contestant: `millrace, ${title} to store`, rows, cpuMs: own.map((ms) => ms - startMs), startMs, groups },
    { contestant: `DuckDB, one thread, ${title}`, rows, cpuMs: rival, startMs: null, groups },
  ];
}

async function writeRows(connection: DuckDBConnection, path: string, format: Format, rows: number, keys: number): Promise<void> {
  await connection.run(`COPY (SELECT TIMESTAMP '2023-11-14 22:13:20' + to_microseconds(i * 10) AS ts, (hash(i) % ${keys})::BIGINT AS k,
    (hash(i + 1) % 1000000)::DOUBLE / 10000 AS v, (hash(i + 2) % 4)::INTEGER AS kind FROM range(${rows}) r(i)) TO '${path}' (${formats[format].copy})`);
}

/** CPU milliseconds of the engine's process, start-up included. */
function runMillrace(directory: string, input: string, data: string): number {
  const file = join(directory, 'tumble.sql');
  writeFileSync(
    file,
    `CREATE TABLE t (${columnsSql}) WITH (connector = file, path = '${input}', event_time = ts, max_lateness = '1 s');\nCREATE MATERIALIZED VIEW answer AS ${querySql};\n`,
  );
  const stdout = command(['run', file, '--data', data, '--speed', 'max', '--until-end', '--json']).toString();
  const summary = JSON.parse(stdout.trim().split('\n').at(-1) as string) as { cpu_seconds: number };
  return summary.cpu_seconds * 1000;
}

function command(args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [millrace, ...args], { maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`millrace ${args[0]} failed: ${stderr}`);
  return stdout;
}

/** CPU milliseconds from the file to a table in a database file. The table stays as `answer`. */
async function runDuckdb(connection: DuckDBConnection, input: string): Promise<number> {
  const database = `${input}.db`;
  const ms = await cpuMs(async () => {
    await connection.run(`CREATE OR REPLACE TEMP VIEW t AS SELECT * FROM ${readingSql(input)}`);
    await connection.run(`ATTACH '${database}' AS stored`);
    await connection.run(`CREATE TABLE stored.answer AS ${querySql}`);
    await connection.run('CHECKPOINT stored');
  });
  await connection.run('CREATE OR REPLACE TEMP TABLE answer AS SELECT * FROM stored.answer');
  await connection.run('DETACH stored');
  rmSync(database);
  return ms;
}

function readingSql(input: string): string {
  if (input.endsWith('.parquet')) return `read_parquet('${input}')`;
  const columns = "columns = {'ts': 'TIMESTAMP', 'k': 'BIGINT', 'v': 'DOUBLE', 'kind': 'INTEGER'}";
  return input.endsWith('.csv') ? `read_csv('${input}', ${columns})` : `read_json('${input}', format = 'newline_delimited', ${columns})`;
}

/** Every stored group against DuckDB's; sums may differ by the order of additions. Gives their number. */
async function requireSameStored(connection: DuckDBConnection, path: string, data: string): Promise<number> {
  const selected = 'SELECT window_start, k, n, total, low, high FROM answer';
  writeFileSync(path, command(['sql', selected, '--data', data, '--format', 'parquet', '--limit', '1000000000']));
  const [counts] = (
    await connection.runAndReadAll(`SELECT (SELECT count(*) FROM answer), (SELECT count(*) FROM read_parquet('${path}')), count(*) FILTER (
      WHERE own.n IS DISTINCT FROM other.n OR own.low IS DISTINCT FROM other.low OR own.high IS DISTINCT FROM other.high
        OR own.total IS NULL OR other.total IS NULL OR abs(own.total - other.total) > 1e-9 * abs(other.total))
      FROM read_parquet('${path}') own FULL JOIN answer other USING (window_start, k)`)
  ).getRows();
  const [expected, stored, different] = (counts ?? []).map(Number);
  if (expected !== stored) throw new Error(`the engine stored ${stored} rows, DuckDB ${expected}`);
  if (different !== 0) throw new Error(`${different} of ${expected} stored rows are not as DuckDB has them`);
  return expected as number;
}
