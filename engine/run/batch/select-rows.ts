import type { Batch, Column, FixedArray, FixedColumn, ListColumn } from '../../../connectors/batch.ts';
import { elementsPerRow, fixedArrayLike } from './fixed-width.ts';
import { selectValidity } from './validity.ts';

/** The rows named, in the order named, in new arrays. */
export function selectRows(batch: Batch, rows: Uint32Array): Batch {
  const selected = { rows: rows.length, columns: batch.columns.map((column) => selectColumn(column, rows)) };
  const { weights } = batch;
  return weights === undefined ? selected : { ...selected, weights: Int32Array.from(rows, (row) => weights[row] as number) };
}

function selectColumn(column: Column, rows: Uint32Array): Column {
  const validity = selectValidity(column.validity, rows);
  switch (column.kind) {
    case 'fixed':
      return { ...column, data: selectValues(column, rows), validity };
    case 'string':
      return { ...column, codes: Uint32Array.from(rows, (row) => column.codes[row] as number), validity };
    case 'list':
      return { ...selectList(column, rows), validity };
    case 'struct':
      return { ...column, children: column.children.map((child) => selectColumn(child, rows)), validity };
  }
}

function selectValues(column: FixedColumn, rows: Uint32Array): FixedArray {
  const each = elementsPerRow(column);
  const selected = fixedArrayLike(column.data, rows.length * each);
  const from = words(column.data, each);
  const to = words(selected, each);
  const width = from.length === 0 ? 1 : (each * column.data.BYTES_PER_ELEMENT) / from.BYTES_PER_ELEMENT;
  for (let i = 0; i < rows.length; i++) {
    const at = (rows[i] as number) * width;
    for (let word = 0; word < width; word++) to[i * width + word] = from[at + word] as number;
  }
  return selected;
}

/** Integer views: copying doubles as doubles could change the bits of a NaN. */
function words(data: FixedArray, each: number): Uint8Array | Uint16Array | Uint32Array {
  const width = data.BYTES_PER_ELEMENT * each;
  if (width === 1) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (width === 2) return new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
  return new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
}

function selectList(column: ListColumn, rows: Uint32Array): ListColumn {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    offsets[i + 1] = (offsets[i] as number) + (column.offsets[row + 1] as number) - (column.offsets[row] as number);
  }
  const inner = new Uint32Array(offsets[rows.length] as number);
  let next = 0;
  for (const row of rows) {
    for (let child = column.offsets[row] as number; child < (column.offsets[row + 1] as number); child++) inner[next++] = child;
  }
  return { ...column, offsets, children: column.children.map((child) => selectColumn(child, inner)) };
}
