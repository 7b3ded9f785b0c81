import type { ColumnSpec } from '../data-type.ts';
import type { OptionValues } from '../options.ts';
import type { DecoderSpec, KernelLibrary, RecordField } from './decoder.ts';
import { recordFieldFault } from './record-columns.ts';
import { formatSettings } from './settings.ts';

export interface DecoderPlan {
  readonly columns: readonly ColumnSpec[];
  readonly needed: readonly number[];
  readonly options: OptionValues;
  /** By index of a column. */
  readonly recordFields?: Readonly<Record<number, RecordField>>;
  readonly libraries?: readonly KernelLibrary[];
}

/** What a connector whose options include `formatOptions` asks the engine to compile. */
export function planDecoder({ columns, needed, options, recordFields = {}, libraries = [] }: DecoderPlan): DecoderSpec {
  const { format, timestampUnit, blobs } = formatSettings(options);
  return { format, columns, needed, recordFields, timestampUnit, blobs, libraries };
}

/** Which declared columns the format cannot give. */
export function checkDecodedColumns(
  columns: readonly ColumnSpec[],
  options: OptionValues,
  recordFields: Readonly<Record<number, RecordField>> = {},
): readonly { column: string; message: string; hint?: string }[] {
  const { format } = formatSettings(options);
  const faults: { column: string; message: string; hint?: string }[] = [];
  const fromValue = columns.filter((column, index) => {
    const field = recordFields[index];
    const message = field === undefined ? null : recordFieldFault(field, column);
    if (message !== null) faults.push({ column: column.name, message });
    return field === undefined;
  });
  if (format !== 'text' && format !== 'raw') return faults;
  for (const [place, column] of fromValue.entries()) {
    const message = place > 0 ? `${format} gives one column, and ${fromValue[0]?.name} is it` : wrongWhole(format, column);
    if (message !== null) faults.push({ column: column.name, message });
  }
  return faults;
}

function wrongWhole(format: 'text' | 'raw', { name, type }: ColumnSpec): string | null {
  if (format === 'raw') return type.kind === 'blob' ? null : `"${name}" holds the bytes of a message: declare it as BLOB`;
  return type.kind === 'varchar' || type.kind === 'json' ? null : `"${name}" holds the text of a message: declare it as VARCHAR or JSON`;
}
