import type { Batch, Column, Validity } from '../../connectors/batch.ts';
import type { StringDictionary } from '../../connectors/string-dictionary.ts';
import type { EpochCommit } from './store.ts';

/** An epoch as it goes to the store's thread: plain typed arrays, and of each dictionary only the strings that its rows use. */
export interface WireCommit extends Omit<EpochCommit, 'appends'> {
  readonly dictionaries: readonly WireDictionary[];
  readonly appends: readonly WireAppend[];
}

/** Entry i is bytes[offsets[i] .. offsets[i + 1]). */
export interface WireDictionary {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

export interface WireAppend {
  readonly stream: string;
  readonly rows: number;
  readonly columns: readonly WireColumn[];
  /** By row; null: each row is added once. */
  readonly weights: Int32Array | null;
}

export type WireColumn =
  | { readonly kind: 'fixed'; readonly bytes: Uint8Array; readonly validity: Validity }
  | { readonly kind: 'string'; readonly codes: Uint32Array; readonly dictionary: number; readonly validity: Validity }
  | { readonly kind: 'list'; readonly offsets: Uint32Array; readonly children: readonly WireColumn[]; readonly validity: Validity }
  | { readonly kind: 'struct'; readonly children: readonly WireColumn[]; readonly validity: Validity };

/** `transfer` are the buffers that the message may take with it. */
export interface EncodedCommit {
  readonly commit: WireCommit;
  readonly transfer: readonly ArrayBuffer[];
}

interface DictionaryUse {
  readonly index: number;
  /** New code + 1 of each code of the whole dictionary; 0: not used yet. */
  readonly renumbered: Uint32Array;
  readonly used: number[];
}

class CommitEncoder {
  readonly #uses = new Map<StringDictionary, DictionaryUse>();
  readonly #transfer = new Set<ArrayBuffer>();

  encode(epoch: EpochCommit): EncodedCommit {
    const appends = epoch.appends.filter((append) => append.batch.rows > 0).map((append) => this.#append(append.stream, append.batch));
    const dictionaries = [...this.#uses].map(([dictionary, use]) => this.#dictionary(dictionary, use.used));
    return { commit: { ...epoch, appends, dictionaries }, transfer: [...this.#transfer] };
  }

  #append(stream: string, batch: Batch): WireAppend {
    const columns = batch.columns.map((column) => this.#column(column, batch.rows));
    return { stream, rows: batch.rows, columns, weights: batch.weights === undefined ? null : this.#weights(batch.weights, batch.rows) };
  }

  #weights(weights: Int32Array, rows: number): Int32Array {
    if (weights.length < rows) throw new RangeError(`${weights.length} weights are too few for ${rows} rows`);
    const own = weights.slice(0, rows);
    this.#transfer.add(own.buffer);
    return own;
  }

  #column(column: Column, rows: number): WireColumn {
    const validity = column.validity === null ? null : this.#movable(column.validity);
    switch (column.kind) {
      case 'fixed': {
        const { buffer, byteOffset, byteLength } = column.data;
        return { kind: 'fixed', bytes: this.#movable(new Uint8Array(buffer, byteOffset, byteLength)), validity };
      }
      case 'string':
        return this.#strings(column.codes, column.dictionary, validity, rows);
      case 'list': {
        const childRows = column.offsets[rows] ?? 0;
        const children = column.children.map((child) => this.#column(child, childRows));
        return { kind: 'list', offsets: column.offsets.slice(0, rows + 1), children, validity };
      }
      case 'struct':
        return { kind: 'struct', children: column.children.map((child) => this.#column(child, rows)), validity };
    }
  }

  #strings(codes: Uint32Array, dictionary: StringDictionary, validity: Validity, rows: number): WireColumn {
    if (codes.length < rows) throw new RangeError(`${codes.length} string codes are too few for ${rows} rows`);
    const use = this.#use(dictionary);
    const renumbered = use.renumbered;
    const result = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      if (validity !== null && ((validity[row >> 3] as number) & (1 << (row & 7))) === 0) continue;
      const code = codes[row] as number;
      let next = renumbered[code];
      if (next === undefined) throw new RangeError(`string code ${code} is beyond its dictionary of ${dictionary.size}`);
      if (next === 0) {
        next = use.used.push(code);
        renumbered[code] = next;
      }
      result[row] = next - 1;
    }
    this.#transfer.add(result.buffer);
    return { kind: 'string', codes: result, dictionary: use.index, validity };
  }

  #use(dictionary: StringDictionary): DictionaryUse {
    let use = this.#uses.get(dictionary);
    if (use === undefined) {
      use = { index: this.#uses.size, renumbered: new Uint32Array(dictionary.size), used: [] };
      this.#uses.set(dictionary, use);
    }
    return use;
  }

  #dictionary(dictionary: StringDictionary, used: readonly number[]): WireDictionary {
    const offsets = new Uint32Array(used.length + 1);
    let length = 0;
    used.forEach((code, index) => {
      length += (dictionary.offsets[code + 1] as number) - (dictionary.offsets[code] as number);
      offsets[index + 1] = length;
    });
    const bytes = new Uint8Array(length);
    used.forEach((code, index) => {
      bytes.set(dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]), offsets[index]);
    });
    this.#transfer.add(bytes.buffer);
    this.#transfer.add(offsets.buffer);
    return { offsets, bytes };
  }

  /** A view of a whole buffer goes with the message; a view into something larger (a module's memory, a pool) is copied. */
  #movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { buffer } = bytes;
    const whole = buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && bytes.byteLength === buffer.byteLength;
    const own = whole && bytes.byteLength > 0 ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
    this.#transfer.add(own.buffer);
    return own;
  }
}

export function encodeCommit(epoch: EpochCommit): EncodedCommit {
  return new CommitEncoder().encode(epoch);
}
