import { type ColumnSpec, type DataType, integerKinds } from '../data-type.ts';
import { withArticle } from '../type-name.ts';

/** Why a record is no row. */
export interface RowFault {
  readonly reason: string;
  readonly field: string | null;
}

const shownCharactersMax = 60;

export function shownText(bytes: Uint8Array, start: number, end: number): string {
  const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 4 * shownCharactersMax)));
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text;
}

/** `text` is the value as it stands in the file. */
export function wrongType(column: ColumnSpec, text: string): RowFault {
  const shown = JSON.stringify(text);
  const trimmed = text.trim();
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed);
  if (number && integerKinds.has(column.type.kind)) {
    const whole = /^[+-]?\d+(\.0*)?$/.test(trimmed);
    return { reason: whole ? `${column.name} does not fit ${kindName(column.type)}: ${shown}` : isNot(column, shown), field: column.name };
  }
  if (number && column.type.kind === 'decimal') {
    return { reason: `${column.name} does not fit ${kindName(column.type)} exactly: ${shown}`, field: column.name };
  }
  if (number && column.type.kind.startsWith('timestamp')) {
    return { reason: `${isNot(column, shown)}; a number needs the option timestamp_unit`, field: column.name };
  }
  return { reason: isNot(column, shown), field: column.name };
}

export function missingValue(column: ColumnSpec): RowFault {
  return { reason: `${column.name} is NULL but declared NOT NULL`, field: column.name };
}

function isNot(column: ColumnSpec, shown: string): string {
  return `${column.name} is not ${withArticle(column.type)}: ${shown}`;
}

function kindName(type: DataType): string {
  return withArticle(type).replace(/^an? /, '');
}
