import duckdb from '@duckdb/node-bindings';
import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { type Data, type DataType, makeData } from 'apache-arrow';
import { isValid } from './validity-bits.ts';

/** Rows to take from a vector: the first `count`, or those listed. `size`: rows that the vector holds. */
interface Selection {
  readonly count: number;
  readonly rows: Uint32Array | null;
  readonly size: number;
}

const widths: Partial<Record<DuckDBTypeId, number>> = {
  [DuckDBTypeId.TINYINT]: 1,
  [DuckDBTypeId.UTINYINT]: 1,
  [DuckDBTypeId.SMALLINT]: 2,
  [DuckDBTypeId.USMALLINT]: 2,
  [DuckDBTypeId.INTEGER]: 4,
  [DuckDBTypeId.UINTEGER]: 4,
  [DuckDBTypeId.FLOAT]: 4,
  [DuckDBTypeId.DATE]: 4,
  [DuckDBTypeId.BIGINT]: 8,
  [DuckDBTypeId.UBIGINT]: 8,
  [DuckDBTypeId.DOUBLE]: 8,
  [DuckDBTypeId.TIME]: 8,
  [DuckDBTypeId.TIMESTAMP]: 8,
  [DuckDBTypeId.TIMESTAMP_TZ]: 8,
  [DuckDBTypeId.TIMESTAMP_S]: 8,
  [DuckDBTypeId.TIMESTAMP_MS]: 8,
  [DuckDBTypeId.TIMESTAMP_NS]: 8,
};

/** A DuckDB vector of `count` rows as Arrow data of the type that `arrowType` gives. Copies: the chunk may go afterwards. */
export function readVector(vector: duckdb.Vector, type: DuckDBType, arrow: DataType, count: number): Data {
  return read(vector, type, arrow, { count, rows: null, size: count });
}

function read(vector: duckdb.Vector, type: DuckDBType, arrow: DataType, selection: Selection): Data {
  const { length, nullBitmap, nullCount, validity } = readValidity(vector, selection);
  const common = { length, nullCount, nullBitmap };
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return makeData({ ...common, type: arrow as never, data: packBits(fixed(vector, 1, selection)) });
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.BLOB: {
      const { offsets, bytes } = readStrings(vector, selection, validity);
      return makeData({ ...common, type: arrow as never, valueOffsets: offsets, data: bytes });
    }
    case DuckDBTypeId.DECIMAL:
      return makeData({ ...common, type: arrow as never, data: readDecimals(vector, (type as DuckDBDecimalType).width, selection) });
    case DuckDBTypeId.STRUCT: {
      const children = (type as DuckDBStructType).entryTypes.map((child, index) =>
        read(duckdb.struct_vector_get_child(vector, index), child, (arrow.children[index] as { type: DataType }).type, selection),
      );
      return makeData({ ...common, type: arrow as never, children: children as never });
    }
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.MAP: {
      const { offsets, children } = readEntries(vector, selection, validity);
      const child = duckdb.list_vector_get_child(vector);
      const childArrow = (arrow.children[0] as { type: DataType }).type;
      const data =
        type.typeId === DuckDBTypeId.LIST
          ? read(child, (type as DuckDBListType).valueType, childArrow, children)
          : readPairs(child, type as DuckDBMapType, childArrow, children);
      return makeData({ ...common, type: arrow as never, valueOffsets: offsets, child: data as never });
    }
    default: {
      const bytes = fixed(vector, widths[type.typeId] as number, selection);
      return makeData({ ...common, type: arrow as never, data: new (arrow.ArrayType as Float64ArrayConstructor)(bytes.buffer) as never });
    }
  }
}

function readPairs(vector: duckdb.Vector, type: DuckDBMapType, arrow: DataType, selection: Selection): Data {
  const [key, value] = [0, 1].map((index) => duckdb.struct_vector_get_child(vector, index)) as [duckdb.Vector, duckdb.Vector];
  const children = [
    read(key, type.keyType, (arrow.children[0] as { type: DataType }).type, selection),
    read(value, type.valueType, (arrow.children[1] as { type: DataType }).type, selection),
  ];
  return makeData({ type: arrow as never, length: selection.count, nullCount: 0, children: children as never });
}

