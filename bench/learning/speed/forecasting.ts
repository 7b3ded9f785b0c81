import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileModel, geometricMean, mean } from '../shared.ts';
import { horizon, pointsMin, type Task, timing } from '../tasks.ts';
import { type Contestant, type Figure, local, race } from './contestant.ts';
import type { PythonRivals } from './python.ts';

interface Kernel {
  openForecast(points: number, stepMicros: number, everyMicros: number, horizon: number, method: number): number;
  stepForecast(state: number, value: number, micros: bigint): void;
  closeForecast(state: number): void;
  readonly forecastMean: { readonly value: number };
}

interface Mstl {
  fit(values: Float64Array): void;
  predict(horizon: number, level: number): { readonly point: readonly number[] };
  free(): void;
}

interface AugursModule {
  default(options: { module_or_path: Uint8Array }): Promise<unknown>;
  readonly MSTL: { ets(periods: readonly number[]): Mstl };
}

/** As of `bench forecast`: so far may an error be from the seasonal naive forecast's. */
const [ratioMin, ratioMax] = [0.1, 10];
const target = 20;

/**
 * Forecasts of 60 steps with a band of 95 % from the same histories. Methods differ, and so do answers: their errors beside the seasonal
 * naive forecast's are what is compared.
 */
export async function forecastingRace(
  tasks: readonly Task[],
  rounds: number,
  augurs: string | null,
  python: PythonRivals | null,
): Promise<Figure[]> {
  const contestants = [
    await ours(tasks),
    augurs === null ? null : await augursMstl(tasks, augurs),
    ...(python === null ? [] : await statsforecast(tasks, python)),
  ].filter((each) => each !== null);
  const hidden = contestants.map((each): Contestant => ({ ...each, answer: async () => null }));
  const row = `forecast of ${horizon} steps, ${tasks.length} series of ${mean(tasks.map(({ history }) => history.length)).toFixed(0)} points`;
  const figures = await race({ row, unit: 'ms a forecast', count: tasks.length, contestants: hidden, tolerance: 0, target }, rounds);
  console.log('  error (MASE) beside the seasonal naive forecast, geometric mean:');
  for (const { name, answer } of contestants) {
    const forecasts = (await answer()) as Float64Array;
    if (forecasts.length !== tasks.length * horizon || !forecasts.every(Number.isFinite)) throw new Error(`${name}: not all is forecast`);
    console.log(`  ${name.padEnd(34)} ${errorRatio(tasks, forecasts).toFixed(3).padStart(10)}`);
  }
  return figures;
}

/** From the first point to the last, with the early forecast that a series begins with. */
async function ours(tasks: readonly Task[]): Promise<Contestant> {
  const kernel = await compileModel<Kernel>('forecast', ['openForecast', 'stepForecast', 'closeForecast', 'forecastMean']);
  const results = new Float64Array(tasks.length * horizon);
  const forecast = (task: Task, k: number): void => {
    const { step, every } = timing(task);
    const { history } = task;
    const state = kernel.openForecast(Math.max(pointsMin, history.length), step, every, horizon, 0);
    for (const [row, value] of history.entries()) kernel.stepForecast(state, value, BigInt(Math.round(row * step)));
    results.set(new Float64Array(kernel.memory.buffer, state + kernel.forecastMean.value, horizon), k * horizon);
    kernel.closeForecast(state);
  };
  return local(
    'forecast(), its kernel, all points',
    () => tasks.forEach(forecast),
    () => results,
  );
}

async function augursMstl(tasks: readonly Task[], folder: string): Promise<Contestant> {
  const module = (await import(pathToFileURL(join(folder, 'mstl.js')).href)) as AugursModule;
  await module.default({ module_or_path: readFileSync(join(folder, 'mstl_bg.wasm')) });
  const histories = tasks.map(({ history }) => Float64Array.from(history));
  const results = new Float64Array(tasks.length * horizon);
  const forecast = ({ season }: Task, k: number): void => {
    const model = module.MSTL.ets([season]);
    model.fit(histories[k] as Float64Array);
    results.set(model.predict(horizon, 0.95).point, k * horizon);
    model.free();
  };
  return local(
    '@bsull/augurs, MSTL with ETS',
    () => tasks.forEach(forecast),
    () => results,
  );
}

async function statsforecast(tasks: readonly Task[], python: PythonRivals): Promise<(Contestant | null)[]> {
  const options = {
    values: python.file('histories', Float64Array.from(tasks.flatMap(({ history }) => history))),
    lengths: tasks.map(({ history }) => history.length),
    seasons: tasks.map(({ season }) => season),
    horizon,
  };
  const contestant = (model: string) =>
    python.contestant(`statsforecast, ${model}`, 'statsforecast', 'statsforecast_model', { ...options, model });
  return [await contestant('MSTL'), await contestant('AutoETS')];
}

function errorRatio(tasks: readonly Task[], forecasts: Float64Array): number {
  const ratios = tasks.map(({ future, history, season }, k) => {
    const naive = future.map((_, h) => history[history.length - season + (h % season)] as number);
    const error = (of: (h: number) => number) => mean(future.map((value, h) => Math.abs(value - of(h))));
    const ratio = error((h) => forecasts[k * horizon + h] as number) / error((h) => naive[h] as number);
    return Number.isNaN(ratio) ? 1 : Math.min(Math.max(ratio, ratioMin), ratioMax);
  });
  return geometricMean(ratios);
}
