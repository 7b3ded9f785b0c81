import type { Column, Validity } from '../batch.ts';
import type { ColumnSpec, DataType } from '../data-type.ts';
import { StringDictionary } from '../string-dictionary.ts';

export const timestamp: DataType = { kind: 'timestamp' };
export const varchar: DataType = { kind: 'varchar' };
export const labelMap: DataType = { kind: 'map', key: varchar, value: varchar };

/** Writes microseconds (a whole number below 2^53) as a 64-bit integer without making a BigInt. */
export function writeMicros(words: Uint32Array, row: number, micros: number): void {
  const high = Math.floor(micros / 4294967296);
  words[row * 2] = micros - high * 4294967296;
  words[row * 2 + 1] = high;
}

export function timestamps(words: Uint32Array, rows: number): Column {
  return { kind: 'fixed', type: timestamp, data: new BigInt64Array(words.buffer, 0, rows), validity: null };
}

export function strings(codes: Uint32Array, rows: number, dictionary: StringDictionary, validity: Validity = null): Column {
  return { kind: 'string', type: varchar, codes: codes.subarray(0, rows), dictionary, validity };
}

export function dictionaryOf(texts: readonly string[]): StringDictionary {
  const dictionary = new StringDictionary();
  for (const text of texts) dictionary.intern(text);
  return dictionary;
}

const hexDigits = new TextEncoder().encode('0123456789abcdef');

/** A dictionary of `count` entries of `width` hexadecimal digits, to be filled by `writeHex`: identifiers, of which none returns. */
export function hexDictionary(count: number, width: number): StringDictionary {
  const dictionary = new StringDictionary();
  dictionary.bytes = new Uint8Array(count * width);
  dictionary.offsets = new Uint32Array(count + 1);
  for (let i = 0; i <= count; i++) dictionary.offsets[i] = i * width;
  dictionary.size = count;
  return dictionary;
}

/** Eight digits of one 32-bit word. */
export function writeHex(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 8; i++) bytes[at + i] = hexDigits[(word >>> (28 - i * 4)) & 15] as number;
}

/** Which of the columns of a stream some query reads, by name. */
export function neededNames(columns: readonly ColumnSpec[], needed: readonly number[]): ReadonlySet<string> {
  return new Set(needed.map((index) => (columns[index] as ColumnSpec).name.toLowerCase()));
}
