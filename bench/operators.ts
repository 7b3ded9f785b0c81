import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { cpuMs, median } from './measure.ts';
import { type CaseMaker, caseMakers, growthCase, type OperatorCase } from './operators/cases.ts';
import { describe, requireSame } from './operators/digest.ts';
import { DuckdbRun } from './operators/duckdb.ts';
import { measureExchange } from './operators/exchange.ts';
import { compileCase, OperatorRun } from './operators/kernel.ts';
import { type InputRows, makeRows } from './operators/rows.ts';

const help = `Each operator alone: the generated kernel beside DuckDB (one thread, the same rows as tables), answers compared.
  --only LIST    of ${Object.keys(caseMakers).join(', ')}, growth (default: all of these), exchange (rows between lanes)
  --rows N       input rows, of both sides together (default 2000000)
  --keys LIST    numbers of distinct keys (default 1000,100000)
  --growth N     keys of the growth case (default 10000000)
  --rounds N     measured rounds (default 3); contestants take turns, medians are printed
  --no-duckdb    the kernel only
  --json FILE    writes the figures too`;

interface Figure {
  readonly operator: string;
  readonly keys: number;
  readonly contestant: string;
  readonly cpuMs: readonly number[];
  readonly nsPerRow: number;
  readonly rowsOut: number;
  readonly hash: string;
  /** CPU time of the kernel's longest call (ms). */
  readonly longestMs?: number;
}

export async function operators(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: [...Object.keys(caseMakers), 'growth'].join(',') },
      rows: { type: 'string', default: '2000000' },
      keys: { type: 'string', default: '1000,100000' },
      growth: { type: 'string', default: '10000000' },
      rounds: { type: 'string', default: '3' },
      'no-duckdb': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const figures: Figure[] = [];
  for (const name of values.only.split(',')) {
    if (name === 'exchange') {
      for (const keys of values.keys.split(','))
        figures.push(...(await measureExchange(Number(values.rows), Number(keys), Number(values.rounds))));
      continue;
    }
    const maker: CaseMaker | undefined = caseMakers[name];
    if (name !== 'growth' && maker === undefined) throw new Error(`no operator is called ${name}`);
    const cases =
      maker === undefined
        ? [{ keys: Number(values.growth), each: growthCase(Number(values.growth)) }]
        : values.keys.split(',').map((keys) => ({ keys: Number(keys), each: maker(Number(values.rows), Number(keys)) }));
    for (const { keys, each } of cases) figures.push(...(await measure(each, keys, Number(values.rounds), !values['no-duckdb'])));
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ node: process.version, rows: Number(values.rows), figures }, null, 2)}\n`);
}

async function measure(each: OperatorCase, keys: number, rounds: number, rival: boolean): Promise<Figure[]> {
  const program = await compileCase(each);
  setFlagsFromString('--no-liftoff');
  const tables = new Map<string, InputRows>(Object.entries(each.inputs).map(([name, shape]) => [name, makeRows(shape)]));
  const rows = [...tables].reduce((sum, [name, { count }]) => (each.lookups?.includes(name) ? sum : sum + count), 0);
  const kernel = await OperatorRun.create(each, program, tables);
  kernel.prepare();
  const { digest, longestMs: first } = kernel.run(true);
  const duckdb = rival ? await DuckdbRun.create(each, tables) : null;
  const times = { kernel: [] as number[], duckdb: [] as number[] };
  let longestMs = first;
  for (let round = 0; round < rounds; round++) {
    kernel.prepare();
    const cpu = await cpuMs(() => {
      longestMs = Math.max(longestMs, kernel.run(false).longestMs);
    });
    times.kernel.push(cpu);
    if (duckdb !== null) times.duckdb.push(await cpuMs(() => duckdb.run()));
  }
  if (duckdb !== null) requireSame(each.name, digest, await duckdb.digest());
  duckdb?.close();
  const figure = (contestant: string, cpu: readonly number[]): Figure => ({
    operator: each.name,
    keys,
    contestant,
    cpuMs: cpu,
    nsPerRow: (median(cpu) * 1e6) / rows,
    rowsOut: digest.rows,
    hash: digest.hash.toString(16),
  });
  const figures = [
    { ...figure('kernel', times.kernel), longestMs },
    ...(duckdb === null ? [] : [figure('DuckDB, one thread', times.duckdb)]),
  ];
  console.log(`${each.name}: ${rows.toLocaleString('en')} rows, ${keys.toLocaleString('en')} keys, ${describe(digest)}`);
  for (const { contestant, nsPerRow, cpuMs: cpu } of figures) {
    const least = ((Math.min(...cpu) * 1e6) / rows).toFixed(1);
    const pause = contestant === 'kernel' ? `   longest call ${longestMs.toFixed(1)} ms of CPU` : '';
    console.log(`  ${contestant.padEnd(20)} ${nsPerRow.toFixed(1).padStart(8)} ns of CPU a row (least ${least})${pause}`);
  }
  return figures;
}
