import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { DuckDBInstance } from '@duckdb/node-api';
import { cpuMs, median } from './measure.ts';
import { columnsSql, compileOver, makeRows, OverRun, querySql } from './over/kernel.ts';

const help = `OVER (PARTITION BY k ORDER BY ts ROWS 10 PRECEDING): count, sum, avg, min, max of every row.
  --rows N     input rows (default 4000000)
  --keys LIST  numbers of distinct keys (default 1000,100000)
  --rounds N   measured rounds (default 5); medians are printed
  --duckdb     DuckDB beside it, one thread, the same rows as one table`;

/** CPU time per row of the generated kernel, rows already in its memory. */
export async function over(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '4000000' },
      keys: { type: 'string', default: '1000,100000' },
      rounds: { type: 'string', default: '5' },
      duckdb: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const program = await compileOver();
  setFlagsFromString('--no-liftoff');
  const node = program.operators.find((operator) => operator.kind === 'over')?.node ?? 0;
  for (const keys of values.keys.split(',').map(Number)) {
    const rows = Number(values.rows);
    const run = await OverRun.create(program, makeRows(rows, keys));
    const times: number[] = [];
    for (let round = -1; round < Number(values.rounds); round++) {
      run.prepare();
      let out = 0;
      const ms = await cpuMs(() => {
        out = run.run();
      });
      // The rows of the last microsecond wait for the next batch's watermark.
      if (round >= 0 && out !== rows) throw new Error(`${out} rows came out, not ${rows}`);
      if (round >= 0) times.push(ms);
    }
    const perRow = (ms: number): string => ((ms * 1e6) / rows).toFixed(0);
    const bytes = Math.round(run.stateBytes(node) / keys);
    console.log(
      `${rows.toLocaleString('en')} rows, ${keys.toLocaleString('en')} keys: kernel ${perRow(median(times))} ns of CPU a row (least ${perRow(Math.min(...times))}), ${bytes} bytes a key`,
    );
    if (values.duckdb) console.log(`  DuckDB, one thread ${perRow(await duckdb(rows, keys))}`);
  }
}

async function duckdb(count: number, keys: number): Promise<number> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await connection.run(`CREATE TABLE t(${columnsSql})`);
  await connection.run(
    `INSERT INTO t SELECT make_timestamp(i), (hash(i) % ${keys})::BIGINT, 10000 + (hash(i + 1) % 1000)::DOUBLE / 8 FROM range(${count}) r(i)`,
  );
  const ms = await cpuMs(async () => {
    await connection.run(`CREATE OR REPLACE TABLE result AS ${querySql}`);
  });
  connection.closeSync();
  return ms;
}
