import type { DuckDBValue } from '@duckdb/node-api';
import type { Batch, Column } from '../../connectors/batch.ts';
import type { Row } from './compare-rows.ts';

/** A DuckDB value as `buildBatch` takes it. */
export function bareValue(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  const object = value as unknown as Record<string, unknown>;
  if ('entries' in object) {
    const { entries } = object;
    if (Array.isArray(entries))
      return (entries as { key: DuckDBValue; value: DuckDBValue }[]).map((entry) => [bareValue(entry.key), bareValue(entry.value)]);
    return Object.values(entries as Record<string, DuckDBValue>).map(bareValue);
  }
  if ('items' in object) return (object.items as DuckDBValue[]).map(bareValue);
  if ('months' in object) return [object.months, object.days, object.micros];
  for (const key of valueKeys) if (key in object) return object[key];
  throw new Error(`a value with ${Object.keys(object).join(', ')}`);
}
const valueKeys = ['bytes', 'value', 'micros', 'days', 'seconds', 'milliseconds', 'nanoseconds', 'nanos', 'millis', 'hugeint'];

/** Doubles as numbers, both zeros as one; anything else as text or as it is, so that only doubles are compared with tolerance. */
export function shownValue(value: DuckDBValue): unknown {
  if (value !== null && typeof value === 'object') {
    if ('items' in value) return shownList((value.items as DuckDBValue[]).map(shownValue));
    if ('entries' in value) {
      const { entries } = value;
      if (!Array.isArray(entries)) return shownList(Object.values(entries as Record<string, DuckDBValue>).map(shownValue));
      return shownList(entries.map((entry) => [shownValue(entry.key as DuckDBValue), shownValue(entry.value as DuckDBValue)]));
    }
  }
  const bare = bareValue(value);
  if (bare instanceof Uint8Array) return Buffer.from(bare).toString('hex');
  if (Array.isArray(bare)) return bare.map(String).join(' ');
  return typeof bare === 'bigint' ? String(bare) : Object.is(bare, -0) ? 0 : bare;
}

/** A list, map or struct as text. */
function shownList(cells: readonly unknown[]): string {
  return JSON.stringify(cells, (_, cell) => (typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : cell));
}

/** Appends the rows of a batch, shown in the same way. */
export function appendRows(batch: Batch, rows: Row[]): void {
  const cells = batch.columns.map(cellsOf);
  for (let row = 0; row < batch.rows; row++) rows.push(cells.map((cell) => cell(row)));
}

function cellsOf(column: Column): (row: number) => unknown {
  const valid = (row: number) => column.validity === null || (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 1;
  if (column.kind === 'string') {
    const { dictionary, codes } = column;
    if (column.type.kind !== 'blob') return (row) => (valid(row) ? dictionary.text(codes[row] as number) : null);
    const bytes = (code: number) => dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]);
    return (row) => (valid(row) ? Buffer.from(bytes(codes[row] as number)).toString('hex') : null);
  }
  if (column.kind === 'list') {
    const [cells, values] = column.children.map(cellsOf) as [(row: number) => unknown, ((row: number) => unknown) | undefined];
    const one = values === undefined ? cells : (at: number) => [cells(at), values(at)];
    const { offsets } = column;
    const length = (row: number) => (offsets[row + 1] as number) - (offsets[row] as number);
    return (row) => (valid(row) ? shownList(Array.from({ length: length(row) }, (_, k) => one((offsets[row] as number) + k))) : null);
  }
  if (column.kind === 'struct') {
    const fields = column.children.map(cellsOf);
    return (row) => (valid(row) ? shownList(fields.map((field) => field(row))) : null);
  }
  const { data, type } = column;
  if (type.kind === 'interval') {
    const view = (row: number) => new DataView(data.buffer, data.byteOffset + row * 16, 16);
    return (row) => (valid(row) ? `${view(row).getInt32(0, true)} ${view(row).getInt32(4, true)} ${view(row).getBigInt64(8, true)}` : null);
  }
  const signed = type.kind !== 'uhugeint';
  const wide = type.kind === 'hugeint' || type.kind === 'uuid' || !signed || (type.kind === 'decimal' && type.width > 18);
  return (row) => {
    if (!valid(row)) return null;
    if (wide) {
      const bits = (BigInt.asUintN(64, data[row * 2 + 1] as bigint) << 64n) | BigInt.asUintN(64, data[row * 2] as bigint);
      return String(signed ? BigInt.asIntN(128, bits) : bits);
    }
    if (type.kind === 'boolean') return data[row] !== 0;
    const value = data[row];
    if (type.kind === 'decimal') return String(value);
    return typeof value === 'bigint' ? String(value) : Object.is(value, -0) ? 0 : value;
  };
}
