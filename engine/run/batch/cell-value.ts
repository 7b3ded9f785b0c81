import type { Column, FixedColumn, ListColumn, StructColumn } from '../../../connectors/batch.ts';
import type { DataType } from '../../../connectors/data-type.ts';
import { isValid } from './validity.ts';

const microsPerDay = 86_400_000_000n;

/** A value as JSON can say it: 64-bit integers beyond 2^53, decimals and nested values as DuckDB prints them, timestamps as ISO, UTC. */
export function cellValue(column: Column, row: number): unknown {
  if (!isValid(column.validity, row)) return null;
  switch (column.kind) {
    case 'fixed':
      return fixedValue(column, row);
    case 'string':
      return column.type.kind === 'blob' ? blobText(column, row) : column.dictionary.text(column.codes[row] as number);
    case 'list':
      return listText(column, row);
    case 'struct':
      return structText(column, row);
  }
}

function fixedValue(column: FixedColumn, row: number): unknown {
  const { type, data } = column;
  switch (type.kind) {
    case 'boolean':
      return data[row] !== 0;
    case 'float':
    case 'double':
      return doubleValue(data[row] as number);
    case 'decimal':
      return decimalText(type.width > 18 ? wide(column, row, true) : BigInt(data[row] as number | bigint), type.scale);
    case 'hugeint':
    case 'uhugeint':
      return integerValue(wide(column, row, type.kind === 'hugeint'));
    case 'uuid':
      return uuidText(wide(column, row, false));
    case 'interval':
      return intervalText(column, row);
    default:
      return timeText(type.kind, BigInt(data[row] as number | bigint)) ?? integerValue(BigInt(data[row] as number | bigint));
  }
}

function timeText(kind: DataType['kind'], value: bigint): string | null {
  switch (kind) {
    case 'date':
      return isoText(value * microsPerDay).slice(0, -'T00:00:00Z'.length);
    case 'time':
      return isoText(value).slice('1970-01-01T'.length, -1);
    case 'timestamp':
    case 'timestamptz':
      return isoText(value);
    case 'timestamp_s':
      return isoText(value * 1_000_000n);
    case 'timestamp_ms':
      return isoText(value * 1000n);
    case 'timestamp_ns':
      return isoText(value / 1000n);
    default:
      return null;
  }
}

/** Beyond JavaScript's dates (years over 275,760, infinity) the number of microseconds is shown. */
function isoText(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((micros - rest) / 1000n));
  if (Number.isNaN(date.getTime())) return String(micros);
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return date.toISOString().replace('.000Z', `${fraction}Z`);
}

function doubleValue(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function integerValue(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function wide(column: FixedColumn, row: number, signed: boolean): bigint {
  const words = new DataView(column.data.buffer, column.data.byteOffset + row * 16, 16);
  const high = signed ? words.getBigInt64(8, true) : words.getBigUint64(8, true);
  return (high << 64n) | words.getBigUint64(0, true);
}

/** DuckDB keeps a uuid's first bit flipped, so that uuids sort as numbers. */
function uuidText(value: bigint): string {
  const hex = (value ^ (1n << 127n)).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function intervalText(column: FixedColumn, row: number): string {
  const words = new DataView(column.data.buffer, column.data.byteOffset + row * 16, 16);
  const months = words.getInt32(0, true);
  const days = words.getInt32(4, true);
  const micros = words.getBigInt64(8, true);
  const count = (value: number, unit: string) => (value === 0 ? [] : [`${value} ${unit}${Math.abs(value) === 1 ? '' : 's'}`]);
  const parts = [...count(Math.trunc(months / 12), 'year'), ...count(months % 12, 'month'), ...count(days, 'day')];
  if (micros === 0n && parts.length > 0) return parts.join(' ');
  const size = micros < 0n ? -micros : micros;
  const pad = (value: bigint) => String(value).padStart(2, '0');
  const clock = `${pad(size / 3_600_000_000n)}:${pad((size / 60_000_000n) % 60n)}:${pad((size / 1_000_000n) % 60n)}`;
  const rest = size % 1_000_000n;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return [...parts, `${micros < 0n ? '-' : ''}${clock}${fraction}`].join(' ');
}

function blobText(column: Column & { kind: 'string' }, row: number): string {
  const { dictionary, codes } = column;
  const code = codes[row] as number;
  const bytes = dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]);
  let text = '';
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x22 && byte !== 0x27;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function nestedText(column: Column, row: number): string {
  const value = cellValue(column, row);
  return value === null ? 'NULL' : String(value);
}

function listText(column: ListColumn, row: number): string {
  const [first, second] = column.children as [Column, Column | undefined];
  const items: string[] = [];
  for (let i = column.offsets[row] as number; i < (column.offsets[row + 1] as number); i++) {
    items.push(second === undefined ? nestedText(first, i) : `${nestedText(first, i)}=${nestedText(second, i)}`);
  }
  return column.type.kind === 'map' ? `{${items.join(', ')}}` : `[${items.join(', ')}]`;
}

function structText(column: StructColumn, row: number): string {
  const names = column.type.kind === 'struct' ? column.type.fields.map((field) => field.name) : [];
  return `{${column.children.map((child, index) => `'${names[index]}': ${nestedText(child, row)}`).join(', ')}}`;
}
