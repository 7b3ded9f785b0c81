import { binaryLogarithm } from './binary-logarithm.ts';
import type { SeededRandom } from './seeded-random.ts';

const eulerGamma = 0.5772156649015329;

export interface IsolationLeaf {
  readonly depth: number;
  /** Rows of the sub-sample that came here. */
  readonly rows: number;
}

/** Rows whose value of `column` is at most `threshold` go left. */
export interface IsolationSplit {
  readonly column: number;
  readonly threshold: number;
  readonly left: IsolationNode;
  readonly right: IsolationNode;
}

export type IsolationNode = IsolationLeaf | IsolationSplit;

/** Mean number of splits that set one of so many rows apart from the rest: c(n) of Liu, Ting and Zhou, Isolation Forest, 2008. */
export function isolationPath(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (binaryLogarithm(rows - 1) * Math.LN2 + eulerGamma) - (2 * (rows - 1)) / rows;
}

/**
 * Trees that split a few rows of the past by random columns at random places: what few splits set apart from the rest is unusual. Rows
 * are told and compared as f32, as scikit-learn does.
 */
export class IsolationForest {
  readonly #trees: readonly IsolationNode[];
  readonly #sample: number;

  /** `sample`: rows of which each tree was made. */
  constructor(trees: readonly IsolationNode[], sample: number) {
    this.#trees = trees;
    this.#sample = sample;
  }

  /** Each tree of `sample` of the rows, or of all of them where they are fewer; at least 2 rows. */
  static fit(rows: readonly Float32Array[], trees: number, sample: number, random: SeededRandom): IsolationForest {
    const order = rows.map((_, row) => row);
    const size = Math.min(sample, rows.length);
    const depthMax = Math.ceil(Math.log2(size));
    const made: IsolationNode[] = [];
    for (let tree = 0; tree < trees; tree++) {
      for (let k = 0; k < size; k++) swap(order, k, k + random.below(order.length - k));
      made.push(
        grow(
          order.slice(0, size).map((row) => rows[row] as Float32Array),
          0,
          depthMax,
          random,
        ),
      );
    }
    return new IsolationForest(made, size);
  }

  /** Splits to the row's leaves, and those that would set it apart there, summed over the trees. */
  path(row: ArrayLike<number>): number {
    let sum = 0;
    for (const tree of this.#trees) {
      let node = tree;
      while ('column' in node) node = (row[node.column] as number) <= node.threshold ? node.left : node.right;
      sum += node.depth + isolationPath(node.rows);
    }
    return sum;
  }

  /** 0 to 1, of a path: about 0.5 is usual. The negative of scikit-learn's score_samples. */
  score(path: number): number {
    return 2 ** -(path / this.#trees.length / isolationPath(this.#sample));
  }
}

function grow(rows: Float32Array[], depth: number, depthMax: number, random: SeededRandom): IsolationNode {
  const leaf = { depth, rows: rows.length };
  if (depth >= depthMax || rows.length <= 1) return leaf;
  const range = splitRange(rows, random);
  if (range === null) return leaf;
  const { column, least, most } = range;
  const drawn = Math.fround(least + random.next() * (most - least));
  const threshold = drawn < most ? drawn : least;
  const above = partition(rows, (row) => (row[column] as number) <= threshold);
  const left = grow(rows.slice(0, above), depth + 1, depthMax, random);
  return { column, threshold, left, right: grow(rows.slice(above), depth + 1, depthMax, random) };
}

/** A random column of those whose values differ. */
function splitRange(rows: readonly Float32Array[], random: SeededRandom): { column: number; least: number; most: number } | null {
  const candidates = Array.from(rows[0] as Float32Array, (_, column) => column);
  while (candidates.length > 0) {
    const drawn = random.below(candidates.length);
    const column = candidates[drawn] as number;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      least = Math.min(least, row[column] as number);
      most = Math.max(most, row[column] as number);
    }
    if (most > least) return { column, least, most };
    const last = candidates.pop() as number;
    if (drawn < candidates.length) candidates[drawn] = last;
  }
  return null;
}

/** Rows that go left first; gives the place of the first that goes right. */
function partition(rows: Float32Array[], goesLeft: (row: Float32Array) => boolean): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    if (goesLeft(rows[from] as Float32Array)) from++;
    else swap(rows, from, --to);
  }
  return from;
}

function swap<T>(items: T[], a: number, b: number): void {
  [items[a], items[b]] = [items[b] as T, items[a] as T];
}
