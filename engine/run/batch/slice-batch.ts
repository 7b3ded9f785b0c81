import type { Batch, Column } from '../../../connectors/batch.ts';
import { elementsPerRow } from './fixed-width.ts';
import { sliceValidity } from './validity.ts';

/** Rows [start, end) as views of the same memory; only validity that does not begin at a byte is copied. */
export function sliceBatch(batch: Batch, start: number, end: number): Batch {
  if (start === 0 && end === batch.rows) return batch;
  const slice = { rows: end - start, columns: batch.columns.map((column) => sliceColumn(column, start, end)) };
  return batch.weights === undefined ? slice : { ...slice, weights: batch.weights.subarray(start, end) };
}

function sliceColumn(column: Column, start: number, end: number): Column {
  const validity = sliceValidity(column.validity, start, end);
  switch (column.kind) {
    case 'fixed': {
      const each = elementsPerRow(column);
      return { ...column, data: column.data.subarray(start * each, end * each), validity };
    }
    case 'string':
      return { ...column, codes: column.codes.subarray(start, end), validity };
    case 'list': {
      const from = column.offsets[start] as number;
      const to = column.offsets[end] as number;
      const offsets = column.offsets.slice(start, end + 1).map((offset) => offset - from);
      return { ...column, offsets, children: column.children.map((child) => sliceColumn(child, from, to)), validity };
    }
    case 'struct':
      return { ...column, children: column.children.map((child) => sliceColumn(child, start, end)), validity };
  }
}
