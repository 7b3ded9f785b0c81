import type { Column } from '../batch.ts';
import { jsonCells } from './json-cell.ts';
import { blobCell, fixedCell, isNull } from './scalar-cell.ts';

/** A cell of one column as plain text, or null: what stands in a CSV field or in the name of a folder. Nested values are JSON. */
export function textCells(column: Column): (row: number) => string | null {
  const cells = valueCells(column);
  const { validity } = column;
  return (row) => (isNull(validity, row) ? null : cells(row));
}

function valueCells(column: Column): (row: number) => string {
  if (column.kind === 'fixed') return (row) => fixedCell(column, row);
  if (column.kind !== 'string') return jsonCells(column, { exact: false });
  if (column.type.kind === 'blob') return (row) => blobCell(column, row);
  const known = new Map<number, string>();
  return (row) => {
    const code = column.codes[row] as number;
    let text = known.get(code);
    if (text === undefined) {
      text = column.dictionary.text(code);
      known.set(code, text);
    }
    return text;
  };
}
