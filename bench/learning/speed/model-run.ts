import { compileKernel } from '../../compile-kernel.ts';
import { type Contestant, local } from './contestant.ts';

/** A series' model, by its kernel: file and name; results that are wanted; parameters of opening as expressions. */
export interface Model {
  readonly file: string;
  readonly name: string;
  readonly results: readonly string[];
  readonly parameters: string;
}

interface ModelKernel {
  readonly memory: WebAssembly.Memory;
  room(bytes: number): number;
  run(values: number, rows: number, out: number): void;
}

/** A new series each time: a step for each value, a second apart, and its results copied out, in one call of the kernel. */
export async function modelContestant(label: string, model: Model, values: Float64Array<ArrayBuffer>): Promise<Contestant> {
  const kernel = await compileKernel<ModelKernel>(sourceOf(model));
  const input = kernel.room(values.byteLength);
  const output = kernel.room(values.byteLength * model.results.length);
  new Float64Array(kernel.memory.buffer, input, values.length).set(values);
  const answer = () => new Float64Array(kernel.memory.buffer, output, values.length * model.results.length).slice();
  return local(label, () => kernel.run(input, values.length, output), answer);
}

function sourceOf({ file, name, results, parameters }: Model): string {
  const copies = results.map((result, k) => `store<f64>(out + (<usize>(${k} * rows + row) << 3), load<f64>(state + ${result}));`);
  return `
import { allocate, limitMemory } from "./kernels/memory";
import { open${name}, step${name}, close${name}, ${results.join(', ')} } from "./kernels/models/${file}";
limitMemory(65536);
export function room(bytes: u32): usize { return allocate(bytes); }
export function run(values: usize, rows: u32, out: usize): void {
  const state = open${name}(${parameters});
  for (let row: u32 = 0; row < rows; row++) {
    step${name}(state, load<f64>(values + (<usize>row << 3)), <i64>row * 1000000);
    ${copies.join('\n    ')}
  }
  close${name}(state);
}
`;
}
