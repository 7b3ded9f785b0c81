import duckdb from '@duckdb/node-bindings';

/** The first `bytes` bytes of a vector's values, where DuckDB keeps them: good until `forgetView` or the vector's end. */
export function viewVector(vector: duckdb.Vector, bytes: number): Uint8Array {
  return duckdb.vector_get_data(vector, bytes);
}

/**
 * Tells the garbage collector that the view is gone. It counts foreign memory as its own, and thousands of views a second would make
 * it mark the whole heap over and over.
 */
export function forgetView(view: Uint8Array): void {
  const buffer = view.buffer as ArrayBuffer;
  if (!buffer.detached) buffer.transfer(0);
}

/** Validity of the first `rows` rows; null when all have a value. */
export function validityOf(vector: duckdb.Vector, rows: number): Uint8Array | null {
  return duckdb.vector_get_validity(vector, ((rows + 63) >> 6) * 8) as Uint8Array | null;
}
