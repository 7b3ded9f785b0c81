import type { Column, FixedColumn, StringColumn, Validity } from '../../../connectors/batch.ts';
import type { DataType } from '../../../connectors/data-type.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import { bytesPerValue } from './fixed-width.ts';

/** `rows` NULLs. */
export function nullColumn(type: DataType, rows: number): Column {
  const validity = new Uint8Array((rows + 7) >> 3);
  switch (type.kind) {
    case 'varchar':
    case 'json':
    case 'blob':
    case 'enum':
      return { kind: 'string', type, codes: new Uint32Array(rows), dictionary: new StringDictionary(), validity };
    case 'list':
      return { kind: 'list', type, offsets: new Uint32Array(rows + 1), children: [nullColumn(type.child, 0)], validity };
    case 'map':
      return {
        kind: 'list',
        type,
        offsets: new Uint32Array(rows + 1),
        children: [nullColumn(type.key, 0), nullColumn(type.value, 0)],
        validity,
      };
    case 'struct':
      return { kind: 'struct', type, children: type.fields.map((field) => nullColumn(field.type, rows)), validity };
    default:
      return { kind: 'fixed', type, data: nullValues(type, rows), validity };
  }
}

function nullValues(type: DataType, rows: number): FixedColumn['data'] {
  if (type.kind === 'float') return new Float32Array(rows);
  if (type.kind === 'double') return new Float64Array(rows);
  const width = bytesPerValue(type);
  if (width === 1) return new Uint8Array(rows);
  if (width === 2) return new Int16Array(rows);
  if (width === 4) return new Int32Array(rows);
  return width === 8 ? new BigInt64Array(rows) : new BigUint64Array(rows * 2);
}

export function textColumn(values: readonly (string | null)[]): StringColumn {
  const dictionary = new StringDictionary();
  const codes = Uint32Array.from(values, (value) => (value === null ? 0 : dictionary.intern(value)));
  return { kind: 'string', type: { kind: 'varchar' }, codes, dictionary, validity: validityOf(values) };
}

export function blobColumn(values: readonly Uint8Array[]): StringColumn {
  const dictionary = new StringDictionary();
  const codes = Uint32Array.from(values, (value) => dictionary.append(value));
  return { kind: 'string', type: { kind: 'blob' }, codes, dictionary, validity: null };
}

/** Every row has the same value; timestamps in microseconds. */
export function timestampColumn(value: bigint | null, rows: number): FixedColumn {
  const type = { kind: 'timestamp' } as const;
  if (value === null) return nullColumn(type, rows) as FixedColumn;
  return { kind: 'fixed', type, data: new BigInt64Array(rows).fill(value), validity: null };
}

/** Microseconds to INTERVAL (no months, no days). */
export function intervalColumn(micros: BigInt64Array): FixedColumn {
  const data = new BigUint64Array(micros.length * 2);
  for (let i = 0; i < micros.length; i++) data[2 * i + 1] = BigInt.asUintN(64, micros[i] as bigint);
  return { kind: 'fixed', type: { kind: 'interval' }, data, validity: null };
}

function validityOf(values: readonly unknown[]): Validity {
  if (!values.includes(null)) return null;
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) if (values[i] !== null) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return bits;
}
