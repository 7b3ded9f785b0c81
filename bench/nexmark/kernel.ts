import type { Batch } from '../../connectors/batch.ts';
import { DictionaryTranslations } from '../../engine/compile/dictionary-translations.ts';
import { InputWriter } from '../../engine/compile/input-writer.ts';
import { instantiateKernel, instantiateQuery } from '../../engine/compile/instance.ts';
import { KernelMemory } from '../../engine/compile/kernel-exports.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { Feedings } from './rows.ts';

const memoryBytesMax = 2 ** 32;

/** Milliseconds of each step of the feedings. */
export interface KernelTimes {
  /** Inside the kernel: from columns in its memory to columns in its memory. */
  readonly kernel: Float64Array;
  /** With the copies into its memory and the translation of strings to its own numbers. */
  readonly copied: Float64Array;
  /** Rows put out; those taken back count too. */
  readonly rowsOut: number;
}

/** One run of a new instance over all rows; its making is not measured. */
export async function runKernel(program: QueryProgram, { steps }: Feedings): Promise<KernelTimes> {
  const kernel = await instantiateKernel(program, { memoryBytesMax });
  const memory = new KernelMemory(kernel.memory);
  const translations = new DictionaryTranslations(kernel, memory);
  const inputs = program.inputs.map((input) => new InputWriter(kernel, memory, translations, input));
  const times = { kernel: new Float64Array(steps.length), copied: new Float64Array(steps.length) };
  let rowsOut = 0;
  for (const [index, step] of steps.entries()) {
    const begun = performance.now();
    if (!('watermark' in step)) {
      if (kernel.collectionDue() !== 0) {
        kernel.markStrings();
        translations.sweep();
        kernel.sweepStrings();
      }
      inputs[step.input]?.write(step.batch);
    }
    const copied = performance.now();
    if ('watermark' in step) kernel.advance(step.watermark);
    else kernel.push(step.input, step.batch.rows);
    for (let rows = kernel.step(); rows > 0; rows = kernel.step()) rowsOut += rows;
    const ended = performance.now();
    times.kernel[index] = ended - copied;
    times.copied[index] = ended - begun;
  }
  return { ...times, rowsOut };
}

/** The least time of each step over all rounds, summed: what the machine did beside it is left out. */
export function leastMs(rounds: readonly Float64Array[]): number {
  let sum = 0;
  for (let step = 0; step < (rounds[0]?.length ?? 0); step++) sum += Math.min(...rounds.map((times) => times[step] as number));
  return sum;
}

/** Every batch that comes out. */
export async function runForRows(program: QueryProgram, { steps }: Feedings, onOutput: (batch: Batch) => void): Promise<void> {
  const instance = await instantiateQuery(program, { memoryBytesMax });
  for (const step of steps) {
    if ('watermark' in step) instance.advance(step.watermark);
    else instance.push(step.input, step.batch);
    for (let batch = instance.take(); batch !== null; batch = instance.take()) onOutput(batch);
  }
}
