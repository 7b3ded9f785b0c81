import type { Batch, Column, StringColumn } from '../../batch.ts';
import { jsonCells } from '../../cells/json-cell.ts';
import { isNull } from '../../cells/scalar-cell.ts';
import { textCells } from '../../cells/text-cell.ts';
import type { ColumnSpec } from '../../data-type.ts';
import { operationColumn } from '../../sink.ts';
import type { ProducerRecord } from '../produce/record-batch.ts';
import type { RegisteredValues } from './registered-values.ts';
import { type KafkaSinkSettings, valueColumns } from './sink-settings.ts';

export type Operation = 'insert' | 'delete';
type Bytes = (row: number) => Uint8Array | null;

/** What a row becomes. */
export interface RecordForm {
  readonly columns: readonly ColumnSpec[];
  readonly settings: KafkaSinkSettings;
  /** Columns of the key; null: messages have none. */
  readonly key: readonly number[] | null;
  readonly keyFormat: 'text' | 'json';
  /** Every record says in a column of its own whether the row came or went. */
  readonly operations: boolean;
  /** Of `format = avro`; null: values have no registered schema. */
  readonly registered: RegisteredValues | null;
}

export interface RowRecords {
  /** The row as it is now. */
  record(row: number, operation: Operation): ProducerRecord;
  /** No row has its key any more. */
  tombstone(row: number): ProducerRecord;
}

const form = { exact: false };
const unitsPerMs: Readonly<Record<string, (value: bigint) => bigint>> = {
  timestamp_s: (value) => value * 1000n,
  timestamp_ms: (value) => value,
  timestamp_ns: (value) => value / 1_000_000n,
};

/** Records of the rows of a batch; `now`: milliseconds since 1970. */
export function rowRecords(
  batch: Batch,
  { columns, settings, key, keyFormat, operations, registered }: RecordForm,
  now: number,
): RowRecords {
  const named = (indexes: readonly number[]) =>
    indexes.map((index) => ({ name: (columns[index] as ColumnSpec).name, column: batch.columns[index] as Column }));
  const keyOf = key === null ? () => null : keyFormat === 'text' ? textBytes(named(key)[0]?.column as Column) : jsonBytes(named(key));
  const own = named(valueColumns(columns, settings));
  const encoded = registered?.bind(own.map(({ column }) => column)) ?? values(own, settings, operations);
  const headerCells = named(settings.headers).map(({ name, column }) => ({ name, bytes: textBytes(column) }));
  const timeOf = settings.timestamp === null ? () => now : times(batch.columns[settings.timestamp] as Column, now);
  const whole = (row: number, value: Uint8Array | null): ProducerRecord => ({
    key: keyOf(row),
    value,
    timestamp: timeOf(row),
    ...(headerCells.length === 0 ? {} : { headers: headerCells.map(({ name, bytes }) => [name, bytes(row)] as const) }),
  });
  return {
    record: (row, operation) => whole(row, encoded(row, operation)),
    tombstone: (row) => whole(row, null),
  };
}

interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

function values(
  columns: readonly NamedColumn[],
  { format }: KafkaSinkSettings,
  operations: boolean,
): (row: number, operation: Operation) => Uint8Array | null {
  switch (format) {
    case 'text':
    case 'raw': {
      const bytes = textBytes(columns[0]?.column as Column);
      return (row) => bytes(row);
    }
    case 'avro':
      throw new Error('the schema of the values was not registered');
    case 'csv': {
      const cells = columns.map(({ column }) => textCells(column));
      return (row, operation) => {
        const fields = cells.map((cell) => {
          const text = cell(row);
          return text === null ? '' : csvField(text);
        });
        return Buffer.from((operations ? [...fields, operation] : fields).join(','));
      };
    }
    case 'json': {
      const text = jsonText(columns);
      return (row, operation) => Buffer.from(operations ? `${comma(text(row))}"${operationColumn}":"${operation}"}` : `${text(row)}}`);
    }
  }
}

function comma(open: string): string {
  return open === '{' ? open : `${open},`;
}

/** The object without its closing brace. */
function jsonText(columns: readonly NamedColumn[]): (row: number) => string {
  const cells = columns.map(({ name, column }, index) => ({
    lead: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
    cell: jsonCells(column, form),
  }));
  return (row) => {
    let text = '{';
    for (const { lead, cell } of cells) text += lead + cell(row);
    return text;
  };
}

function jsonBytes(columns: readonly NamedColumn[]): Bytes {
  const text = jsonText(columns);
  return (row) => Buffer.from(`${text(row)}}`);
}

/** Of a BLOB its bytes, of all else the text. */
function textBytes(column: Column): Bytes {
  if (column.kind === 'string') return (row) => (isNull(column.validity, row) ? null : storedBytes(column, row));
  const cells = textCells(column);
  return (row) => {
    const text = cells(row);
    return text === null ? null : Buffer.from(text);
  };
}

function storedBytes({ dictionary, codes }: StringColumn, row: number): Uint8Array {
  const code = codes[row] as number;
  return dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]);
}

function times(column: Column, now: number): (row: number) => number {
  if (column.kind !== 'fixed') return () => now;
  const { data, validity } = column;
  const milliseconds = unitsPerMs[column.type.kind] ?? ((value: bigint) => value / 1000n);
  return (row) => {
    if (isNull(validity, row)) return now;
    const time = Number(milliseconds(data[row] as bigint));
    // Brokers refuse times before 1970.
    return time >= 0 && time <= timestampMax ? time : now;
  };
}

/** 9999-12-31: infinity is later. */
const timestampMax = 253_402_300_799_999;

/** An empty field is NULL, a quoted empty one an empty string. */
function csvField(text: string): string {
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
