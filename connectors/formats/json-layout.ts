import { batchRowsMax } from '../batch.ts';
import type { ColumnSpec, DataType } from '../data-type.ts';
import type { DecoderSpec } from './decoder.ts';

/**
 * How the generated decoder keeps a column: `fixed` and `codes` are what a batch holds; `span` is where the value stands in the message
 * (u32 address, i32 length, -1 for NULL), for types that the host decodes; `none`: checked only.
 */
export type JsonStorage = 'fixed' | 'codes' | 'span' | 'none';

export interface JsonColumn {
  /** Among all columns of the table. */
  readonly index: number;
  readonly spec: ColumnSpec;
  readonly needed: boolean;
  readonly storage: JsonStorage;
  /** Bytes a row. */
  readonly width: number;
  /** Where its rows and its validity (0: it has none) begin in the block of columns. */
  readonly offset: number;
  readonly validity: number;
  /** Number of its dictionary, or -1. */
  readonly dictionary: number;
}

export interface JsonLayout {
  /** Columns taken from the value; a column's place here is its field number. */
  readonly columns: readonly JsonColumn[];
  /** Bytes of the block of columns. */
  readonly bytes: number;
  /** The first bytes of it are the validities; they begin at 64, so that no offset is 0. */
  readonly validityBytes: number;
  readonly dictionaries: number;
}

const validityBytes = batchRowsMax / 8;

/** Bytes of one value in DuckDB's physical form; 0 for a type without one. */
export function fixedWidth(type: DataType): number {
  switch (type.kind) {
    case 'boolean':
    case 'tinyint':
    case 'utinyint':
      return 1;
    case 'smallint':
    case 'usmallint':
      return 2;
    case 'integer':
    case 'uinteger':
    case 'float':
    case 'date':
      return 4;
    case 'hugeint':
    case 'uhugeint':
    case 'uuid':
    case 'interval':
      return 16;
    case 'decimal':
      return type.width <= 4 ? 2 : type.width <= 9 ? 4 : type.width <= 18 ? 8 : 16;
    case 'varchar':
    case 'json':
    case 'blob':
    case 'enum':
    case 'list':
    case 'map':
    case 'struct':
    case 'null':
      return 0;
    default:
      return 8;
  }
}

/** Types that the host makes from the value's text. */
const hostKinds: ReadonlySet<DataType['kind']> = new Set(['interval', 'blob', 'list', 'map', 'struct']);

export function jsonLayout(spec: DecoderSpec): JsonLayout {
  const fromValue = spec.columns.flatMap((column, index) => (spec.recordFields[index] === undefined ? [{ column, index }] : []));
  const storageOf = (column: ColumnSpec, index: number): JsonStorage => {
    if (hostKinds.has(column.type.kind)) return 'span';
    if (!spec.needed.includes(index)) return 'none';
    return fixedWidth(column.type) === 0 ? 'codes' : 'fixed';
  };
  const kept = fromValue.map(({ column, index }) => ({ spec: column, index, storage: storageOf(column, index) }));
  const hasValidity = (each: (typeof kept)[number]) => each.spec.nullable && (each.storage === 'fixed' || each.storage === 'codes');
  const validities = kept.filter(hasValidity).length * validityBytes;
  let validity = 64;
  let offset = 64 + validities;
  let dictionaries = 0;
  const columns = kept.map((each): JsonColumn => {
    const width = each.storage === 'none' ? 0 : each.storage === 'span' ? 8 : each.storage === 'codes' ? 4 : fixedWidth(each.spec.type);
    const usesDictionary = each.storage === 'codes' || each.spec.type.kind === 'enum';
    const column: JsonColumn = {
      ...each,
      needed: spec.needed.includes(each.index),
      width,
      offset: width === 0 ? 0 : offset,
      validity: hasValidity(each) ? validity : 0,
      dictionary: usesDictionary ? dictionaries++ : -1,
    };
    offset += width * batchRowsMax;
    if (hasValidity(each)) validity += validityBytes;
    return column;
  });
  return { columns, bytes: offset, validityBytes: validities, dictionaries };
}
