import type { DataType } from '../data-type.ts';
import { nearestDouble } from './double-text.ts';
import { FixedBuilder } from './fixed-builder.ts';
import { nearestFloat } from './float-text.ts';
import { wholeNumber } from './integer-text.ts';

type SmallArray = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;
const initialRows = 64;

const smallIntegers = {
  tinyint: { array: Int8Array, minimum: -128, maximum: 127 },
  smallint: { array: Int16Array, minimum: -32768, maximum: 32767 },
  integer: { array: Int32Array, minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  utinyint: { array: Uint8Array, minimum: 0, maximum: 255 },
  usmallint: { array: Uint16Array, minimum: 0, maximum: 65535 },
  uinteger: { array: Uint32Array, minimum: 0, maximum: 2 ** 32 - 1 },
} as const;

export type SmallIntegerKind = keyof typeof smallIntegers;

export function isSmallInteger(kind: DataType['kind']): kind is SmallIntegerKind {
  return kind in smallIntegers;
}

export class SmallIntegerBuilder extends FixedBuilder<SmallArray> {
  readonly #minimum: number;
  readonly #maximum: number;

  constructor(type: DataType, kind: SmallIntegerKind) {
    const { array, minimum, maximum } = smallIntegers[kind];
    super(type, new array(initialRows));
    this.#minimum = minimum;
    this.#maximum = maximum;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = wholeNumber(bytes, start, end);
    return typeof value === 'number' && this.#append(value);
  }

  override appendValue(value: unknown): boolean {
    return typeof value === 'number' ? Number.isInteger(value) && this.#append(value) : super.appendValue(value);
  }

  #append(value: number): boolean {
    if (value < this.#minimum || value > this.#maximum) return false;
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

export class DoubleBuilder extends FixedBuilder<Float64Array> {
  constructor(type: DataType) {
    super(type, new Float64Array(initialRows));
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = nearestDouble(bytes, start, end);
    return value !== undefined && this.#append(value);
  }

  override appendValue(value: unknown): boolean {
    return typeof value === 'number' ? this.#append(value) : super.appendValue(value);
  }

  #append(value: number): boolean {
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

export class FloatBuilder extends FixedBuilder<Float32Array> {
  constructor(type: DataType) {
    super(type, new Float32Array(initialRows));
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = nearestFloat(bytes, start, end);
    if (value === undefined) return false;
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }

  protected override appendUnsafeInteger(value: number): boolean {
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

export class BooleanBuilder extends FixedBuilder<Uint8Array> {
  constructor(type: DataType) {
    super(type, new Uint8Array(initialRows));
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = truth(bytes, start, end);
    if (value < 0) return false;
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

const words = [
  ['false', 'no'],
  ['true', 'yes'],
] as const;

/** 1 for true, t, yes, y, 1; 0 for false, f, no, n, 0; in any case; -1 for anything else. */
function truth(bytes: Uint8Array, from: number, to: number): number {
  let start = from;
  let end = to;
  while (start < end && bytes[start] === 32) start++;
  while (end > start && bytes[end - 1] === 32) end--;
  const first = bytes[start];
  if (end - start === 1 && (first === 48 || first === 49)) return first - 48;
  for (const [value, spellings] of words.entries()) {
    for (const word of spellings) if ((end - start === word.length || end - start === 1) && begins(word, bytes, start, end)) return value;
  }
  return -1;
}

function begins(word: string, bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (((bytes[i] as number) | 32) !== word.charCodeAt(i - start)) return false;
  return true;
}
