import type { DataType } from '../../connectors/data-type.ts';
import type { Value } from './expression/contract.ts';
import { isInterned, type Machine, partSize, partTypes } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';
import type { RowScope } from './row-scope.ts';

interface Field {
  readonly type: DataType;
  readonly machine: Machine;
  /** Byte offset of each part in the slot. */
  readonly offsets: number[];
  /** Bit among the slot's validity words; -1 when the column holds no NULL. */
  readonly bit: number;
}

/** What a column of a kept row is: `valid` is 'true' when it is never NULL. */
export type RowColumn = Pick<Value, 'type' | 'machine' | 'valid'>;

/**
 * Where the columns of one kept row lie in a slot of fixed size: the owner's own header first, then fields of 8, 4, 2 and 1 bytes,
 * then a bit for each column that can be NULL. Slots are multiples of 8 bytes, and start at such an address.
 */
export class RowLayout {
  readonly bytes: number;
  readonly #fields: Field[];
  readonly #validAt: number;
  readonly #validWords: number;

  constructor(columns: readonly RowColumn[], headerBytes = 0) {
    let bits = 0;
    this.#fields = columns.map(({ type, machine, valid }) => ({ type, machine, offsets: [], bit: valid === 'true' ? -1 : bits++ }));
    let offset = (headerBytes + 7) & ~7;
    for (const size of [8, 4, 2, 1]) {
      for (const field of this.#fields) {
        partTypes(field.machine).forEach((part, k) => {
          if (partSize(part) !== size) return;
          field.offsets[k] = offset;
          offset += size;
        });
      }
    }
    this.#validAt = (offset + 3) & ~3;
    this.#validWords = Math.ceil(bits / 32);
    this.bytes = Math.max(8, (this.#validAt + this.#validWords * 4 + 7) & ~7);
  }

  /** Statements that store a row's values in the slot at `slot` (usize expression). Parts of a NULL are stored as they are. */
  write(values: readonly Value[], slot: string): string[] {
    const words = Array.from({ length: this.#validWords }, (): string[] => []);
    const stores = this.#fields.flatMap((field, k) => {
      const value = values[k] as Value;
      if (field.bit >= 0) words[field.bit >> 5]?.push(`(<u32>(${value.valid}) << ${field.bit & 31})`);
      return partTypes(field.machine).map((part, j) => {
        const at = field.offsets[j] as number;
        return part === 'bool' ? `store<u8>(${slot}, <u8>${value.parts[j]}, ${at});` : `store<${part}>(${slot}, ${value.parts[j]}, ${at});`;
      });
    });
    return [...stores, ...words.map((bits, w) => `store<u32>(${slot}, ${bits.join(' | ')}, ${this.#validAt + w * 4});`)];
  }

  /** Column `k` of the row at `slot`, loaded into locals of the scope. */
  read(scope: RowScope, k: number, slot: string): Value {
    const field = this.#fields[k] as Field;
    const parts = partTypes(field.machine).map((part, j) => {
      const local = scope.name('kept');
      const at = field.offsets[j] as number;
      scope.emit(part === 'bool' ? `const ${local} = load<u8>(${slot}, ${at}) != 0;` : `const ${local} = load<${part}>(${slot}, ${at});`);
      return local;
    });
    return { type: field.type, machine: field.machine, parts, valid: this.#valid(scope, field, slot) };
  }

  #valid(scope: RowScope, field: Field, slot: string): string {
    if (field.bit < 0) return 'true';
    const local = scope.name('valid');
    scope.emit(`const ${local} = ((load<u32>(${slot}, ${this.#validAt + (field.bit >> 5) * 4}) >> ${field.bit & 31}) & 1) != 0;`);
    return local;
  }

  /** Statements that mark the strings that the row at `slot` refers to. */
  mark(module: ModuleBuilder, slot: string): string[] {
    const mark = module.import('string-table', 'markString');
    return this.#fields
      .filter((field) => isInterned(field.machine))
      .map((field) => {
        const id = `load<u32>(${slot}, ${field.offsets[0]})`;
        if (field.bit < 0) return `${mark}(${id});`;
        return `if (((load<u32>(${slot}, ${this.#validAt + (field.bit >> 5) * 4}) >> ${field.bit & 31}) & 1) != 0) ${mark}(${id});`;
      });
  }
}
