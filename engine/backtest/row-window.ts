/** Rows of one labelled event: indexes of its first and last row, both inside it. */
export type RowWindow = readonly [first: number, last: number];
