import { IsolationForest } from './isolation-forest.ts';
import { SeededRandom } from './seeded-random.ts';

/** Rows before the first forest. */
export const isolationRowsMin = 100;
/** Rows that are kept, for each row of a tree's sample. */
const keptPerSample = 4;
/** Share of the values below which their deviation is floating noise. */
const noise = 1e-12;

export interface IsolationOptions {
  readonly trees?: number;
  /** Rows of which each tree is made. */
  readonly sample?: number;
  /** Rows between two forests; the first ones are as far apart as there were rows. */
  readonly refitRows?: number;
  /** Mean age of the rows that forests are made of. */
  readonly historyRows?: number;
  readonly seed?: number;
}

/** A forest that is made anew of a random choice of late rows; columns in units of their standard deviation. */
export class IsolationLearner {
  readonly #columns: number;
  readonly #options: Required<IsolationOptions>;
  readonly #random: SeededRandom;
  readonly #most: number;
  readonly kept: number[][] = [];
  means: number[] = [];
  /** 0 of a column whose values do not differ. */
  deviations: number[] = [];
  #forest: IsolationForest | null = null;
  #rows = 0;
  #next = isolationRowsMin;

  constructor(columns: number, { trees = 100, sample = 256, refitRows = 1_000, historyRows = 10_000, seed = 42 }: IsolationOptions = {}) {
    this.#columns = columns;
    this.#options = { trees, sample, refitRows, historyRows, seed };
    this.#random = new SeededRandom(seed);
    this.#most = Math.max(isolationRowsMin, Math.min(keptPerSample * sample, historyRows));
  }

  /** Of a row of finite numbers; null while there is no forest. */
  path(row: readonly number[]): number | null {
    return this.#forest?.path(this.#scaled(row)) ?? null;
  }

  /** 0 to 1: about 0.5 is usual. */
  score(path: number): number {
    return (this.#forest as IsolationForest).score(path);
  }

  /** True: a new forest was made. */
  learn(row: readonly number[]): boolean {
    if (this.kept.length < this.#most) this.kept.push([...row]);
    else if (this.#random.next() * this.#options.historyRows < this.#most) this.kept[this.#random.below(this.#most)] = [...row];
    this.#rows++;
    if (this.#rows < this.#next) return false;
    this.#next = this.#rows + Math.min(this.#rows, this.#options.refitRows);
    this.#fit();
    return true;
  }

  #fit(): void {
    this.means = [];
    this.deviations = [];
    for (let column = 0; column < this.#columns; column++) {
      const values = this.kept.map((row) => row[column] as number);
      const first = values[0] as number;
      const mean = first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
      const deviation = Math.sqrt(variance);
      this.means.push(mean);
      this.deviations.push(deviation > noise * Math.abs(mean) && Number.isFinite(deviation) ? deviation : 0);
    }
    const { trees, sample } = this.#options;
    this.#forest = IsolationForest.fit(
      this.kept.map((row) => this.#scaled(row)),
      trees,
      sample,
      this.#random,
    );
  }

  #scaled(row: readonly number[]): Float32Array {
    return Float32Array.from(row, (value, column) => {
      const deviation = this.deviations[column] as number;
      return deviation > 0 ? (value - (this.means[column] as number)) / deviation : 0;
    });
  }
}
