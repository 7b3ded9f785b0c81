import { IsolationLearner, type IsolationOptions } from './isolation-learner.ts';

/** How unusual a row of one or several numbers is among late rows, by an isolation forest. */
export class IforestScorer {
  readonly #learner: IsolationLearner;

  constructor(columns: number, options: IsolationOptions = {}) {
    this.#learner = new IsolationLearner(columns, options);
  }

  /** 0 to 1: about 0.5 is usual; of the forest made before the row. null for the first 100 rows, and where a column has no finite number. */
  step(values: readonly (number | null)[]): number | null {
    if (!values.every((value) => value !== null && Number.isFinite(value))) return null;
    const row = values as readonly number[];
    const path = this.#learner.path(row);
    const score = path === null ? null : this.#learner.score(path);
    this.#learner.learn(row);
    return score;
  }
}
