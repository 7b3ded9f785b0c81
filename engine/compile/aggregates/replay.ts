import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import { assign, nullValue } from '../expression/value.ts';
import { partTypes, zeroOf } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import type { RowColumn } from '../row-layout.ts';
import type { RowScope } from '../row-scope.ts';
import type { Accumulator, AggregateContext, CompiledAggregate } from './accumulator.ts';

/**
 * An aggregate computed afresh over rows that are at hand: the distinct ones, in an order, or the elements of a list. Its state lies
 * in a slot of its own, used again for each group.
 */
export class Replay implements AggregateContext {
  readonly module: ModuleBuilder;
  readonly merged = false;
  readonly #columns: readonly RowColumn[];
  readonly #accumulators: Accumulator[] = [];
  readonly #compiled: CompiledAggregate;
  readonly #slot: string;
  readonly #bytes: number;

  /** `call`: its arguments are columns 0, 1, ... of the rows. */
  constructor(
    module: ModuleBuilder,
    call: AggregateCall,
    columns: readonly RowColumn[],
    compile: (context: AggregateContext, call: AggregateCall) => CompiledAggregate,
  ) {
    this.module = module;
    this.#columns = columns;
    this.#compiled = compile(this, call);
    let offset = 0;
    for (const size of [8, 4]) {
      for (const accumulator of this.#accumulators) {
        accumulator.fields.forEach((bytes, k) => {
          if (bytes !== size) return;
          accumulator.offsets[k] = offset;
          offset += bytes;
        });
      }
    }
    this.#bytes = Math.max(8, (offset + 7) & ~7);
    this.#slot = module.memory(this.#bytes);
  }

  describe(expression: Expression): Value {
    // There may be no row at all: no aggregate may take a value for certain.
    if (expression.kind === 'constant') return { ...nullValue(expression.type), valid: expression.value === null ? 'false' : 'perhaps' };
    if (expression.kind !== 'column') throw new Error('rows at hand have columns only');
    const { type, machine } = this.#columns[expression.index] as RowColumn;
    return { type, machine, parts: partTypes(machine).map(zeroOf), valid: 'perhaps' };
  }

  share(_filter: Expression | null, key: string, make: (key: string) => Omit<Accumulator, 'key' | 'offsets'>): Accumulator {
    const known = this.#accumulators.find((accumulator) => accumulator.key === key);
    if (known !== undefined) return known;
    const accumulator: Accumulator = { ...make(key), key, offsets: [] };
    this.#accumulators.push(accumulator);
    return accumulator;
  }

  /**
   * Emits the computation. `each` writes a loop and calls `step` inside it with the row's columns; `sequence`: i64 expression that
   * grows from row to row.
   */
  run(scope: RowScope, each: (inner: RowScope, step: (row: RowScope, values: readonly Value[], sequence: string) => void) => void): Value {
    const { call } = this.#compiled;
    // Inside, `p` is the slot of the replay.
    return assign(scope, call.type, (variable) => {
      scope.inner('', (outer) => {
        this.#begin(outer);
        each(outer, (row, values, sequence) => {
          row.inner('', (inner) => {
            inner.emit(`const p: usize = ${this.#slot};`);
            for (const accumulator of this.#accumulators) {
              const args = accumulator.args.map((argument) =>
                argument.kind === 'column' ? (values[argument.index] as Value) : inner.compile(argument),
              );
              for (const line of accumulator.update(args, inner, sequence)) inner.emit(line);
            }
          });
        });
        outer.inner('', (inner) => {
          inner.emit(`const p: usize = ${this.#slot};`);
          variable.set(inner, this.#compiled.finish(inner));
          for (const accumulator of this.#accumulators) for (const line of accumulator.release?.() ?? []) inner.emit(line);
        });
      });
    });
  }

  /** Makes the slot a new one. */
  #begin(scope: RowScope): void {
    scope.inner('', (inner) => {
      inner.emit(`const p: usize = ${this.#slot};`);
      inner.emit(`memory.fill(p, 0, ${this.#bytes});`);
      for (const accumulator of this.#accumulators) for (const line of accumulator.initialise?.() ?? []) inner.emit(line);
    });
  }
}
