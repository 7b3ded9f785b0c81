import type { DataType } from '../../connectors/data-type.ts';
import type { Span } from '../diagnostic.ts';
import type { Value } from './expression/contract.ts';
import { oneForm } from './expression/one-form.ts';
import { isInterned, type Machine, partSize, partTypes } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { notSupported } from './refuse.ts';
import type { RowScope } from './row-scope.ts';

const nullableKeysMax = 30;

interface KeyField {
  readonly type: DataType;
  readonly machine: Machine;
  /** Byte offset of each part in the slot. */
  readonly offsets: number[];
  /** Bit of the slot's mark that says NULL; -1 when it never is. */
  readonly nullBit: number;
}

/**
 * Group keys packed into as few 64-bit words as hold them, at the start of a slot: wide ones first, each at its own alignment, so
 * that they can be read back one by one. NULLs are zeros and a bit of the slot's mark. Equal keys have equal words.
 */
export class GroupKeys {
  readonly #fields: KeyField[];
  readonly words: number;
  /** Whether the mark takes part in comparing. */
  readonly nullable: boolean;

  constructor(keys: readonly { value: Value; span: Span | undefined }[]) {
    let nullBits = 0;
    this.#fields = keys.map(({ value }) => {
      const nullBit = value.valid === 'true' ? -1 : ++nullBits;
      return { type: value.type, machine: value.machine, offsets: [], nullBit };
    });
    if (nullBits > nullableKeysMax) throw notSupported(`GROUP BY more than ${nullableKeysMax} columns that can be NULL`, keys[0]?.span);
    this.nullable = nullBits > 0;
    let bytes = 0;
    for (const size of [8, 4, 2, 1]) {
      for (const field of this.#fields) {
        partTypes(field.machine).forEach((part, k) => {
          if (partSize(part) !== size) return;
          field.offsets[k] = bytes;
          bytes += size;
        });
      }
    }
    this.words = Math.ceil(bytes / 8);
  }

  /** Locals that hold the words and, when some key can be NULL, the mark. */
  pack(scope: RowScope, module: ModuleBuilder, values: readonly Value[]): { words: string[]; mark: string } {
    const words: string[][] = Array.from({ length: this.words }, () => []);
    const marks = ['1'];
    this.#fields.forEach((field, k) => {
      const given = values[k] as Value;
      const value = field.machine === 'interval' || field.machine === 'packed' ? oneForm(scope, given, false) : given;
      if (field.nullBit >= 0) marks.push(`(<u32>!(${value.valid}) << ${field.nullBit})`);
      partTypes(field.machine).forEach((part, j) => {
        const bits = keyBits(module, part, value.parts[j] as string);
        const masked = field.nullBit < 0 ? bits : `(${bits} & (0 - <u64>(${value.valid})))`;
        const offset = field.offsets[j] as number;
        words[offset >> 3]?.push((offset & 7) === 0 ? masked : `(${masked} << ${(offset & 7) * 8})`);
      });
    });
    const locals = words.map((parts) => {
      const local = scope.name('key');
      scope.emit(`const ${local}: u64 = ${parts.join(' | ')};`);
      return local;
    });
    const mark = scope.name('mark');
    if (this.nullable) scope.emit(`const ${mark}: u32 = ${marks.join(' | ')};`);
    return { words: locals, mark: this.nullable ? mark : '1' };
  }

  /** Key `k`, read from a slot; `mark`: the slot's mark, where keys can be NULL. */
  unpack(k: number, mark: string, slot = 'p'): Value {
    const field = this.#fields[k] as KeyField;
    const parts = partTypes(field.machine).map((part, j) => {
      const offset = field.offsets[j] as number;
      return part === 'bool' ? `(load<u8>(${slot}, ${offset}) != 0)` : `load<${part}>(${slot}, ${offset})`;
    });
    const valid = field.nullBit < 0 ? 'true' : `((${mark} & ${1 << field.nullBit}) == 0)`;
    return { type: field.type, machine: field.machine, parts, valid };
  }

  /** Offsets of string ids among the keys. */
  strings(): number[] {
    return this.#fields.filter((field) => isInterned(field.machine)).map((field) => field.offsets[0] as number);
  }
}

function keyBits(module: ModuleBuilder, part: string, x: string): string {
  switch (part) {
    case 'f64':
      return `${module.import('hash', 'doubleKey')}(${x})`;
    case 'f32':
      return `<u64>${module.import('hash', 'floatKey')}(${x})`;
    case 'i64':
      return `<u64>${x}`;
    case 'u64':
      return x;
    case 'bool':
      return `<u64>${x}`;
    default:
      // Not <u64><u32>: asc widens with the sign of the innermost type.
      return `(<u64>${x} & 0x${'ff'.repeat(partSize(part))})`;
  }
}
