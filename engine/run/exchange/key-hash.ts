import type { Batch, Column, FixedColumn, StringColumn } from '../../../connectors/batch.ts';
import type { StringDictionary } from '../../../connectors/string-dictionary.ts';
import { bytesPerValue } from '../batch/fixed-width.ts';
import { isValid } from '../batch/validity.ts';

const mixing = 0x9e3779b1;
const spreading = 0x85ebca6b;
const nullHash = 0x9e3779b9;
const signBit = 0x80000000;
const exponentBits = 0x7ff00000;
const floatExponentBits = 0x7f800000;

/** Hashes of rows by some columns, into `hashes`. Rows that are equal in them, as GROUP BY compares, have equal hashes in every lane. */
export function hashRows(batch: Batch, keys: readonly number[], hashes: Uint32Array): void {
  hashes.fill(0, 0, batch.rows);
  for (const key of keys) hashColumn(batch.columns[key] as Column, batch.rows, hashes);
}

function hashColumn(column: Column, rows: number, hashes: Uint32Array): void {
  if (column.kind === 'string') {
    hashStrings(column, rows, hashes);
    return;
  }
  if (column.kind !== 'fixed') throw new Error(`a ${column.type.kind} has no hash`);
  const width = bytesPerValue(column.type);
  const before = column.validity === null ? null : hashes.slice(0, rows);
  if (column.type.kind === 'double') hashDoubles(column, rows, hashes);
  else if (column.type.kind === 'float') hashFloats(column, rows, hashes);
  else if (width >= 4) hashWords(column, width >> 2, rows, hashes);
  else hashSmall(column, width, rows, hashes);
  if (before === null) return;
  for (let row = 0; row < rows; row++) if (!isValid(column.validity, row)) hashes[row] = mix((before[row] as number) ^ nullHash);
}

/** One round; `laneOf` does the last one. */
function mix(hash: number): number {
  const h = Math.imul(hash, mixing);
  return h ^ (h >>> 15);
}

function hashWords({ data }: FixedColumn, words: number, rows: number, hashes: Uint32Array): void {
  const from = new Uint32Array(data.buffer, data.byteOffset, rows * words);
  if (words === 1) for (let row = 0; row < rows; row++) hashes[row] = mix((hashes[row] as number) ^ (from[row] as number));
  else if (words === 2) {
    for (let row = 0; row < rows; row++) {
      hashes[row] = mix(mix((hashes[row] as number) ^ (from[2 * row] as number)) ^ (from[2 * row + 1] as number));
    }
  } else
    for (let row = 0; row < rows; row++) {
      let hash = hashes[row] as number;
      for (let word = 0; word < words; word++) hash = mix(hash ^ (from[row * words + word] as number));
      hashes[row] = hash;
    }
}

function hashSmall({ data }: FixedColumn, width: number, rows: number, hashes: Uint32Array): void {
  const from = width === 1 ? new Uint8Array(data.buffer, data.byteOffset, rows) : new Uint16Array(data.buffer, data.byteOffset, rows);
  for (let row = 0; row < rows; row++) hashes[row] = mix((hashes[row] as number) ^ (from[row] as number));
}

/** -0 is 0, and every NaN is the same. */
function hashDoubles({ data }: FixedColumn, rows: number, hashes: Uint32Array): void {
  const from = new Uint32Array(data.buffer, data.byteOffset, rows * 2);
  for (let row = 0; row < rows; row++) {
    let low = from[2 * row] as number;
    let high = from[2 * row + 1] as number;
    if (low === 0 && high === signBit) high = 0;
    else if ((high & exponentBits) === exponentBits && ((high & 0xfffff) !== 0 || low !== 0)) {
      high = exponentBits | 0x80000;
      low = 0;
    }
    hashes[row] = mix(mix((hashes[row] as number) ^ low) ^ high);
  }
}

function hashFloats({ data }: FixedColumn, rows: number, hashes: Uint32Array): void {
  const from = new Uint32Array(data.buffer, data.byteOffset, rows);
  for (let row = 0; row < rows; row++) {
    let word = from[row] as number;
    if (word === signBit) word = 0;
    else if ((word & floatExponentBits) === floatExponentBits && (word & 0x7fffff) !== 0) word = floatExponentBits | 0x400000;
    hashes[row] = mix((hashes[row] as number) ^ word);
  }
}

function hashStrings({ codes, dictionary, validity }: StringColumn, rows: number, hashes: Uint32Array): void {
  const known = hashesOf(dictionary);
  if (validity === null) {
    for (let row = 0; row < rows; row++) hashes[row] = mix((hashes[row] as number) ^ (known[codes[row] as number] as number));
    return;
  }
  for (let row = 0; row < rows; row++) {
    const value = isValid(validity, row) ? (known[codes[row] as number] as number) : nullHash;
    hashes[row] = mix((hashes[row] as number) ^ value);
  }
}

interface KnownHashes {
  hashes: Uint32Array;
  size: number;
}

const byDictionary = new WeakMap<StringDictionary, KnownHashes>();

/** Hashes of the entries by code, computed once for each. */
function hashesOf(dictionary: StringDictionary): Uint32Array {
  let known = byDictionary.get(dictionary);
  if (known === undefined) {
    known = { hashes: new Uint32Array(Math.max(16, dictionary.size)), size: 0 };
    byDictionary.set(dictionary, known);
  }
  if (known.hashes.length < dictionary.size) {
    const larger = new Uint32Array(Math.max(dictionary.size, known.hashes.length * 2));
    larger.set(known.hashes);
    known.hashes = larger;
  }
  const { offsets, bytes } = dictionary;
  for (; known.size < dictionary.size; known.size++) {
    let hash = 0x811c9dc5;
    const end = offsets[known.size + 1] as number;
    for (let at = offsets[known.size] as number; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    known.hashes[known.size] = mix(hash);
  }
  return known.hashes;
}

const fnvBasis = 0x811c9dc5;

/** A lane for whatever has this name, the same in every lane. */
export function homeLane(name: string, lanes: number): number {
  let hash = fnvBasis;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return laneOf(mix(hash) >>> 0, lanes);
}

/** Hashes spread evenly over the lanes, of which there are at most 65,536. */
export function laneOf(hash: number, lanes: number): number {
  return Math.imul(Math.imul(hash, spreading) >>> 16, lanes) >>> 16;
}
