import duckdb from '@duckdb/node-bindings';
import type { Validity } from '../../connectors/batch.ts';
import type { DataType } from '../../connectors/data-type.ts';
import type { WireColumn } from './commit-wire.ts';
import { physicalWidth } from './physical-width.ts';
import type { CommitStrings } from './string-vector.ts';
import { isValid, validityBoth, validitySlice } from './validity-bits.ts';

/**
 * Writes rows start .. start + count of a column into a DuckDB vector from its row 0. The column must have passed `checkColumn`: DuckDB
 * checks nothing here. `parent` is the validity of the struct around it, for these rows: a field of a NULL struct is NULL.
 */
export function writeVector(
  vector: duckdb.Vector,
  column: WireColumn,
  type: DataType,
  strings: CommitStrings,
  start: number,
  count: number,
  parent: Validity = null,
): void {
  if (type.kind === 'null') {
    writeValidity(vector, new Uint8Array((count + 7) >> 3));
    return;
  }
  const validity = validityBoth(validitySlice(column.validity, start, count), parent);
  if (validity !== null) writeValidity(vector, validity);
  switch (column.kind) {
    case 'fixed': {
      const width = physicalWidth(type) as number;
      const { buffer, byteOffset } = column.bytes;
      duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset + start * width, count * width);
      return;
    }
    case 'string':
      if (type.kind === 'enum') writeEnum(vector, column, type.values, strings, start, count);
      else strings.write(vector, column.codes, column.dictionary, start, count);
      return;
    case 'list':
      writeList(vector, column, type, strings, start, count, validity);
      return;
    case 'struct': {
      const fields = type.kind === 'struct' ? type.fields : [];
      column.children.forEach((child, index) => {
        const field = fields[index] as (typeof fields)[number];
        writeVector(duckdb.struct_vector_get_child(vector, index), child, field.type, strings, start, count, validity);
      });
    }
  }
}

function writeValidity(vector: duckdb.Vector, validity: Uint8Array): void {
  duckdb.vector_ensure_validity_writable(vector);
  const own = validity.buffer instanceof ArrayBuffer ? validity : validity.slice();
  duckdb.copy_data_to_vector_validity(vector, 0, own.buffer as ArrayBuffer, own.byteOffset, own.byteLength);
}

function writeEnum(
  vector: duckdb.Vector,
  column: Extract<WireColumn, { kind: 'string' }>,
  values: readonly string[],
  strings: CommitStrings,
  start: number,
  count: number,
): void {
  const indexes = strings.enumCodes(column.dictionary, values);
  const data = values.length <= 0xff ? new Uint8Array(count) : values.length <= 0xffff ? new Uint16Array(count) : new Uint32Array(count);
  for (let row = 0; row < count; row++) data[row] = indexes[column.codes[start + row] as number] ?? 0;
  duckdb.copy_data_to_vector(vector, 0, data.buffer, 0, data.byteLength);
}

/** Lists and maps: an (offset, length) pair per row, and the children behind it. A map's children are the fields of a struct. */
function writeList(
  vector: duckdb.Vector,
  column: Extract<WireColumn, { kind: 'list' }>,
  type: DataType,
  strings: CommitStrings,
  start: number,
  count: number,
  validity: Validity,
): void {
  const { offsets } = column;
  const first = offsets[start] as number;
  const children = (offsets[start + count] as number) - first;
  const entries = new BigUint64Array(count * 2);
  for (let row = 0; row < count; row++) {
    if (!isValid(validity, row)) continue;
    entries[row * 2] = BigInt((offsets[start + row] as number) - first);
    entries[row * 2 + 1] = BigInt((offsets[start + row + 1] as number) - (offsets[start + row] as number));
  }
  duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, entries.byteLength);
  duckdb.list_vector_reserve(vector, children);
  duckdb.list_vector_set_size(vector, children);
  if (children === 0) return;
  const child = duckdb.list_vector_get_child(vector);
  if (type.kind === 'list') {
    writeVector(child, column.children[0] as WireColumn, type.child, strings, first, children);
  } else if (type.kind === 'map') {
    writeVector(duckdb.struct_vector_get_child(child, 0), column.children[0] as WireColumn, type.key, strings, first, children);
    writeVector(duckdb.struct_vector_get_child(child, 1), column.children[1] as WireColumn, type.value, strings, first, children);
  }
}
