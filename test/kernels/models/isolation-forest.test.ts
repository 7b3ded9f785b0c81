import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { IsolationForest, type IsolationNode } from '../../../kernels/models/isolation-forest.ts';
import { SeededRandom } from '../../../kernels/models/seeded-random.ts';
import { Random } from '../../connectors/random.ts';
import { readFixture } from './support/fixtures.ts';

interface Tree {
  children_left: number[];
  children_right: number[];
  feature: number[];
  threshold: number[];
  n_node_samples: number[];
}

interface Case {
  max_samples_: number;
  max_depth: number;
  offset_: number;
  scaler: { mean: number[]; scale: number[] } | null;
  trees: Tree[];
  inputs: number[][];
  score_samples: number[];
  predict: number[];
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  take(bytes: number): number;
  seedRandom(random: number, seed: number): void;
  forestBytes(trees: number, depth: number): number;
  forestDepth(sample: number): number;
  beginForest(forest: number, trees: number, depth: number, sample: number): void;
  splitForest(forest: number, tree: number, place: number, column: number, threshold: number): void;
  endForest(forest: number, tree: number, place: number, level: number, rows: number): void;
  fitForest(forest: number, trees: number, sample: number, matrix: number, count: number, columns: number, random: number): void;
  forestPath(forest: number, row: number): number;
  forestPaths(forest: number, rows: number, stride: number, count: number, out: number): void;
  forestScore(forest: number, path: number): number;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
export { forestBytes, forestDepth, beginForest, splitForest, endForest, fitForest, forestPath, forestScore } from "./kernels/models/isolation-forest";
export { forestPaths } from "./kernels/models/isolation-forest-paths";
export { seedRandom } from "./kernels/models/seeded-random";
export function take(bytes: u32): usize { return allocate(bytes); }
limitMemory(4096);
`;

function nodeOf(tree: Tree, at: number, depth: number): IsolationNode {
  const column = tree.feature[at]!;
  if (column < 0) return { depth, rows: tree.n_node_samples[at]! };
  const [left, right] = [tree.children_left[at]!, tree.children_right[at]!].map((child) => nodeOf(tree, child, depth + 1));
  return { column, threshold: tree.threshold[at]!, left: left!, right: right! };
}

function layOut(kernel: Kernel, forest: number, tree: number, node: IsolationNode, place: number): void {
  if (!('column' in node)) {
    kernel.endForest(forest, tree, place, Math.floor(Math.log2(place + 1)), node.rows);
    return;
  }
  kernel.splitForest(forest, tree, place, node.column, node.threshold);
  layOut(kernel, forest, tree, node.left, 2 * place + 1);
  layOut(kernel, forest, tree, node.right, 2 * place + 2);
}

function scaled({ inputs, scaler }: Case): Float32Array[] {
  return inputs.map((row) =>
    Float32Array.from(row, (value, k) => (scaler === null ? value : (value - scaler.mean[k]!) / scaler.scale[k]!)),
  );
}

/** Addresses of the rows, one after the other. */
function put(kernel: Kernel, rows: readonly Float32Array[]): number {
  const columns = rows[0]!.length;
  const at = kernel.take(4 * columns * rows.length);
  for (const [k, row] of rows.entries()) new Float32Array(kernel.memory.buffer, at + 4 * columns * k, columns).set(row);
  return at;
}

function pathsOf(kernel: Kernel, forest: number, rows: readonly Float32Array[]): number[] {
  const stride = 4 * rows[0]!.length;
  const at = put(kernel, rows);
  const out = kernel.take(8 * rows.length);
  kernel.forestPaths(forest, at, stride, rows.length, out);
  const paths = [...new Float64Array(kernel.memory.buffer, out, rows.length)];
  expect(rows.map((_, k) => kernel.forestPath(forest, at + stride * k))).toEqual(paths);
  return paths;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, k) => k).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length);
  for (const [rank, k] of order.entries()) found[k] = rank;
  return found;
}

function spearman(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [ranks(a), ranks(b)];
  const n = a.length;
  return 1 - (6 * left.reduce((sum, rank, k) => sum + (rank - right[k]!) ** 2, 0)) / (n * (n * n - 1));
}

const fixture = readFixture<{ small: Case; seed_features_full: Case }>('isolation_forest.json');

describe.skipIf(fixture === null)("scikit-learn's forests", () => {
  it('give its scores and its outliers, by the definition and by the kernel', async () => {
    const kernel = await compileKernel<Kernel>(source);
    for (const each of [fixture!.small, fixture!.seed_features_full]) {
      const nodes = each.trees.map((tree) => nodeOf(tree, 0, 0));
      const definition = new IsolationForest(nodes, each.max_samples_);
      const forest = kernel.take(kernel.forestBytes(nodes.length, each.max_depth));
      kernel.beginForest(forest, nodes.length, each.max_depth, each.max_samples_);
      for (const [tree, node] of nodes.entries()) layOut(kernel, forest, tree, node, 0);
      const rows = scaled(each);
      const paths = pathsOf(kernel, forest, rows);
      for (const [k, row] of rows.entries()) {
        const wanted = each.score_samples[k]!;
        const scores = [definition.score(definition.path(row)), kernel.forestScore(forest, paths[k]!)];
        for (const score of scores) {
          expect(Math.abs(score + wanted)).toBeLessThan(1e-9);
          expect(-score - each.offset_ < 0 ? -1 : 1).toBe(each.predict[k]);
        }
      }
    }
  });
});

/** Scores of scikit-learn 1.9.1 for every tenth of the rows below: 1000 trees, sub-samples of 256. */
const scikitScores = [
  0.4843, 0.492, 0.5376, 0.5099, 0.4659, 0.4559, 0.431, 0.4693, 0.4706, 0.4625, 0.4471, 0.621, 0.4844, 0.5034, 0.5082, 0.6393, 0.4635,
  0.5286, 0.4601, 0.4984, 0.4214, 0.4418, 0.5866, 0.4356, 0.518, 0.4324, 0.4549, 0.5366, 0.4214, 0.5432, 0.4304, 0.4605, 0.4521, 0.4372,
  0.485, 0.5574, 0.6324, 0.4714, 0.4389, 0.4261, 0.4661, 0.462, 0.4341, 0.486, 0.6079, 0.4407, 0.4682, 0.473, 0.5166, 0.4633, 0.4502,
  0.4422, 0.5198, 0.474, 0.5604, 0.4751, 0.4257, 0.4431, 0.4425, 0.4208, 0.4855, 0.4428, 0.4595, 0.451, 0.4309, 0.4666, 0.4768, 0.4812,
  0.425, 0.4395, 0.5775, 0.4573, 0.5243, 0.4363, 0.5292, 0.4428, 0.4225, 0.4623, 0.4577, 0.5631, 0.4616, 0.4361, 0.4731, 0.4279, 0.5081,
  0.48, 0.4479, 0.5185, 0.4461, 0.5221, 0.4669, 0.4671, 0.463, 0.4608, 0.4352, 0.4306, 0.5036, 0.5072, 0.6048, 0.4471,
];

describe('an isolation forest', () => {
  it('of 1000 trees ranks rows as one of scikit-learn over the same rows does', () => {
    const random = new Random(9);
    const rows = Array.from({ length: 1000 }, (_, row) => {
      const level = Math.sin(row / 20) + random.next() ** 4;
      return Float32Array.of(level, level + random.next(), (row % 24) / 7, random.next() ** 8 * 5);
    });
    const forest = IsolationForest.fit(rows, 1000, 256, new SeededRandom(42));
    const scores = scikitScores.map((_, k) => forest.score(forest.path(rows[10 * k]!)));
    expect(spearman(scores, scikitScores)).toBeGreaterThanOrEqual(0.98);
    const off = scores.map((score, k) => Math.abs(score - scikitScores[k]!));
    expect(Math.max(...off)).toBeLessThan(0.02);
  });

  it('is the same in the kernel, to the bit', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const random = new Random(3);
    for (const [count, columns, trees, sample] of [
      [2, 1, 3, 16],
      [100, 1, 9, 64],
      [700, 5, 100, 256],
      [1500, 3, 13, 1024],
    ] as const) {
      const rows = Array.from({ length: count }, (_, row) =>
        Float32Array.from({ length: columns }, (__, k) => (k === 2 ? 7 : k === 3 ? row % 4 : random.next() ** 3 * 10 ** (4 * k))),
      );
      const forest = kernel.take(kernel.forestBytes(trees, kernel.forestDepth(sample)));
      const state = kernel.take(16);
      kernel.seedRandom(state, 7);
      kernel.fitForest(forest, trees, sample, put(kernel, rows), count, columns, state);
      const definition = IsolationForest.fit(rows, trees, sample, new SeededRandom(7));
      expect(pathsOf(kernel, forest, rows)).toEqual(rows.map((row) => definition.path(row)));
    }
  });

  it('scores any number of rows at once as one by one, of trees of any depth', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const random = new Random(6);
    const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];
    const rows = Array.from({ length: 300 }, (_, row) =>
      Float32Array.from({ length: 3 }, (__, k) => (row % 3 === k ? (strange[row] ?? random.next()) : random.next())),
    );
    const fitted = rows.slice(strange.length);
    for (const sample of [2, 3, 4, 5, 8, 9, 16, 256]) {
      const forest = kernel.take(kernel.forestBytes(5, kernel.forestDepth(sample)));
      const state = kernel.take(16);
      kernel.seedRandom(state, 7);
      kernel.fitForest(forest, 5, sample, put(kernel, fitted), fitted.length, 3, state);
      for (const count of [1, 7, 8, 127, 128, 129, 300]) pathsOf(kernel, forest, rows.slice(0, count));
    }
  });

  it('sees the row that stands apart, and none where all are equal', () => {
    const random = new Random(4);
    const rows = Array.from({ length: 500 }, () => Float32Array.of(random.next(), random.next()));
    rows[77] = Float32Array.of(9, -9);
    const forest = IsolationForest.fit(rows, 100, 256, new SeededRandom(1));
    const scores = rows.map((row) => forest.score(forest.path(row)));
    expect(scores.indexOf(Math.max(...scores))).toBe(77);
    expect(scores[77]).toBeGreaterThan(0.7);
    const equal = IsolationForest.fit(
      Array.from({ length: 300 }, () => Float32Array.of(5)),
      10,
      256,
      new SeededRandom(1),
    );
    expect(equal.score(equal.path(Float32Array.of(1e18)))).toBeCloseTo(0.5, 12);
  });
});
