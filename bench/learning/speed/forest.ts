import { compileKernel } from '../../compile-kernel.ts';
import { type Contestant, type Figure, local, race } from './contestant.ts';
import type { PythonRivals } from './python.ts';
import { normalNumbers } from './series.ts';

const shape = { rows: 20_000, columns: 10, fitted: 5_000, trees: 100, sample: 256 };
const tolerance = 1e-9;
const target = 4;
/** One row in so many is unusual. */
const unusualEvery = 50;
/** Of a node in the dump: left, right, column, threshold, rows; a leaf's left is -1. */
const nodeFields = 5;

interface ForestKernel {
  readonly memory: WebAssembly.Memory;
  room(bytes: number): number;
  forestBytes(trees: number, depth: number): number;
  forestDepth(sample: number): number;
  beginForest(forest: number, trees: number, depth: number, sample: number): void;
  splitForest(forest: number, tree: number, place: number, column: number, threshold: number): void;
  endForest(forest: number, tree: number, place: number, level: number, rows: number): void;
  scoreRows(forest: number, rows: number, stride: number, count: number, out: number): void;
  scoreEach(forest: number, rows: number, stride: number, count: number, out: number): void;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
import { forestBytes, forestDepth, beginForest, splitForest, endForest, forestPath, forestScore } from "./kernels/models/isolation-forest";
import { forestPaths } from "./kernels/models/isolation-forest-paths";
export { forestBytes, forestDepth, beginForest, splitForest, endForest };
limitMemory(65536);
export function room(bytes: u32): usize { return allocate(bytes); }
export function scoreRows(forest: usize, rows: usize, stride: usize, count: u32, out: usize): void {
  forestPaths(forest, rows, stride, count, out);
  for (let k: u32 = 0; k < count; k++) {
    const at = out + (<usize>k << 3);
    store<f64>(at, forestScore(forest, load<f64>(at)));
  }
}
export function scoreEach(forest: usize, rows: usize, stride: usize, count: u32, out: usize): void {
  for (let k: u32 = 0; k < count; k++) store<f64>(out + (<usize>k << 3), forestScore(forest, forestPath(forest, rows + <usize>k * stride)));
}
`;

/** Scores of scikit-learn's own forest: fitted there, dumped, and scored by the kernel; all rows at once, and row by row as in a stream. */
export async function forestRace(rounds: number, python: PythonRivals | null): Promise<Figure[]> {
  if (python === null || !('scikit-learn' in python.versions)) {
    console.log('\nforest: left out, scikit-learn makes the forest');
    return [];
  }
  const rows = generatedRows();
  const options = { ...shape, values: python.file('forest', rows) };
  const dump = await python.call('forest_dump', options);
  const contestants = [
    ...(await kernelContestants(dump, rows)),
    await python.contestant('scikit-learn, score_samples', 'scikit-learn', 'forest_scores', options),
  ].filter((each) => each !== null);
  const { trees, sample, columns, rows: count } = shape;
  const row = `isolation forest, ${trees} trees of ${sample} rows, ${columns} columns, ${count} rows scored`;
  return race({ row, unit: 'ns a row', count, contestants, tolerance, target }, rounds);
}

async function kernelContestants(dump: Float64Array, rows: Float32Array): Promise<Contestant[]> {
  const kernel = await compileKernel<ForestKernel>(source);
  const { trees, sample, columns } = shape;
  const depth = kernel.forestDepth(sample);
  const forest = kernel.room(kernel.forestBytes(trees, depth));
  kernel.beginForest(forest, trees, depth, sample);
  loadTrees(kernel, forest, dump);
  const input = kernel.room(rows.byteLength);
  const output = kernel.room(shape.rows * 8);
  new Float32Array(kernel.memory.buffer, input, rows.length).set(rows);
  const answer = () => new Float64Array(kernel.memory.buffer, output, shape.rows).slice();
  return [
    local('kernel, all rows in a call', () => kernel.scoreRows(forest, input, columns * 4, shape.rows, output), answer),
    local('kernel, row by row', () => kernel.scoreEach(forest, input, columns * 4, shape.rows, output), answer),
  ];
}

function loadTrees(kernel: ForestKernel, forest: number, dump: Float64Array): void {
  if (dump[0] !== shape.trees || dump[1] !== shape.sample) throw new Error(`the forest has ${dump[0]} trees of ${dump[1]} rows`);
  let at = 2;
  for (let tree = 0; tree < shape.trees; tree++) {
    const nodes = at + 1;
    const add = (node: number, place: number, level: number): void => {
      const from = nodes + node * nodeFields;
      const [left, right, column, threshold, rows] = dump.subarray(from, from + nodeFields) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      if (left < 0) {
        kernel.endForest(forest, tree, place, level, rows);
        return;
      }
      kernel.splitForest(forest, tree, place, column, threshold);
      add(left, 2 * place + 1, level + 1);
      add(right, 2 * place + 2, level + 1);
    };
    add(0, 0, 0);
    at = nodes + (dump[at] as number) * nodeFields;
  }
}

function generatedRows(): Float32Array<ArrayBuffer> {
  const normal = normalNumbers(3);
  const rows = new Float32Array(shape.rows * shape.columns);
  for (let row = 0; row < shape.rows; row++) {
    const [common, spread] = [normal(), row % unusualEvery === 0 ? 4 : 1];
    for (let column = 0; column < shape.columns; column++) rows[row * shape.columns + column] = spread * (0.6 * common + normal());
  }
  return rows;
}