function readValidity(vector: duckdb.Vector, selection: Selection) {
  const source: Uint8Array | null = duckdb.vector_get_validity(vector, ((selection.size + 63) >> 6) << 3);
  const length = selection.count;
  if (source === null || length === 0) return { length, nullBitmap: undefined, nullCount: 0, validity: null };
  const bitmap = new Uint8Array((length + 7) >> 3);
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (isValid(source, selection.rows?.[row] ?? row)) bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
    else nullCount++;
  }
  return { length, nullBitmap: bitmap, nullCount, validity: bitmap };
}

/** Bytes of the selected rows, in a buffer of their own. */
function fixed(vector: duckdb.Vector, width: number, { count, rows, size }: Selection): Uint8Array<ArrayBuffer> {
  if (count === 0) return new Uint8Array(0);
  const source = duckdb.vector_get_data(vector, size * width);
  if (rows === null) return source.slice(0, count * width) as Uint8Array<ArrayBuffer>;
  const taken = new Uint8Array(count * width);
  for (let row = 0; row < count; row++) {
    const at = (rows[row] as number) * width;
    taken.set(source.subarray(at, at + width), row * width);
  }
  return taken;
}

function packBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array((bytes.length + 7) >> 3);
  bytes.forEach((value, row) => {
    if (value !== 0) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  });
  return bits;
}

/** 2, 4, 8 or 16 bytes by width, to Arrow's 16: four words, least first. */
function readDecimals(vector: duckdb.Vector, width: number, selection: Selection): Uint32Array {
  const bytes = width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16;
  const source = fixed(vector, bytes, selection);
  if (bytes === 16) return new Uint32Array(source.buffer);
  const words = new Uint32Array(selection.count * 4);
  const view = new DataView(source.buffer);
  for (let row = 0; row < selection.count; row++) {
    const at = row * bytes;
    const value = bytes === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
    const high = bytes === 8 ? view.getInt32(at + 4, true) : value < 0 ? -1 : 0;
    words.set([value, high, high < 0 ? -1 : 0, high < 0 ? -1 : 0], row * 4);
  }
  return words;
}

function readStrings(vector: duckdb.Vector, selection: Selection, validity: Uint8Array | null): { offsets: Int32Array; bytes: Uint8Array } {
  const references = fixed(vector, 16, selection);
  const view = new DataView(references.buffer);
  const offsets = new Int32Array(selection.count + 1);
  const lengthOf = (row: number) => (isValid(validity, row) ? view.getUint32(row * 16, true) : 0);
  for (let row = 0; row < selection.count; row++) offsets[row + 1] = (offsets[row] as number) + lengthOf(row);
  const bytes = new Uint8Array(offsets[selection.count] as number);
  for (let row = 0; row < selection.count; row++) {
    const length = lengthOf(row);
    if (length === 0) continue;
    const at = row * 16;
    const text =
      length <= 12 ? references.subarray(at + 4, at + 4 + length) : duckdb.get_data_from_pointer(references.buffer, at + 8, length);
    bytes.set(text, offsets[row]);
  }
  return { offsets, bytes };
}

/** DuckDB's entries may overlap, leave gaps or go back; Arrow's offsets may not, so children are gathered in the order of the rows. */
function readEntries(
  vector: duckdb.Vector,
  selection: Selection,
  validity: Uint8Array | null,
): { offsets: Int32Array; children: Selection } {
  const entries = new BigUint64Array(fixed(vector, 16, selection).buffer);
  const offsets = new Int32Array(selection.count + 1);
  for (let row = 0; row < selection.count; row++) {
    offsets[row + 1] = (offsets[row] as number) + (isValid(validity, row) ? Number(entries[row * 2 + 1]) : 0);
  }
  const rows = new Uint32Array(offsets[selection.count] as number);
  for (let row = 0, to = 0; row < selection.count; row++) {
    const first = Number(entries[row * 2]);
    const length = (offsets[row + 1] as number) - (offsets[row] as number);
    for (let index = 0; index < length; index++) rows[to++] = first + index;
  }
  return { offsets, children: { count: rows.length, rows, size: duckdb.list_vector_get_size(vector) } };
}
