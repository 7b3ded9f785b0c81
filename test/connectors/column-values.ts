import type { Column, Validity } from '../../connectors/batch.ts';

function isValid(validity: Validity, row: number): boolean {
  return validity === null || ((validity[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

/** Value of one row as plain data: numbers, bigints (64 bits and more, decimals scaled), strings, arrays, [key, value] pairs, objects. */
export function columnValue(column: Column, row: number): unknown {
  if (!isValid(column.validity, row)) return null;
  switch (column.kind) {
    case 'string':
      return column.type.kind === 'blob' ? blobText(column, row) : column.dictionary.text(column.codes[row] as number);
    case 'list': {
      const from = column.offsets[row] as number;
      const rows = Array.from({ length: (column.offsets[row + 1] as number) - from }, (_, index) => from + index);
      return rows.map((at) =>
        column.children.length === 1 ? columnValue(column.children[0]!, at) : column.children.map((child) => columnValue(child, at)),
      );
    }
    case 'struct': {
      if (column.type.kind !== 'struct') throw new Error('a struct column of another type');
      return Object.fromEntries(column.type.fields.map((field, index) => [field.name, columnValue(column.children[index]!, row)]));
    }
    case 'fixed': {
      const { data } = column;
      if (isTwoWords(column)) return [data[row * 2], data[row * 2 + 1]];
      return data[row];
    }
  }
}

function isTwoWords(column: Column): boolean {
  const { type } = column;
  return ['hugeint', 'uhugeint', 'uuid', 'interval'].includes(type.kind) || (type.kind === 'decimal' && type.width > 18);
}

function blobText(column: Column & { kind: 'string' }, row: number): string {
  const { offsets, bytes } = column.dictionary;
  const code = column.codes[row] as number;
  return Buffer.from(bytes.subarray(offsets[code], offsets[code + 1])).toString('hex');
}

export function columnValues(column: Column, rows: number): unknown[] {
  return Array.from({ length: rows }, (_, row) => columnValue(column, row));
}
