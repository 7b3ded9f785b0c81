import type { Batch, Column, Validity } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';

/**
 * Columns out of plain values: bigint for 64 bits and wider, decimals as the scaled integer, uuid as its 128-bit form, interval as
 * [months, days, microseconds], blobs as Uint8Array, maps as arrays of pairs, structs as arrays of fields.
 */
export function buildBatch(columns: readonly ColumnSpec[], rows: readonly (readonly unknown[])[]): Batch {
  return {
    rows: rows.length,
    columns: columns.map((column, index) =>
      buildColumn(
        column.type,
        rows.map((row) => row[index]),
      ),
    ),
  };
}

export function buildColumn(type: DataType, values: readonly unknown[]): Column {
  const validity = validityOf(values);
  switch (type.kind) {
    case 'varchar':
    case 'json':
    case 'blob':
    case 'enum':
      return strings(type, values, validity);
    case 'list': {
      const lists = values.map((value) => (value ?? []) as unknown[]);
      return { kind: 'list', type, offsets: offsetsOf(lists), children: [buildColumn(type.child, lists.flat(1))], validity };
    }
    case 'map': {
      const pairs = values.map((value) => (value ?? []) as [unknown, unknown][]);
      const children = [type.key, type.value].map((child, part) =>
        buildColumn(
          child,
          pairs.flatMap((map) => map.map((pair) => pair[part])),
        ),
      );
      return { kind: 'list', type, offsets: offsetsOf(pairs), children, validity };
    }
    case 'struct': {
      const children = type.fields.map((field, index) =>
        buildColumn(
          field.type,
          values.map((value) => (value === null ? null : (value as unknown[])[index])),
        ),
      );
      return { kind: 'struct', type, children, validity };
    }
    default:
      return { kind: 'fixed', type, data: fixedData(type, values), validity };
  }
}

function strings(type: DataType, values: readonly unknown[], validity: Validity): Column {
  const dictionary = new StringDictionary();
  const codes = Uint32Array.from(values, (value) => {
    if (value === null) return 0;
    return value instanceof Uint8Array ? dictionary.append(value) : dictionary.intern(String(value));
  });
  return { kind: 'string', type, codes, dictionary, validity };
}

function fixedData(type: DataType, values: readonly unknown[]) {
  const numbers = values.map((value) => Number(value ?? 0));
  const bigints = () => BigInt64Array.from(values, (value) => BigInt((value ?? 0) as bigint));
  switch (type.kind) {
    case 'boolean':
    case 'utinyint':
      return Uint8Array.from(numbers);
    case 'tinyint':
      return Int8Array.from(numbers);
    case 'smallint':
      return Int16Array.from(numbers);
    case 'usmallint':
      return Uint16Array.from(numbers);
    case 'integer':
    case 'date':
    case 'null':
      return Int32Array.from(numbers);
    case 'uinteger':
      return Uint32Array.from(numbers);
    case 'float':
      return Float32Array.from(numbers);
    case 'double':
      return Float64Array.from(numbers);
    case 'hugeint':
    case 'uhugeint':
    case 'uuid':
      return wide(values);
    case 'interval':
      return intervals(values);
    case 'decimal':
      if (type.width > 18) return wide(values);
      return type.width <= 4 ? Int16Array.from(numbers) : type.width <= 9 ? Int32Array.from(numbers) : bigints();
    default:
      return bigints();
  }
}

function wide(values: readonly unknown[]): BigUint64Array {
  return BigUint64Array.from(
    values.flatMap((value) => [BigInt.asUintN(64, (value ?? 0n) as bigint), BigInt.asUintN(64, ((value ?? 0n) as bigint) >> 64n)]),
  );
}

function intervals(values: readonly unknown[]): Int32Array {
  const data = new Int32Array(values.length * 4);
  const micros = new BigInt64Array(data.buffer);
  values.forEach((value, row) => {
    const [months, days, microseconds] = (value ?? [0, 0, 0n]) as [number, number, bigint];
    data.set([months, days], row * 4);
    micros[row * 2 + 1] = microseconds;
  });
  return data;
}

function offsetsOf(lists: readonly { readonly length: number }[]): Uint32Array {
  const offsets = new Uint32Array(lists.length + 1);
  lists.forEach((list, row) => {
    offsets[row + 1] = (offsets[row] as number) + list.length;
  });
  return offsets;
}

function validityOf(values: readonly unknown[]): Validity {
  if (!values.includes(null)) return null;
  const bits = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, row) => {
    if (value !== null) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  });
  return bits;
}
