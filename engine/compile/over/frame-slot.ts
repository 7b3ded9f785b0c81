import type { Expression } from '../../plan/expression.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store } from '../aggregates/accumulator.ts';
import type { Value } from '../expression/contract.ts';
import { writeUpdates } from '../generate-aggregate.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import type { RowScope } from '../row-scope.ts';

type Piece = Omit<Accumulator, 'key' | 'offsets'>;
/** `settle`: statements after the last row of a scan. */
type FrameAccumulator = Accumulator & { settle?(): readonly string[] };

/**
 * The state of the aggregates of one frame: a slot, whose address generated text calls `p` (and `q` for one merged into it). Rows
 * are added in order; `merged`: slots of neighbouring stretches of rows are put together, the earlier one first.
 */
export class FrameSlot implements AggregateContext {
  readonly module: ModuleBuilder;
  readonly merged: boolean;
  readonly describe: (expression: Expression) => Value;
  readonly #scanned: boolean;
  readonly #shared = new Map<string, { filter: Expression | null; accumulator: FrameAccumulator }>();
  #bytes = 0;

  /** `scanned`: the state is made anew from all rows of the frame each time, few at once. */
  constructor(module: ModuleBuilder, describe: (expression: Expression) => Value, how: { merged: boolean; scanned: boolean }) {
    this.module = module;
    this.describe = describe;
    this.merged = how.merged;
    this.#scanned = how.scanned;
  }

  share(filter: Expression | null, key: string, make: (key: string) => Piece): Accumulator {
    const full = filter === null ? key : `${key} where ${expressionKey(filter)}`;
    let shared = this.#shared.get(full);
    if (shared === undefined) {
      const made = make(full);
      const piece = this.#scanned && key.startsWith('moments ') ? anchoredMoments(made.args) : made;
      const accumulator: FrameAccumulator = { ...piece, key: full, offsets: [] };
      for (const size of [8, 4]) {
        accumulator.fields.forEach((bytes, k) => {
          if (bytes !== size) return;
          accumulator.offsets[k] = this.#bytes;
          this.#bytes += 8;
        });
      }
      shared = { filter, accumulator };
      this.#shared.set(full, shared);
    }
    return shared.accumulator;
  }

  /** After all aggregates have asked for their pieces. */
  get bytes(): number {
    return Math.max(8, this.#bytes);
  }

  get #accumulators(): FrameAccumulator[] {
    return [...this.#shared.values()].map(({ accumulator }) => accumulator);
  }

  /** Makes slot `p` one of no rows. */
  reset(): string[] {
    const zeros = Array.from({ length: this.bytes / 8 }, (_, k) => store('u64', '0', k * 8));
    return [...zeros, ...this.#accumulators.flatMap((each) => each.initialise?.() ?? [])];
  }

  /** Adds the row of the scope to slot `p`. `sequence`: i64 expression that grows from row to row. */
  add(scope: RowScope, sequence: string): void {
    writeUpdates([...this.#shared.values()], scope, (accumulator, args, inner) => accumulator.update(args, inner, sequence));
  }

  settle(): string[] {
    return this.#accumulators.flatMap((each) => each.settle?.() ?? []);
  }

  /** Adds what slot `q` has, of rows after those of slot `p`. */
  merge(): string[] {
    return this.#accumulators.flatMap((each) => [...each.merge()]);
  }

  copy(): string[] {
    return Array.from({ length: this.bytes / 8 }, (_, k) => store('u64', load('u64', k * 8, 'q'), k * 8));
  }

  /** Whether slots hold memory of their own. */
  get owns(): boolean {
    return this.#accumulators.some((each) => each.release !== undefined);
  }

  /** Frees what slot `p` owns. */
  release(): string[] {
    return this.#accumulators.flatMap((each) => each.release?.() ?? []);
  }

  /** u32 expressions: bytes that the slot at this address owns. */
  owned(slot: string): string[] {
    return this.#accumulators.flatMap((each) => each.owned?.(slot) ?? []);
  }

  mark(): string[] {
    return this.#accumulators.flatMap((each) => each.mark?.() ?? []);
  }
}

/**
 * Count, mean and squared distances of a few rows without a division for each: distances from the first value are summed. That value
 * is one of the frame's, so that what cancels is at most as many times the result as there are rows; equal values give exactly 0.
 */
function anchoredMoments(args: readonly Expression[]): Piece & { settle(): readonly string[] } {
  return {
    args,
    fields: [8, 8, 8, 8],
    update(this: Accumulator, [value]) {
      const [count, sum, squares, anchor] = this.offsets as [number, number, number, number];
      const x = value?.parts[0];
      return [
        value?.valid === 'true' ? '{' : `if (${value?.valid}) {`,
        `  const n = ${load('i64', count)};`,
        `  if (n == 0) ${store('f64', x as string, anchor)}`,
        `  const d = ${x} - ${load('f64', anchor)};`,
        `  ${store('i64', 'n + 1', count)}`,
        `  ${store('f64', `${load('f64', sum)} + d`, sum)}`,
        `  ${store('f64', `${load('f64', squares)} + d * d`, squares)}`,
        '}',
      ];
    },
    settle(this: Accumulator) {
      const [count, sum, squares, anchor] = this.offsets as [number, number, number, number];
      return [
        `if (${load('i64', count)} != 0) {`,
        `  const s = ${load('f64', sum)}, m = s / <f64>${load('i64', count)};`,
        `  ${store('f64', `${load('f64', anchor)} + m`, sum)}`,
        `  ${store('f64', `max<f64>(0, ${load('f64', squares)} - s * m)`, squares)}`,
        '}',
      ];
    },
    merge() {
      throw new Error('scanned moments are not merged');
    },
  };
}
