import type { FixedColumn, StringColumn } from '../batch.ts';
import { dateText, intervalText, timestampText, timeText } from './time-cell.ts';

/** A fixed-width value as DuckDB writes it; the row is not NULL. */
export function fixedCell(column: FixedColumn, row: number): string {
  const { type, data } = column;
  switch (type.kind) {
    case 'boolean':
      return data[row] === 0 ? 'false' : 'true';
    case 'float':
      return floatText(data[row] as number);
    case 'double':
      return doubleText(data[row] as number);
    case 'decimal':
      return decimalText(type.width > 18 ? wideValue(column, row, true) : BigInt(data[row] as number | bigint), type.scale);
    case 'hugeint':
      return String(wideValue(column, row, true));
    case 'uhugeint':
      return String(wideValue(column, row, false));
    case 'uuid':
      return uuidText(wideValue(column, row, false));
    case 'interval': {
      const words = new DataView(data.buffer, data.byteOffset + row * 16, 16);
      return intervalText(words.getInt32(0, true), words.getInt32(4, true), words.getBigInt64(8, true));
    }
    case 'date':
      return dateText(data[row] as number);
    case 'time':
      return timeText(data[row] as bigint);
    case 'timestamp':
      return timestampText(data[row] as bigint, 1_000_000n);
    case 'timestamp_s':
      return timestampText(data[row] as bigint, 1n);
    case 'timestamp_ms':
      return timestampText(data[row] as bigint, 1000n);
    case 'timestamp_ns':
      return timestampText(data[row] as bigint, 1_000_000_000n);
    case 'timestamptz':
      return `${timestampText(data[row] as bigint, 1_000_000n)}+00`;
    case 'ubigint':
      return String(BigInt.asUintN(64, data[row] as bigint));
    default:
      return String(data[row]);
  }
}

/** Bytes beyond printable ASCII, and `\`, `'` and `"`, as `\xFF`: DuckDB's text of a BLOB. */
export function blobCell({ dictionary, codes }: StringColumn, row: number): string {
  const code = codes[row] as number;
  let text = '';
  for (const byte of dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1])) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x22 && byte !== 0x27;
    text += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

export function isNull(validity: Uint8Array | null, row: number): boolean {
  return validity !== null && ((validity[row >> 3] as number) & (1 << (row & 7))) === 0;
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The shortest digits that give the same FLOAT again. */
function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The value of 16 bytes. */
export function wideValue(column: FixedColumn, row: number, signed: boolean): bigint {
  const words = new DataView(column.data.buffer, column.data.byteOffset + row * 16, 16);
  const high = signed ? words.getBigInt64(8, true) : words.getBigUint64(8, true);
  return (high << 64n) | words.getBigUint64(0, true);
}

/** DuckDB keeps a uuid's first bit flipped, so that uuids sort as numbers. */
function uuidText(value: bigint): string {
  const hex = (value ^ (1n << 127n)).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
