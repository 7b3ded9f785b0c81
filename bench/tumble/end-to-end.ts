import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { cpuMs } from '../measure.ts';
import { columnsSql, querySql } from './kernel.ts';

const millrace = fileURLToPath(new URL('../../engine/cli/millrace.mjs', import.meta.url));

export interface EndToEnd {
  readonly contestant: string;
  readonly cpuMs: number;
  readonly rows: number;
}

/** A Parquet file in, stored results out: the whole engine as users run it, and DuckDB with one thread doing the same once. */
export async function endToEnd(count: number, keys: number): Promise<EndToEnd[]> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const parquet = join(directory, 'rows.parquet');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(`COPY (SELECT TIMESTAMP '2023-11-14 22:13:20' + to_microseconds(i * 10) AS ts, (hash(i) % ${keys})::BIGINT AS k,
      (hash(i + 1) % 1000000)::DOUBLE / 10000 AS v, (hash(i + 2) % 4)::INTEGER AS kind FROM range(${count}) r(i)) TO '${parquet}' (FORMAT parquet)`);
    const own = runMillrace(directory, parquet);
    await connection.run(referenceWindowMacros);
    const ms = await cpuMs(async () => {
      await connection.run(`CREATE VIEW t AS SELECT * FROM read_parquet('${parquet}')`);
      await connection.run(`ATTACH '${join(directory, 'duckdb.db')}' AS stored`);
      await connection.run(`CREATE TABLE stored.answer AS ${querySql}`);
      await connection.run('CHECKPOINT stored');
    });
    const rows = Number((await connection.runAndReadAll('SELECT count(*) FROM stored.answer')).getRows()[0]?.[0]);
    connection.closeSync();
    if (rows !== own.rows) throw new Error(`the engine stored ${own.rows} rows, DuckDB ${rows}`);
    return [own, { contestant: 'DuckDB, one thread', cpuMs: ms, rows }];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runMillrace(directory: string, parquet: string): EndToEnd {
  const file = join(directory, 'tumble.sql');
  writeFileSync(
    file,
    `CREATE TABLE t (${columnsSql}) WITH (connector = file, path = '${parquet}', event_time = ts, max_lateness = '1 s');\nCREATE MATERIALIZED VIEW answer AS ${querySql};\n`,
  );
  const args = [millrace, 'run', file, '--data', join(directory, 'data'), '--speed', 'max', '--until-end', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(`millrace run failed: ${stderr}`);
  const summary = JSON.parse(stdout.trim().split('\n').at(-1) as string) as {
    cpu_seconds: number;
    queries: Record<string, { rows_out: number }>;
  };
  const [query] = Object.values(summary.queries);
  return { contestant: 'millrace, Parquet to store', cpuMs: summary.cpu_seconds * 1000, rows: query?.rows_out ?? 0 };
}
