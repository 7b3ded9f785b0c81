import { cpuMs, median } from '../../measure.ts';

/** One way to the same results. */
export interface Contestant {
  readonly name: string;
  /** CPU milliseconds of all of it, once. */
  run(): Promise<number>;
  /** The results, all of them; null: none that can be compared. */
  answer(): Promise<Float64Array | null>;
}

export interface Figure {
  readonly row: string;
  readonly contestant: string;
  readonly cpuMs: readonly number[];
  /** CPU time of one, in the row's unit. */
  readonly each: number;
  /** Largest difference of its results from ours; null: ours, or not the same results. */
  readonly difference: number | null;
}

/** A row of the benchmark: the first contestant is ours. */
export interface Race {
  readonly row: string;
  readonly unit: 'ns a row' | 'ms a forecast';
  /** Rows or forecasts of a run. */
  readonly count: number;
  readonly contestants: readonly Contestant[];
  /** The difference that is allowed, relative to the larger of 1 and the value: more is an error. */
  readonly tolerance: number;
  /** A rival is to take so many times as long. */
  readonly target?: number;
}

/** A contestant in this process. */
export function local(name: string, work: () => void, answer: () => Float64Array | null): Contestant {
  return { name, run: () => cpuMs(work), answer: async () => answer() };
}

/** Contestants take turns; the answers are compared before, the first of our runs is not measured. */
export async function race({ row, unit, count, contestants, tolerance, target }: Race, rounds: number): Promise<Figure[]> {
  for (const { run } of contestants) await run();
  const ours = await (contestants[0] as Contestant).answer();
  const differences = new Map<string, number | null>();
  for (const [k, { name, answer }] of contestants.entries()) {
    const theirs = k === 0 || ours === null ? null : await answer();
    const difference = theirs === null ? null : differenceOf(ours as Float64Array, theirs);
    if (difference !== null && !(difference <= tolerance))
      throw new Error(`${row}: ${name} differs by ${difference}, more than ${tolerance}`);
    differences.set(name, difference);
  }
  const times = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) for (const [k, { run }] of contestants.entries()) times[k]?.push(await run());
  const figures = contestants.map(({ name }, k): Figure => {
    const cpu = times[k] as number[];
    return {
      row,
      contestant: name,
      cpuMs: cpu,
      each: (median(cpu) * (unit === 'ns a row' ? 1e6 : 1)) / count,
      difference: differences.get(name) ?? null,
    };
  });
  print(row, unit, figures, target);
  return figures;
}

/** NaN of both is equal. */
export function differenceOf(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) throw new Error(`${b.length} results, not ${a.length}`);
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k] as number, b[k] as number];
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    const difference = Math.abs(x - y) / Math.max(1, Math.abs(x), Math.abs(y));
    if (!(difference <= most)) most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return most;
}

function print(row: string, unit: Race['unit'], figures: readonly Figure[], target: number | undefined): void {
  console.log(`\n${row}: ${unit}${target === undefined ? '' : ` (target: ${target} x)`}`);
  const own = figures[0] as Figure;
  for (const figure of figures) {
    const ratio = figure === own ? '' : `${ratioOf(own, figure).toFixed(2)} x`;
    const same = figure.difference === null ? '' : figure.difference === 0 ? 'equal' : `within ${figure.difference.toExponential(0)}`;
    console.log(`  ${figure.contestant.padEnd(34)} ${figure.each.toPrecision(4).padStart(10)} ${ratio.padStart(10)}   ${same}`.trimEnd());
  }
}

/** How many times as long a rival took: the median over the rounds, each of which ran both in turn. */
function ratioOf(own: Figure, rival: Figure): number {
  return median(rival.cpuMs.map((ms, round) => ms / (own.cpuMs[round] as number)));
}
