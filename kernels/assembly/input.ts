import { allocate, release } from "./memory";
import { hashString, internHashed, internString, reserveScratch, touchHash } from "./string-table";

/**
 * What the host writes: a list of buffers for the columns of a batch, which grow as asked, and translations from a dictionary's
 * codes to ids of the module's string table (all ones: not met yet).
 */
const untranslated: u32 = 0xffffffff;
const slackBytes: u32 = 64;
/** Validity of columns without NULL: all ones for the longest batch. */
export const allValid: usize = memory.data(1024 + 64, 64);
export const missingRows: usize = memory.data(8192 * 2, 16);
/** Strings that are hashed together, so that the cache misses of their places in the table overlap. */
const hashedTogether: u32 = 64;
const hashes: usize = memory.data(64 * 4 + 8, 8);

export function initialiseInput(): void {
  memory.fill(allValid, 255, 1024 + 64);
}

/** Makes the buffer at `entry` (pointer u32, capacity u32) hold `bytes`, with room to read on; old content is lost. */
export function ensureBuffer(entry: usize, bytes: u32): usize {
  const capacity = load<u32>(entry, 4);
  if (bytes <= capacity && capacity != 0) return <usize>load<u32>(entry);
  if (capacity != 0) release(<usize>load<u32>(entry), capacity + slackBytes);
  const block = allocate(bytes + slackBytes);
  store<u32>(entry, <u32>block);
  store<u32>(entry, bytes, 4);
  return block;
}

/** A translation table of `capacity` codes that starts as the old one; `old` is freed. */
export function growTranslation(old: usize, oldCapacity: u32, capacity: u32): usize {
  const table = allocate(capacity << 2);
  memory.fill(table, 255, <usize>capacity << 2);
  if (oldCapacity != 0) {
    memory.copy(table, old, <usize>oldCapacity << 2);
    release(old, oldCapacity << 2);
  }
  return table;
}

export function releaseTranslation(table: usize, capacity: u32): void {
  release(table, capacity << 2);
}

/** Replaces codes by ids in place; a code without one stays, and the number of its row, less `base`, goes to `missingRows`. Returns how many. */
export function translate(codes: usize, rows: u32, table: usize, capacity: u32): u32 {
  let missing: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const at = codes + (<usize>i << 2);
    const code = load<u32>(at);
    const id = code < capacity ? load<u32>(table + (<usize>code << 2)) : untranslated;
    store<u32>(at, id == untranslated ? code : id);
    store<u16>(missingRows + (<usize>missing << 1), <u16>i);
    missing += <u32>(id == untranslated);
  }
  return missing;
}

export function scratchFor(bytes: u32): usize {
  return reserveScratch(bytes);
}

/**
 * Interns the strings of `count` rows from `rows` (u16 each) on, whose codes are not translated yet, and puts their ids in the codes' place. The
 * scratch holds the entries of the dictionary from code `first` up to `last`: their offsets (one more than entries), then their bytes.
 * A code beyond them means nothing: it is of a NULL row.
 */
export function internCodes(codes: usize, rows: usize, count: u32, table: usize, first: u32, last: u32): void {
  const offsets = reserveScratch(0);
  const bytes = offsets + (<usize>(last - first + 1) << 2) - load<u32>(offsets);
  const entries = offsets - (<usize>first << 2);
  for (let from: u32 = 0; from < count; from += hashedTogether) {
    const to = min<u32>(from + hashedTogether, count);
    let touched: u64 = 0;
    for (let k = from; k < to; k++) {
      const code = load<u32>(codes + (<usize>load<u16>(rows + (<usize>k << 1)) << 2));
      if (code >= last) continue;
      const start = load<u32>(entries + (<usize>code << 2));
      const hash = hashString(bytes + start, load<u32>(entries + (<usize>code << 2), 4) - start);
      store<u32>(hashes + (<usize>(k - from) << 2), hash);
      touched ^= touchHash(hash);
    }
    store<u64>(hashes + (<usize>hashedTogether << 2), touched);
    for (let k = from; k < to; k++) {
      const at = codes + (<usize>load<u16>(rows + (<usize>k << 1)) << 2);
      const code = load<u32>(at);
      if (code >= last) {
        store<u32>(at, 0);
        continue;
      }
      const known = table + (<usize>code << 2);
      let id = load<u32>(known);
      if (id == untranslated) {
        const start = load<u32>(entries + (<usize>code << 2));
        const length = load<u32>(entries + (<usize>code << 2), 4) - start;
        id = internHashed(bytes + start, length, load<u32>(hashes + (<usize>(k - from) << 2)));
        store<u32>(known, id);
      }
      store<u32>(at, id);
    }
  }
}

export function internScratch(length: u32): u32 {
  return internString(reserveScratch(length), length);
}
