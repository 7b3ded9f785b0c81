import { join } from 'node:path';
import { median } from '../measure.ts';
import { compileModel, cpuMicros, dataOptions, geometricMean, mean, openDuckDb } from './shared.ts';
import { horizon, pointsMin, readTasks, type Task, timing } from './tasks.ts';

interface Kernel {
  openForecast(points: number, stepMicros: number, everyMicros: number, horizon: number, method: number): number;
  stepForecast(state: number, value: number, micros: bigint): void;
  closeForecast(state: number): void;
  readonly forecastMean: { readonly value: number };
  readonly forecastLower: { readonly value: number };
  readonly forecastUpper: { readonly value: number };
}

interface Forecast {
  readonly mean: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly ms: number;
}

/** Shares outside of the band: 95 % should lie in it. */
const outsideShare = 0.05;
const [ratioMin, ratioMax] = [0.1, 10];

/**
 * Forecasts of 60 steps over the tasks of fc_tasks.parquet, by the kernel: error beside that of the seasonal naive forecast (ratio of MASE,
 * geometric mean, each within 0.1 and 10), sMAPE, coverage and score of the 95 % band, CPU time of a forecast. Rows: task, step, mean, lower, upper.
 */
export async function forecast(args: string[]): Promise<void> {
  const { data, out } = dataOptions(args, 'forecast', 'fc_tasks.parquet');
  const tasks = await readTasks(join(data, 'fc_tasks.parquet'));
  const kernel = await compileModel<Kernel>('forecast', [
    ...['openForecast', 'stepForecast', 'closeForecast'],
    ...['forecastMean', 'forecastLower', 'forecastUpper'],
  ]);
  process.stdout.write(`${tasks.length} tasks, ${horizon} steps\n\n`);
  process.stdout.write('method           MASE ratio   (raw)   sMAPE  coverage  interval ratio  ms a forecast\n');
  for (const [method, name] of ['forecast()', 'seasonal_naive'].entries()) {
    const all = tasks.map((task) => run(kernel, task, method));
    report(name, tasks, all);
    for (const set of new Set(tasks.map((task) => task.set))) {
      const chosen = tasks.flatMap((task, k) => (task.set === set ? [k] : []));
      report(
        `  ${set}`,
        chosen.map((k) => tasks[k] as Task),
        chosen.map((k) => all[k] as Forecast),
      );
    }
    if (out !== null && method === 0) await write(out, tasks, all);
  }
}

function run(kernel: Kernel & { readonly memory: WebAssembly.Memory }, task: Task, method: number): Forecast {
  const { step, every } = timing(task);
  const { history } = task;
  const state = kernel.openForecast(Math.max(pointsMin, history.length), step, every, horizon, method);
  const last = history.length - 1;
  const add = (row: number) => kernel.stepForecast(state, history[row] as number, BigInt(Math.round(row * step)));
  for (let row = 0; row < last; row++) add(row);
  const ms = cpuMicros(() => add(last)) / 1000;
  const part = ({ value }: { readonly value: number }) => [...new Float64Array(kernel.memory.buffer, state + value, horizon)];
  const result = { mean: part(kernel.forecastMean), lower: part(kernel.forecastLower), upper: part(kernel.forecastUpper), ms };
  kernel.closeForecast(state);
  return result;
}

function report(name: string, tasks: readonly Task[], forecasts: readonly Forecast[]): void {
  const raw = tasks.map((task, k) => errorOf(task, (forecasts[k] as Forecast).mean) / errorOf(task, naive(task)));
  const ratios = raw.map((ratio) => (Number.isNaN(ratio) ? 1 : Math.min(Math.max(ratio, ratioMin), ratioMax)));
  const inside = tasks.flatMap(({ future }, k) => {
    const { lower, upper } = forecasts[k] as Forecast;
    return future.map((value, h) => Number(value >= (lower[h] as number) && value <= (upper[h] as number)));
  });
  const spread = tasks.map((task, k) => intervalScore(task, forecasts[k] as Forecast));
  const finite = raw.filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  const cells = [
    geometricMean(ratios).toFixed(3).padStart(9),
    `(${geometricMean(finite).toFixed(3)})`.padStart(9),
    mean(tasks.map((task, k) => symmetricError(task, (forecasts[k] as Forecast).mean)))
      .toFixed(1)
      .padStart(7),
    mean(inside).toFixed(3).padStart(9),
    mean(spread.filter(Number.isFinite)).toFixed(2).padStart(14),
    median(forecasts.map(({ ms }) => ms))
      .toFixed(2)
      .padStart(12),
  ];
  process.stdout.write(`${name.padEnd(17)} ${cells.join(' ')}\n`);
}

/** The value of a season before. */
function naive({ history, season }: Task): number[] {
  return Array.from({ length: horizon }, (_, h) => history[history.length - season + (h % season)] as number);
}

function errorOf({ future }: Task, forecast_: readonly number[]): number {
  return mean(future.map((value, h) => Math.abs(value - (forecast_[h] as number))));
}

function symmetricError({ future }: Task, forecast_: readonly number[]): number {
  const terms = future.map((value, h) => {
    const size = Math.abs(value) + Math.abs(forecast_[h] as number);
    return size === 0 ? 0 : (200 * Math.abs(value - (forecast_[h] as number))) / size;
  });
  return mean(terms);
}

/** Width of the band and what lies outside of it, in mean seasonal differences of the history. */
function intervalScore({ future, history, season }: Task, { lower, upper }: Forecast): number {
  const scale = mean(history.slice(season).map((value, k) => Math.abs(value - (history[k] as number))));
  const terms = future.map((value, h) => {
    const [low, high] = [lower[h] as number, upper[h] as number];
    return high - low + (2 / outsideShare) * (Math.max(0, low - value) + Math.max(0, value - high));
  });
  return mean(terms) / scale;
}

async function write(path: string, tasks: readonly Task[], forecasts: readonly Forecast[]): Promise<void> {
  const connection = await openDuckDb();
  await connection.run('CREATE TABLE rows (task VARCHAR, step INTEGER, mean DOUBLE, lower DOUBLE, upper DOUBLE)');
  const appender = await connection.createAppender('rows');
  tasks.forEach(({ task }, k) => {
    const found = forecasts[k] as Forecast;
    for (let h = 0; h < horizon; h++) {
      appender.appendVarchar(task);
      appender.appendInteger(h + 1);
      for (const part of [found.mean, found.lower, found.upper]) appender.appendDouble(part[h] as number);
      appender.endRow();
    }
  });
  appender.closeSync();
  await connection.run(`COPY rows TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
}
