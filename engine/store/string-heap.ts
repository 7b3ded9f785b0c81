import duckdb from '@duckdb/node-bindings';
import type { WireDictionary } from './commit-wire.ts';

const vectorRows = duckdb.vector_size();
const varcharType = 17 satisfies duckdb.Type.VARCHAR;
/** Bytes of DuckDB's string reference: length, then either up to 12 bytes of text, or 4 bytes of it and a pointer. */
const referenceBytes = 16;
const inlineBytesMax = 12;

/**
 * Strings in DuckDB's own memory, so that a column of codes becomes a column of strings by copying 16-byte references. References are
 * valid until `clear`; the appender copies what they point to.
 */
export class StringHeap {
  readonly #type = duckdb.create_logical_type(varcharType);
  readonly #chunks: duckdb.DataChunk[] = [];
  #chunksUsed = 0;
  #rowsUsed = vectorRows;

  /** 4 words per string. */
  references(dictionary: WireDictionary): Uint32Array {
    const { offsets, bytes } = dictionary;
    const count = offsets.length - 1;
    const words = new Uint32Array(count * 4);
    const target = new Uint8Array(words.buffer);
    const long: number[] = [];
    for (let index = 0; index < count; index++) {
      const start = offsets[index] as number;
      const end = offsets[index + 1] as number;
      words[index * 4] = end - start;
      if (end - start > inlineBytesMax) long.push(index);
      else for (let at = start, to = index * referenceBytes + 4; at < end; at++, to++) target[to] = bytes[at] as number;
    }
    for (let done = 0; done < long.length; ) done += this.#assign(dictionary, long, done, target);
    return words;
  }

  /** Frees the strings: references taken before point nowhere after this. */
  clear(): void {
    for (let index = 0; index < this.#chunksUsed; index++) duckdb.data_chunk_reset(this.#chunks[index] as duckdb.DataChunk);
    this.#chunksUsed = 0;
    this.#rowsUsed = vectorRows;
  }

  #assign(dictionary: WireDictionary, long: readonly number[], from: number, target: Uint8Array): number {
    if (this.#rowsUsed === vectorRows) this.#nextChunk();
    const vector = duckdb.data_chunk_get_vector(this.#chunks[this.#chunksUsed - 1] as duckdb.DataChunk, 0);
    const first = this.#rowsUsed;
    const count = Math.min(vectorRows - first, long.length - from);
    for (let index = 0; index < count; index++) {
      const entry = long[from + index] as number;
      const text = dictionary.bytes.subarray(dictionary.offsets[entry], dictionary.offsets[entry + 1]);
      duckdb.vector_assign_string_element_len(vector, first + index, text);
    }
    const references = duckdb.vector_get_data(vector, (first + count) * referenceBytes);
    for (let index = 0; index < count; index++) {
      const at = (first + index) * referenceBytes;
      target.set(references.subarray(at, at + referenceBytes), (long[from + index] as number) * referenceBytes);
    }
    this.#rowsUsed += count;
    return count;
  }

  #nextChunk(): void {
    if (this.#chunksUsed === this.#chunks.length) this.#chunks.push(duckdb.create_data_chunk([this.#type]));
    const chunk = this.#chunks[this.#chunksUsed++] as duckdb.DataChunk;
    duckdb.data_chunk_set_size(chunk, vectorRows);
    this.#rowsUsed = 0;
  }
}
