import type { Batch, Column, FixedArray, StringColumn, Validity } from '../../../connectors/batch.ts';
import type { DataType } from '../../../connectors/data-type.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import { isValid } from './validity.ts';

/** A batch as plain data: every column with a dictionary of its own that holds only the entries it uses. */
export interface WireBatch {
  readonly rows: number;
  readonly columns: readonly WireColumn[];
  /** As Batch's. */
  readonly weights?: Int32Array;
}

export type WireColumn =
  | { readonly kind: 'fixed'; readonly type: DataType; readonly data: FixedArray; readonly validity: Validity }
  | {
      readonly kind: 'string';
      readonly type: DataType;
      readonly codes: Uint32Array;
      readonly size: number;
      readonly offsets: Uint32Array;
      readonly bytes: Uint8Array;
      readonly validity: Validity;
    }
  | {
      readonly kind: 'list';
      readonly type: DataType;
      readonly offsets: Uint32Array;
      readonly children: readonly WireColumn[];
      readonly validity: Validity;
    }
  | { readonly kind: 'struct'; readonly type: DataType; readonly children: readonly WireColumn[]; readonly validity: Validity };

/**
 * `owned`: the batch's arrays belong to the caller alone and are handed on as they are; otherwise, and where an array is a part of a
 * larger buffer, they are copied.
 */
export function encodeBatch(batch: Batch, owned: boolean): WireBatch {
  const wire = { rows: batch.rows, columns: batch.columns.map((column) => encodeColumn(column, owned)) };
  return batch.weights === undefined ? wire : { ...wire, weights: own(batch.weights, owned) };
}

function encodeColumn(column: Column, owned: boolean): WireColumn {
  const validity = column.validity === null ? null : own(column.validity, owned);
  switch (column.kind) {
    case 'fixed':
      return { kind: 'fixed', type: column.type, data: own(column.data, owned), validity };
    case 'string':
      return { ...compactDictionary(column), validity };
    case 'list': {
      const children = column.children.map((child) => encodeColumn(child, owned));
      return { kind: 'list', type: column.type, offsets: own(column.offsets, owned), children, validity };
    }
    case 'struct':
      return { kind: 'struct', type: column.type, children: column.children.map((child) => encodeColumn(child, owned)), validity };
  }
}

function own<A extends FixedArray>(array: A, owned: boolean): A {
  return owned && array.byteLength === array.buffer.byteLength ? array : (array.slice() as A);
}

/** Below this share of used entries a Map is quicker than an array as long as the dictionary. */
const sparseFactor = 8;

function compactDictionary(column: StringColumn): Omit<WireColumn & { kind: 'string' }, 'validity'> {
  const { codes, dictionary, validity } = column;
  const used: number[] = [];
  const compact = new Uint32Array(codes.length);
  const known = dictionary.size > codes.length * sparseFactor ? new Map<number, number>() : new Int32Array(dictionary.size).fill(-1);
  for (let row = 0; row < codes.length; row++) {
    if (validity !== null && !isValid(validity, row)) continue;
    const code = codes[row] as number;
    let next = known instanceof Map ? known.get(code) : known[code];
    if (next === undefined || next < 0) {
      next = used.push(code) - 1;
      if (known instanceof Map) known.set(code, next);
      else known[code] = next;
    }
    compact[row] = next;
  }
  const offsets = new Uint32Array(used.length + 1);
  for (let i = 0; i < used.length; i++) {
    const code = used[i] as number;
    offsets[i + 1] = (offsets[i] as number) + (dictionary.offsets[code + 1] as number) - (dictionary.offsets[code] as number);
  }
  const bytes = new Uint8Array(offsets[used.length] as number);
  for (let i = 0; i < used.length; i++) {
    const code = used[i] as number;
    bytes.set(dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]), offsets[i]);
  }
  return { kind: 'string', type: column.type, codes: compact, size: used.length, offsets, bytes };
}

export function decodeBatch(wire: WireBatch): Batch {
  return { ...wire, columns: wire.columns.map(decodeColumn) };
}

function decodeColumn(wire: WireColumn): Column {
  if (wire.kind === 'fixed') return wire;
  if (wire.kind !== 'string') return { ...wire, children: wire.children.map(decodeColumn) };
  const dictionary = new StringDictionary();
  dictionary.size = wire.size;
  dictionary.offsets = wire.offsets;
  dictionary.bytes = wire.bytes;
  return { kind: 'string', type: wire.type, codes: wire.codes, dictionary, validity: wire.validity };
}

/** Buffers to transfer, each once. */
export function transferables(wire: WireBatch, into: Set<ArrayBuffer> = new Set()): Set<ArrayBuffer> {
  const add = (array: FixedArray | null) => {
    if (array !== null && array.buffer instanceof ArrayBuffer) into.add(array.buffer);
  };
  const visit = (column: WireColumn): void => {
    add(column.validity);
    if (column.kind === 'fixed') add(column.data);
    else if (column.kind === 'string') for (const array of [column.codes, column.offsets, column.bytes]) add(array);
    else {
      if (column.kind === 'list') add(column.offsets);
      column.children.forEach(visit);
    }
  };
  wire.columns.forEach(visit);
  add(wire.weights ?? null);
  return into;
}

export function wireBytes(wire: WireBatch): number {
  let bytes = 0;
  for (const buffer of transferables(wire)) bytes += buffer.byteLength;
  return bytes;
}
