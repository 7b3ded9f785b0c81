import type { StringDictionary } from '../../../connectors/string-dictionary.ts';
import type { StringDelta } from './frame.ts';

/** The other side's dictionary begins anew when it has grown beyond one of these. */
const entriesMax = 1 << 18;
const bytesMax = 16 << 20;
/** Dictionaries whose codes are remembered. */
const dictionariesMax = 64;

/** What one other lane has of a column's strings, and what it does not have yet. */
class Side {
  /** Entries and bytes that are there, those on their way included. */
  size = 0;
  bytes = 0;
  reset = true;
  /** Entries that are to be sent: `added`, of which entry i ends at `ends[i]` of `text`. */
  added = 0;
  ends = new Uint32Array(64);
  text = new Uint8Array(1024);

  add(from: Uint8Array, start: number, end: number): void {
    const at = this.added === 0 ? 0 : (this.ends[this.added - 1] as number);
    const next = at + end - start;
    if (this.added === this.ends.length) this.ends = enlarged(this.ends, new Uint32Array(this.ends.length * 2));
    if (next > this.text.length) this.text = enlarged(this.text, new Uint8Array(Math.max(next, this.text.length * 2)));
    // Most strings are short: a loop is done before `set` has begun.
    const text = this.text;
    for (let byte = start, to = at; byte < end; byte++, to++) text[to] = from[byte] as number;
    this.ends[this.added++] = next;
    this.bytes += end - start;
    this.size++;
  }
}

function enlarged<A extends Uint8Array | Uint32Array>(small: A, large: A): A {
  large.set(small);
  return large;
}

/** The dictionaries of one string column as the other lanes have them: codes of any dictionary become codes there. */
export class StringMirror {
  readonly #lanes: number;
  readonly #sides: readonly Side[];
  readonly #tables = new Map<StringDictionary, Uint32Array>();
  #last: StringDictionary | null = null;
  #lastTable: Uint32Array = new Uint32Array(0);

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.#sides = Array.from({ length: lanes }, () => new Side());
  }

  /** At `code * lanes + lane`: the code there plus one, 0 while there is none. Valid until the next `delta`. */
  table(dictionary: StringDictionary): Uint32Array {
    if (dictionary === this.#last && this.#lastTable.length >= dictionary.size * this.#lanes) return this.#lastTable;
    let table = this.#tables.get(dictionary);
    if (table === undefined || table.length < dictionary.size * this.#lanes) {
      if (table === undefined && this.#tables.size >= dictionariesMax) this.#tables.clear();
      const larger = new Uint32Array(Math.max(64, dictionary.size + (dictionary.size >> 1)) * this.#lanes);
      table = table === undefined ? larger : enlarged(table, larger);
      this.#tables.set(dictionary, table);
    }
    this.#last = dictionary;
    this.#lastTable = table;
    return table;
  }

  /** Gives the entry a code in the lane. */
  add(lane: number, dictionary: StringDictionary, code: number): void {
    const side = this.#sides[lane] as Side;
    side.add(dictionary.bytes, dictionary.offsets[code] as number, dictionary.offsets[code + 1] as number);
    this.table(dictionary)[code * this.#lanes + lane] = side.size;
  }

  /** What the lane needs before it can read the codes given since the last delta; null when it has it all. */
  delta(lane: number): StringDelta | null {
    const side = this.#sides[lane] as Side;
    if (side.added === 0 && !side.reset) return null;
    const offsets = new Uint32Array(side.added + 1);
    offsets.set(side.ends.subarray(0, side.added), 1);
    const delta = { reset: side.reset, offsets, bytes: side.text.slice(0, offsets[side.added]) };
    side.added = 0;
    side.reset = side.size > entriesMax || side.bytes > bytesMax;
    if (side.reset) this.#forget(lane, side);
    return delta;
  }

  #forget(lane: number, side: Side): void {
    side.size = 0;
    side.bytes = 0;
    for (const table of this.#tables.values()) for (let at = lane; at < table.length; at += this.#lanes) table[at] = 0;
  }
}
