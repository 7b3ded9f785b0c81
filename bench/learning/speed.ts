import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import type { Figure } from './speed/contestant.ts';
import { forecastingRace } from './speed/forecasting.ts';
import { forestRace } from './speed/forest.ts';
import { defaultCache, installRivals } from './speed/install.ts';
import { PythonRivals } from './speed/python.ts';
import { rollingRaces } from './speed/rolling.ts';
import { generatedTasks, wanderingValues } from './speed/series.ts';
import { smoothingRaces } from './speed/smoothing.ts';
import { readTasks } from './tasks.ts';

const help = `Functions that learn, and rolling statistics, beside scikit-learn, pandas, polars, statsforecast and @bsull/augurs, each on one thread:
CPU time of the same work on generated series, in turns; answers compared. What is missing is installed into the cache folder.
  --only LIST   of forest, rolling, smoothing, forecast (default: all)
  --window N    rows of the rolling statistics (default 100)
  --rows N      rows of all series together (default 640000), in --series N of them (default 64)
  --tasks N     series to forecast (default 24)
  --data DIR    forecasts the first --tasks of DIR/fc_tasks.parquet instead
  --rounds N    measured rounds (default 5); medians are printed
  --cache DIR   folder of the rivals (default .cache/bench-rivals); --no-rivals: the kernels alone
  --json FILE   writes the figures too`;

const rowsOfOneSeries = 200_000;
const seeds = { rolling: 1, smoothing: 2 };

export async function learning(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: 'forest,rolling,smoothing,forecast' },
      window: { type: 'string', default: '100' },
      rows: { type: 'string', default: '640000' },
      series: { type: 'string', default: '64' },
      tasks: { type: 'string', default: '24' },
      data: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      cache: { type: 'string', default: defaultCache },
      'no-rivals': { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const tasks = await tasksOf(values.data, Number(values.tasks));
  const rivals = values['no-rivals'] ? { python: null, augurs: null } : await installRivals(values.cache);
  const python = rivals.python === null ? null : await PythonRivals.start(rivals.python);
  const rounds = Number(values.rounds);
  const only = values.only.split(',');
  const figures: Figure[] = [];
  printPlace(python);
  setFlagsFromString('--no-liftoff');
  try {
    if (only.includes('forest')) figures.push(...(await forestRace(rounds, python)));
    if (only.includes('rolling')) {
      const rows = { values: wanderingValues(Number(values.rows), seeds.rolling), series: Number(values.series) };
      figures.push(...(await rollingRaces(rows, Number(values.window), rounds, python)));
    }
    if (only.includes('smoothing'))
      figures.push(...(await smoothingRaces(wanderingValues(rowsOfOneSeries, seeds.smoothing), rounds, python)));
    if (only.includes('forecast')) figures.push(...(await forecastingRace(tasks, rounds, rivals.augurs, python)));
  } finally {
    python?.close();
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
}

async function tasksOf(data: string | undefined, count: number): Promise<ReturnType<typeof generatedTasks>> {
  if (data === undefined) return generatedTasks(count);
  const file = join(data, 'fc_tasks.parquet');
  if (existsSync(file)) return (await readTasks(file)).slice(0, count);
  process.stderr.write(`${file} is not there\n`);
  process.exit(2);
}

function printPlace(python: PythonRivals | null): void {
  const versions = Object.entries(python?.versions ?? {}).map(([name, version]) => `${name} ${version}`);
  console.log(`node ${process.version}${versions.length === 0 ? '' : `; ${versions.join(', ')}`}`);
  console.log(`${cpus().length} cores, load ${(loadavg()[0] ?? Number.NaN).toFixed(1)}; CPU time; x: how many times ours a rival takes`);
}
