import type { DataType } from '../../../connectors/data-type.ts';
import type { Value } from '../expression/contract.ts';
import { isInterned, type Machine, partSize, partTypes } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { load, store } from './accumulator.ts';

/** A value kept as it is in a slot: one field per word, narrow ones widened to four bytes. */
export class KeptValue {
  readonly #type: DataType;
  readonly #machine: Machine;
  readonly #parts: readonly string[];
  readonly #first: number;

  /** `first`: index of its first field among the accumulator's. */
  constructor(value: Value, first: number) {
    this.#type = value.type;
    this.#machine = value.machine;
    this.#parts = partTypes(value.machine);
    this.#first = first;
  }

  get fields(): (4 | 8)[] {
    return this.#parts.map((part) => (partSize(part) === 8 ? 8 : 4));
  }

  store(offsets: readonly number[], parts: readonly string[]): string {
    return this.#parts.map((part, k) => store(stored(part), `<${stored(part)}>${parts[k]}`, offsets[this.#first + k] as number)).join(' ');
  }

  copy(offsets: readonly number[]): string {
    const copies = this.#parts.map((part, k) => {
      const offset = offsets[this.#first + k] as number;
      return store(stored(part), load(stored(part), offset, 'q'), offset);
    });
    return copies.join(' ');
  }

  parts(offsets: readonly number[], slot = 'p'): string[] {
    return this.#parts.map((part, k) => {
      const word = load(stored(part), offsets[this.#first + k] as number, slot);
      return part === 'bool' ? `(${word} != 0)` : stored(part) === part ? word : `<${part}>${word}`;
    });
  }

  value(offsets: readonly number[], valid: string): Value {
    return { type: this.#type, machine: this.#machine, parts: this.parts(offsets), valid };
  }

  mark(module: ModuleBuilder, offsets: readonly number[]): string[] {
    if (!isInterned(this.#machine)) return [];
    return [`${module.import('string-table', 'markString')}(${load('u32', offsets[this.#first] as number)});`];
  }
}

function stored(part: string): string {
  return part === 'bool' || part === 'u8' || part === 'u16' ? 'u32' : part === 'i8' || part === 'i16' ? 'i32' : part;
}
