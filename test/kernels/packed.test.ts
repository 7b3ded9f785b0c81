import { beforeAll, describe, expect, it } from 'vitest';
import type { Column } from '../../connectors/batch.ts';
import type { DataType } from '../../connectors/data-type.ts';
import { createPackedColumn } from '../../engine/compile/packed-columns.ts';
import { decodePacked, encodePacked, type PackedShape, type PackedValue } from '../../kernels/packed-value.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

let seed = 99;
function below(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
}

const scalars: readonly DataType[] = [
  { kind: 'boolean' },
  { kind: 'smallint' },
  { kind: 'integer' },
  { kind: 'double' },
  { kind: 'hugeint' },
  { kind: 'varchar' },
];

function randomType(depth: number): DataType {
  const kind = depth === 0 ? 0 : below(5);
  if (kind === 1) return { kind: 'list', child: randomType(depth - 1) };
  if (kind === 2) return { kind: 'map', key: randomType(0), value: randomType(depth - 1) };
  if (kind === 3)
    return { kind: 'struct', fields: Array.from({ length: 1 + below(10) }, (_, k) => ({ name: `f${k}`, type: randomType(depth - 1) })) };
  return scalars[below(scalars.length)] as DataType;
}

const widths: Readonly<Record<string, number>> = { boolean: 1, smallint: 2, integer: 4, double: 8, hugeint: 16 };

function shapeOf(type: DataType): PackedShape {
  if (type.kind === 'list') return { kind: 'list', child: shapeOf(type.child) };
  if (type.kind === 'map') return { kind: 'map', key: shapeOf(type.key), value: shapeOf(type.value) };
  if (type.kind === 'struct') return { kind: 'struct', fields: type.fields.map((field) => shapeOf(field.type)) };
  const width = widths[type.kind];
  return width === undefined ? { kind: 'text' } : { kind: 'fixed', width };
}

function randomBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => below(256));
}

function randomValue(type: DataType, nullable = true): PackedValue {
  if (nullable && below(5) === 0) return null;
  if (type.kind === 'list') return Array.from({ length: below(12) }, () => randomValue(type.child));
  if (type.kind === 'map') {
    const count = below(4);
    return {
      keys: Array.from({ length: count }, () => randomValue(type.key, false)),
      values: Array.from({ length: count }, () => randomValue(type.value)),
    };
  }
  if (type.kind === 'struct') return type.fields.map((field) => randomValue(field.type));
  if (type.kind === 'boolean') return Uint8Array.of(below(2));
  return randomBytes(widths[type.kind] ?? below(20));
}

