import type { DataType } from '../../connectors/data-type.ts';
import type { WireColumn } from './commit-wire.ts';
import { isText, physicalWidth } from './physical-width.ts';
import { sqlType } from './sql-text.ts';

/**
 * Throws RangeError unless the column has what `rows` rows of `type` need. DuckDB would read beyond the end, or crash, where this finds a
 * fault.
 */
export function checkColumn(column: WireColumn, type: DataType, rows: number, path: string): void {
  if (column.validity !== null && column.validity.byteLength < (rows + 7) >> 3)
    fail(path, `validity has ${column.validity.byteLength} bytes`, rows);
  if (type.kind === 'null') return;
  switch (column.kind) {
    case 'fixed': {
      const width = physicalWidth(type);
      if (width === undefined) mismatch(path, column, type);
      if (column.bytes.byteLength < rows * width) fail(path, `${column.bytes.byteLength} bytes of ${width} each`, rows);
      return;
    }
    case 'string':
      if (!isText(type)) mismatch(path, column, type);
      if (column.codes.length < rows) fail(path, `${column.codes.length} codes`, rows);
      return;
    case 'list':
      checkList(column, type, rows, path);
      return;
    case 'struct':
      if (type.kind !== 'struct' || type.fields.length !== column.children.length) mismatch(path, column, type);
      type.fields.forEach((field, index) => {
        checkColumn(column.children[index] as WireColumn, field.type, rows, `${path}.${field.name}`);
      });
  }
}

function checkList(column: Extract<WireColumn, { kind: 'list' }>, type: DataType, rows: number, path: string): void {
  const types = type.kind === 'list' ? [type.child] : type.kind === 'map' ? [type.key, type.value] : [];
  if (types.length === 0 || types.length !== column.children.length) mismatch(path, column, type);
  if (column.offsets.length < rows + 1) fail(path, `${column.offsets.length} offsets`, rows);
  for (let row = 0; row < rows; row++) {
    if ((column.offsets[row + 1] as number) < (column.offsets[row] as number)) fail(path, `offsets go back at row ${row}`, rows);
  }
  const children = column.offsets[rows] as number;
  types.forEach((child, index) => {
    checkColumn(column.children[index] as WireColumn, child, children, `${path}[]`);
  });
}

function mismatch(path: string, column: WireColumn, type: DataType): never {
  throw new RangeError(`column ${path} is of type ${sqlType(type)}, but a ${column.kind} column came`);
}

function fail(path: string, what: string, rows: number): never {
  throw new RangeError(`column ${path} is too short for ${rows} rows: ${what}`);
}
