import { allocate, release } from './memory';

/**
 * Words (i64) in order, as a frame that moves on holds them: one is put in or taken out at a time. A field (u32) has the address of the
 * block, 0 for none: count u32, capacity u32, words.
 */
const headBytes: usize = 8;
const capacityMin: u32 = 30;

function blockBytes(capacity: u32): u32 {
  return <u32>headBytes + (capacity << 3);
}

/** Of the first word that is not less. */
// @ts-ignore: decorator
@inline
function placeOf(words: usize, count: u32, word: i64): u32 {
  let from: u32 = 0;
  let left = count;
  while (left > 0) {
    const half = left >> 1;
    const less = load<i64>(words + (<usize>(from + half) << 3)) < word;
    from = select<u32>(from + half + 1, from, less);
    left = select<u32>(left - half - 1, half, less);
  }
  return from;
}

export function addWord(field: usize, word: i64): void {
  let block = <usize>load<u32>(field);
  if (block == 0 || load<u32>(block) == load<u32>(block, 4)) block = grow(field, block);
  const count = load<u32>(block);
  const words = block + headBytes;
  const at = words + (<usize>placeOf(words, count, word) << 3);
  memory.copy(at + 8, at, words + (<usize>count << 3) - at);
  store<i64>(at, word);
  store<u32>(block, count + 1);
}

/** One that was added. */
export function removeWord(field: usize, word: i64): void {
  const block = <usize>load<u32>(field);
  const count = load<u32>(block) - 1;
  const words = block + headBytes;
  const at = words + (<usize>placeOf(words, count + 1, word) << 3);
  memory.copy(at, at + 8, words + (<usize>count << 3) - at);
  store<u32>(block, count);
}

function grow(field: usize, old: usize): usize {
  const count = old == 0 ? 0 : load<u32>(old);
  const capacity = old == 0 ? capacityMin : count * 2 + 1;
  const block = allocate(blockBytes(capacity));
  store<u32>(block, count);
  store<u32>(block, capacity, 4);
  if (old != 0) {
    memory.copy(block + headBytes, old + headBytes, <usize>count << 3);
    release(old, blockBytes(count));
  }
  store<u32>(field, <u32>block);
  return block;
}

export function wordCount(field: usize): u32 {
  const block = <usize>load<u32>(field);
  return block == 0 ? 0 : load<u32>(block);
}

/** From 0, below the count. */
export function wordAt(field: usize, place: u32): i64 {
  return load<i64>(<usize>load<u32>(field) + headBytes + (<usize>place << 3));
}

/** Keeps the room. */
export function clearWords(field: usize): void {
  const block = <usize>load<u32>(field);
  if (block != 0) store<u32>(block, 0);
}

export function releaseWords(field: usize): void {
  const block = <usize>load<u32>(field);
  if (block != 0) release(block, blockBytes(load<u32>(block, 4)));
  store<u32>(field, 0);
}

export function wordBytes(field: usize): u32 {
  const block = <usize>load<u32>(field);
  return block == 0 ? 0 : blockBytes(load<u32>(block, 4));
}
