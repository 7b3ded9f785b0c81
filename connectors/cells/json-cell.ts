import type { Column, ListColumn, StringColumn } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { blobCell, fixedCell, isNull } from './scalar-cell.ts';

/** A cell of one column as JSON. */
export type JsonCells = (row: number) => string;

export interface JsonForm {
  /** Numbers that a reader might take for a DOUBLE, and JSON inside JSON, are written as strings. */
  readonly exact: boolean;
}

const numbers: ReadonlySet<DataType['kind']> = new Set([
  ...(['tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger', 'ubigint'] as const),
  ...(['float', 'double', 'boolean'] as const),
]);
const wideNumbers: ReadonlySet<DataType['kind']> = new Set(['hugeint', 'uhugeint', 'decimal']);

/** NULL is `null`; lists are arrays, structs and maps are objects; NaN, infinities, moments and all else are strings as DuckDB writes them. */
export function jsonCells(column: Column, form: JsonForm): JsonCells {
  const cells = valueCells(column, form);
  const { validity } = column;
  return validity === null ? cells : (row) => (isNull(validity, row) ? 'null' : cells(row));
}

function valueCells(column: Column, form: JsonForm): JsonCells {
  switch (column.kind) {
    case 'string':
      return stringCells(column, form);
    case 'fixed': {
      const { kind } = column.type;
      if (kind === 'float' || kind === 'double') return (row) => finite(fixedCell(column, row));
      const bare = numbers.has(kind) || (wideNumbers.has(kind) && !form.exact);
      return bare ? (row) => fixedCell(column, row) : (row) => `"${fixedCell(column, row)}"`;
    }
    case 'list':
      return column.type.kind === 'map' ? mapCells(column, form) : listCells(column, form);
    case 'struct': {
      const names = column.type.kind === 'struct' ? column.type.fields.map((field) => JSON.stringify(field.name)) : [];
      const children = column.children.map((child) => jsonCells(child, form));
      return (row) => `{${children.map((child, index) => `${names[index]}:${child(row)}`).join(',')}}`;
    }
  }
}

function finite(text: string): string {
  return /[nN]/.test(text) ? `"${text}"` : text;
}

function stringCells(column: StringColumn, form: JsonForm): JsonCells {
  const known = new Map<number, string>();
  const { codes, dictionary, type } = column;
  if (type.kind === 'blob') return (row) => JSON.stringify(blobCell(column, row));
  // A line break between the tokens of a JSON text would end the record.
  const write = type.kind === 'json' && !form.exact ? (text: string) => text.replaceAll(/[\r\n]/g, ' ') : JSON.stringify;
  return (row) => {
    const code = codes[row] as number;
    let text = known.get(code);
    if (text === undefined) {
      text = write(dictionary.text(code));
      known.set(code, text);
    }
    return text;
  };
}

function listCells(column: ListColumn, form: JsonForm): JsonCells {
  const child = jsonCells(column.children[0] as Column, form);
  return (row) => {
    const items: string[] = [];
    for (let index = column.offsets[row] as number; index < (column.offsets[row + 1] as number); index++) items.push(child(index));
    return `[${items.join(',')}]`;
  };
}

function mapCells(column: ListColumn, form: JsonForm): JsonCells {
  const [key, value] = column.children.map((child) => jsonCells(child, form)) as [JsonCells, JsonCells];
  return (row) => {
    const items: string[] = [];
    for (let index = column.offsets[row] as number; index < (column.offsets[row + 1] as number); index++) {
      const name = key(index);
      items.push(`${name.startsWith('"') ? name : JSON.stringify(name)}:${value(index)}`);
    }
    return `{${items.join(',')}}`;
  };
}