/** The value at `row` of a column, in the form of `PackedValue`. */
function valueAt(column: Column, row: number): PackedValue {
  if (column.validity !== null && (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 0) return null;
  switch (column.kind) {
    case 'fixed': {
      const width = widths[column.type.kind] as number;
      return new Uint8Array(column.data.buffer, column.data.byteOffset + row * width, width).slice();
    }
    case 'string': {
      const { bytes, offsets } = column.dictionary;
      const code = column.codes[row] as number;
      return bytes.slice(offsets[code], offsets[code + 1]);
    }
    case 'struct':
      return column.children.map((child) => valueAt(child, row));
    case 'list': {
      const [from, to] = [column.offsets[row] as number, column.offsets[row + 1] as number];
      const of = (child: Column) => Array.from({ length: to - from }, (_, k) => valueAt(child, from + k));
      const [first, second] = column.children as [Column, Column | undefined];
      return second === undefined ? of(first) : { keys: of(first), values: of(second) };
    }
  }
}

describe('packed values', () => {
  it('come back as they were, as values and as columns', () => {
    for (let round = 0; round < 400; round++) {
      const type = randomType(3);
      if (type.kind !== 'list' && type.kind !== 'map' && type.kind !== 'struct') continue;
      const shape = shapeOf(type);
      const values = Array.from({ length: 5 }, () => randomValue(type));
      const column = createPackedColumn(type);
      for (const value of values) {
        if (value === null) {
          column.appendNull();
          continue;
        }
        const bytes = encodePacked(shape, value);
        expect(decodePacked(shape, bytes)).toEqual(value);
        const padded = new Uint8Array(bytes.length + 13);
        padded.set(bytes, 5);
        column.append(padded, 5, bytes.length);
      }
      const finished = column.finish();
      values.forEach((value, row) => {
        expect(valueAt(finished, row)).toEqual(value);
      });
    }
  });
});

interface Packer {
  readonly memory: WebAssembly.Memory;
  start(): void;
  room(bytes: number): number;
  list(values: number, valid: number, count: number): number;
  texts(ends: number, bytes: number, valid: number, count: number): number;
  pointer(id: number): number;
  length(id: number): number;
}

const source = `
import { limitMemory, allocate } from "./kernels/memory";
import { seedHashes } from "./kernels/hash";
import { initialiseStrings, stringLength, stringPointer } from "./kernels/string-table";
import { beginPackedList, endPackedElement, finishPacked, packedElement, putPackedBytes } from "./kernels/packed";
export function start(): void { limitMemory(2048); seedHashes(11, 22); initialiseStrings(); }
export function room(bytes: u32): usize { return allocate(bytes); }
export function pointer(id: u32): usize { return stringPointer(id); }
export function length(id: u32): u32 { return stringLength(id); }
export function list(values: usize, valid: usize, count: u32): u32 {
  const list = beginPackedList(count, 4);
  for (let i: u32 = 0; i < count; i++) if (load<u8>(valid + i) != 0) store<u32>(packedElement(list, i, 4), load<u32>(values + (i << 2)));
  return finishPacked(list);
}
export function texts(ends: usize, bytes: usize, valid: usize, count: u32): u32 {
  const list = beginPackedList(count, 0);
  let from: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u32>(ends + (i << 2));
    if (load<u8>(valid + i) != 0) {
      packedElement(list, i, 0);
      putPackedBytes(bytes + from, end - from);
    }
    endPackedElement(list, i);
    from = end;
  }
  return finishPacked(list);
}
`;

describe('the kernel of packed lists', () => {
  let kernel: Packer;
  beforeAll(async () => {
    kernel = await compileKernel<Packer>(source);
    kernel.start();
  });
  const put = (bytes: Uint8Array) => {
    const at = kernel.room(bytes.length + 16) >>> 0;
    new Uint8Array(kernel.memory.buffer).set(bytes, at);
    return at;
  };
  const packed = (id: number) =>
    new Uint8Array(kernel.memory.buffer).slice(kernel.pointer(id) >>> 0, (kernel.pointer(id) >>> 0) + kernel.length(id));

  it('writes what its definition says', () => {
    for (let count = 0; count < 60; count++) {
      const numbers = Array.from({ length: count }, () => (below(4) === 0 ? null : randomBytes(4)));
      const texts = Array.from({ length: count }, () => (below(4) === 0 ? null : randomBytes(below(30))));
      const flags = (values: readonly (Uint8Array | null)[]) => put(Uint8Array.from(values, (value) => (value === null ? 0 : 1)));
      const words = new Uint8Array(count * 4);
      for (const [k, value] of numbers.entries()) words.set(value ?? randomBytes(4), k * 4);
      expect(packed(kernel.list(put(words), flags(numbers), count))).toEqual(
        encodePacked({ kind: 'list', child: { kind: 'fixed', width: 4 } }, numbers),
      );
      const ends = new Uint32Array(count);
      let end = 0;
      texts.forEach((value, k) => {
        end += value?.length ?? 0;
        ends[k] = end;
      });
      const bytes = Uint8Array.from(texts.flatMap((value) => [...(value ?? [])]));
      expect(packed(kernel.texts(put(new Uint8Array(ends.buffer)), put(bytes), flags(texts), count))).toEqual(
        encodePacked({ kind: 'list', child: { kind: 'text' } }, texts),
      );
    }
  });
});
