import type { Batch, Column, FixedArray, StringColumn } from '../../connectors/batch.ts';
import type { DataType } from '../../connectors/data-type.ts';

/** Of a result column, or of a field of a column that is a STRUCT. */
export interface ColumnPath {
  /** As a person writes it: `score`, `a.score`. */
  readonly name: string;
  readonly type: DataType;
  readonly column: number;
  readonly field: number | null;
}

/** Decimals of more digits take two words. */
const wordDigitsMax = 18;
const decoder = new TextDecoder();
const microsOf: Readonly<Partial<Record<DataType['kind'], (value: bigint) => bigint>>> = {
  timestamp: (value) => value,
  timestamptz: (value) => value,
  timestamp_s: (value) => value * 1_000_000n,
  timestamp_ms: (value) => value * 1000n,
  timestamp_ns: (value) => value / 1000n,
};

/** Kinds that a number can be read from here. */
export const numberKinds: ReadonlySet<DataType['kind']> = new Set([
  ...([
    'tinyint',
    'smallint',
    'integer',
    'bigint',
    'utinyint',
    'usmallint',
    'uinteger',
    'ubigint',
    'float',
    'double',
    'boolean',
    'decimal',
    'hugeint',
  ] as const),
]);
export const timeKinds: ReadonlySet<DataType['kind']> = new Set(Object.keys(microsOf) as DataType['kind'][]);

/** Values by row of a batch. */
export class ColumnValues {
  readonly #column: Column;
  readonly #outer: Column | null;
  readonly #texts = new Map<number, string>();

  constructor(batch: Batch, { column, field }: ColumnPath) {
    const whole = batch.columns[column] as Column;
    this.#outer = field === null ? null : whole;
    this.#column = field === null ? whole : ((whole as { children: readonly Column[] }).children[field] as Column);
  }

  isNull(row: number): boolean {
    return isNull(this.#column, row) || (this.#outer !== null && isNull(this.#outer, row));
  }

  /** NaN for NULL. */
  number(row: number): number {
    const column = this.#column;
    if (this.isNull(row) || column.kind !== 'fixed') return Number.NaN;
    const { type, data } = column;
    if (type.kind === 'decimal') return (type.width > wordDigitsMax ? wideNumber(data, row) : Number(data[row])) / 10 ** type.scale;
    return type.kind === 'hugeint' ? wideNumber(data, row) : Number(data[row]);
  }

  /** Microseconds since 1970, null for NULL. */
  micros(row: number): bigint | null {
    const toMicros = microsOf[this.#column.type.kind];
    if (this.isNull(row) || this.#column.kind !== 'fixed' || toMicros === undefined) return null;
    return toMicros(this.#column.data[row] as bigint);
  }

  text(row: number): string {
    if (this.isNull(row)) return 'NULL';
    const column = this.#column;
    if (column.kind === 'string') return this.#string(column, column.codes[row] as number);
    if (column.kind !== 'fixed') return '';
    return column.type.kind === 'boolean' ? String(column.data[row] !== 0) : String(column.data[row]);
  }

  /** Of a list of DOUBLE; null for NULL. */
  list(row: number): Float64Array | null {
    const column = this.#column;
    if (column.kind !== 'list' || this.isNull(row)) return null;
    const [from, to] = [column.offsets[row] as number, column.offsets[row + 1] as number];
    const [child] = column.children;
    if (child?.kind !== 'fixed') return null;
    return Float64Array.from({ length: to - from }, (_, k) => (isNull(child, from + k) ? Number.NaN : Number(child.data[from + k])));
  }

  #string({ dictionary }: StringColumn, code: number): string {
    const known = this.#texts.get(code);
    if (known !== undefined) return known;
    const { bytes, offsets } = dictionary;
    const text = decoder.decode(bytes.subarray(offsets[code] as number, offsets[code + 1] as number));
    this.#texts.set(code, text);
    return text;
  }
}

/** Of two words, the low one first. */
function wideNumber(data: FixedArray, row: number): number {
  const [low, high] = [data[row * 2] as bigint, data[row * 2 + 1] as bigint];
  return Number((BigInt.asIntN(64, high) << 64n) | low);
}

function isNull({ validity }: Column, row: number): boolean {
  return validity !== null && (((validity[row >> 3] as number) >> (row & 7)) & 1) === 0;
}
