import type { Batch, Column } from '../../../connectors/batch.ts';
import type { RejectedRow } from '../../../connectors/connector.ts';
import type { ColumnSpec, DataType } from '../../../connectors/data-type.ts';
import type { SourceDefinition } from '../../plan/catalog.ts';
import { blobColumn, intervalColumn, nullColumn, textColumn, timestampColumn } from '../batch/make-column.ts';

/** Bytes of a rejected row that are kept. */
export const rejectedBytesMax = 64 << 10;

const column = (name: string, kind: 'timestamp' | 'interval' | 'varchar' | 'blob', nullable: boolean): ColumnSpec => ({
  name,
  type: { kind } as DataType,
  nullable,
});

export const lateName = (source: string) => `${source}__late`;
export const rejectedName = (source: string) => `${source}__rejected`;

const latenessColumns = [
  column('_late_by', 'interval', false),
  column('_partition', 'varchar', false),
  column('_watermark', 'timestamp', false),
];

/** The source's columns, and how late the row was, of which partition, against which watermark; a declared column of such a name stands. */
export function lateColumns(source: SourceDefinition): ColumnSpec[] {
  return [...source.columns.map((each) => ({ ...each, nullable: true })), ...latenessColumns.filter((each) => !declares(source, each))];
}

function declares({ columns }: SourceDefinition, { name }: ColumnSpec): boolean {
  return columns.some((each) => each.name.toLowerCase() === name);
}

/** `names`: the batch's columns. Columns that no query reads were not read from the source and are NULL. */
export function lateBatch(
  source: SourceDefinition,
  names: readonly string[],
  late: Batch,
  lateness: { readonly behind: BigInt64Array; readonly watermark: BigInt64Array },
  partition: string,
): Batch {
  const columns = source.columns.map(({ name, type }) => late.columns[names.indexOf(name)] ?? nullColumn(type, late.rows));
  const partitions = textColumn(new Array<string>(late.rows).fill(partition));
  const watermark: Column = { kind: 'fixed', type: { kind: 'timestamp' }, data: lateness.watermark, validity: null };
  const added = [intervalColumn(lateness.behind), partitions, watermark].filter((_, index) => !declares(source, latenessColumns[index]!));
  return { rows: late.rows, columns: [...columns, ...added] };
}

export const rejectedColumns: readonly ColumnSpec[] = [
  column('time', 'timestamp', false),
  column('partition', 'varchar', false),
  column('at', 'varchar', false),
  column('field', 'varchar', true),
  column('reason', 'varchar', false),
  column('bytes', 'blob', false),
];

export function rejectedBatch(rows: readonly RejectedRow[], partition: string, now: number): Batch {
  return {
    rows: rows.length,
    columns: [
      timestampColumn(BigInt(Math.floor(now)) * 1000n, rows.length),
      textColumn(rows.map(() => partition)),
      textColumn(rows.map((row) => row.at)),
      textColumn(rows.map((row) => row.field)),
      textColumn(rows.map((row) => row.reason)),
      blobColumn(rows.map((row) => row.bytes.subarray(0, rejectedBytesMax))),
    ],
  };
}
