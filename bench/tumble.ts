import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { QueryProgram } from '../engine/compile/program.ts';
import { cpuMs, median } from './measure.ts';
import { DuckdbRun } from './tumble/duckdb.ts';
import { endToEnd } from './tumble/end-to-end.ts';
import { requireSame } from './tumble/groups.ts';
import { compileTumble, KernelRun } from './tumble/kernel.ts';
import { NativeRun } from './tumble/native.ts';
import { makeRows } from './tumble/rows.ts';
import { runScript } from './tumble/script.ts';

const help = `Filter, 10 s tumbling window, GROUP BY a BIGINT key: count, sum, min, max.
  --rows N     input rows (default 10000000)
  --keys LIST  numbers of distinct keys (default 1000,100000,1000000)
  --rounds N   measured rounds (default 7); contestants take turns, medians are printed
  --json FILE  writes the figures too
  --kernel     the generated kernel only, without rivals and without the end-to-end runs
  --end        the end-to-end runs only`;

const warmUpRounds = 2;

interface Figure {
  readonly keys: number;
  readonly contestant: string;
  readonly cpuMs: readonly number[];
  readonly nsPerRow: number;
  readonly groups: number;
  /** CPU time of the start, which `nsPerRow` leaves out; end to end only. */
  readonly startMs?: number;
}

/** Kernel-only and rivals: CPU time per input row; every group of every answer is compared. */
export async function tumble(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '10000000' },
      keys: { type: 'string', default: '1000,100000,1000000' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'string' },
      kernel: { type: 'boolean', default: false },
      end: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  // The parser's and compiler's own wasm need no optimising; kernels get V8's best code at once.
  setFlagsFromString('--liftoff');
  const program = await compileTumble();
  setFlagsFromString('--no-liftoff');
  const figures: Figure[] = [];
  for (const keys of values.keys.split(',').map(Number)) {
    const count = Number(values.rows);
    if (values.end) console.log(`${count.toLocaleString('en')} rows, ${keys.toLocaleString('en')} keys: ns of CPU per row`);
    else figures.push(...(await oneKeyCount(program, count, keys, Number(values.rounds), !values.kernel)));
    if (!values.kernel) figures.push(...(await printEndToEnd(count, keys)));
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ node: process.version, rows: Number(values.rows), figures }, null, 2)}\n`);
}

async function oneKeyCount(program: QueryProgram, count: number, keys: number, rounds: number, rivals: boolean): Promise<Figure[]> {
  const rows = makeRows(count, keys, 1);
  const kernel = new KernelRun(program, rows, false);
  const copying = new KernelRun(program, rows, true);
  await kernel.prepare();
  const answer = kernel.run(true);
  const duckdb = rivals ? await DuckdbRun.create(rows) : null;
  const native = rivals ? NativeRun.create(rows) : null;
  const kernelRun = (run: KernelRun) => async (): Promise<number> => {
    await run.prepare();
    return await cpuMs(() => void run.run(false));
  };
  const contestants: [string, () => number | Promise<number>][] = [
    ['kernel', kernelRun(kernel)],
    ['kernel, batches copied in', kernelRun(copying)],
  ];
  if (rivals) contestants.push(['JavaScript', () => cpuMs(() => void runScript(rows, 0))]);
  if (native !== null) contestants.push(['C, gcc -O3 -march=native', () => native.run()]);
  if (duckdb !== null) contestants.push(['DuckDB, one thread', () => cpuMs(() => duckdb.run())]);
  const times = new Map<string, number[]>(contestants.map(([name]) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [name, run] of contestants) {
      const ms = await run();
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  if (rivals) requireSame('JavaScript', runScript(rows, answer.count), answer);
  if (native !== null) requireSame('C', native.groups(), answer);
  if (duckdb !== null) requireSame('DuckDB', await duckdb.groups(), answer);
  native?.close();
  const figures = contestants.map(([contestant]) => {
    const cpu = times.get(contestant) as number[];
    return { keys, contestant, cpuMs: cpu, nsPerRow: (median(cpu) * 1e6) / count, groups: answer.count };
  });
  print(figures, count);
  return figures;
}

async function printEndToEnd(count: number, keys: number): Promise<Figure[]> {
  let own = 0;
  return (await endToEnd(count, keys)).map(({ contestant, cpuMs: cpu, rows, startMs, groups }) => {
    const nsPerRow = (median(cpu) * 1e6) / rows;
    if (startMs !== null) own = nsPerRow;
    const note = startMs === null ? `millrace / this: ${(own / nsPerRow).toFixed(2)}` : `and ${(startMs / 1000).toFixed(2)} s of start-up`;
    console.log(`  end to end: ${contestant.padEnd(31)} ${nsPerRow.toFixed(0).padStart(5)}   ${note}`);
    return { keys, contestant: `end to end: ${contestant}`, cpuMs: cpu, nsPerRow, groups, ...(startMs === null ? {} : { startMs }) };
  });
}

function print(figures: readonly Figure[], count: number): void {
  const own = figures[0] as Figure;
  console.log(
    `${count.toLocaleString('en')} rows, ${own.keys.toLocaleString('en')} keys, ${own.groups.toLocaleString('en')} groups: ns of CPU per row`,
  );
  for (const { contestant, nsPerRow, cpuMs: cpu } of figures) {
    const least = (Math.min(...cpu) * 1e6) / count;
    console.log(
      `  ${contestant.padEnd(28)} ${nsPerRow.toFixed(2).padStart(7)} (least ${least.toFixed(2)})   kernel / this: ${(own.nsPerRow / nsPerRow).toFixed(2)}`,
    );
  }
}
