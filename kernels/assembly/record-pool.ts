import { allocate, release } from "./memory";

/**
 * Records of one size that never move: taken from chunks that double, given back to a free list. A free record holds the address of
 * the next free one in its first word.
 *
 * Pool (32 bytes): recordBytes u32, free u32, next u32 (never used yet), end u32, live u32, first chunk u32, last chunk u32, bytes u32.
 * Chunk: next chunk u32, bytes u32, 56 unused; then records.
 */
const chunkHeader: usize = 64;
const chunkBytesMin: u32 = 4096;
const chunkBytesMax: u32 = 1 << 20;

export function initialisePool(pool: usize, recordBytes: u32): void {
  store<u32>(pool, recordBytes);
}

// @ts-ignore: decorator
@inline
export function liveRecords(pool: usize): u32 {
  return load<u32>(pool, 16);
}

// @ts-ignore: decorator
@inline
export function poolBytes(pool: usize): u32 {
  return load<u32>(pool, 28);
}

/** Address of a record whose bytes are undefined. */
export function takeRecord(pool: usize): usize {
  store<u32>(pool, load<u32>(pool, 16) + 1, 16);
  const free = <usize>load<u32>(pool, 4);
  if (free != 0) {
    store<u32>(pool, load<u32>(free), 4);
    return free;
  }
  if (load<u32>(pool, 8) == load<u32>(pool, 12)) addChunk(pool);
  const record = load<u32>(pool, 8);
  store<u32>(pool, record + load<u32>(pool), 8);
  return <usize>record;
}

export function giveRecord(pool: usize, record: usize): void {
  store<u32>(record, load<u32>(pool, 4));
  store<u32>(pool, <u32>record, 4);
  store<u32>(pool, load<u32>(pool, 16) - 1, 16);
}

function addChunk(pool: usize): void {
  const recordBytes = load<u32>(pool);
  const last = <usize>load<u32>(pool, 24);
  const wanted = last == 0 ? chunkBytesMin : min<u32>(load<u32>(last, 4) * 2, chunkBytesMax);
  const bytes = max<u32>(wanted, <u32>chunkHeader + recordBytes);
  const chunk = allocate(bytes);
  store<u32>(chunk, 0);
  store<u32>(chunk, bytes, 4);
  if (last == 0) store<u32>(pool, <u32>chunk, 20);
  else store<u32>(last, <u32>chunk);
  store<u32>(pool, <u32>chunk, 24);
  const first = <u32>(chunk + chunkHeader);
  store<u32>(pool, first, 8);
  store<u32>(pool, first + ((bytes - <u32>chunkHeader) / recordBytes) * recordBytes, 12);
  store<u32>(pool, load<u32>(pool, 28) + bytes, 28);
}

/** First chunk, or 0. */
// @ts-ignore: decorator
@inline
export function firstChunk(pool: usize): usize {
  return <usize>load<u32>(pool, 20);
}

// @ts-ignore: decorator
@inline
export function nextChunk(chunk: usize): usize {
  return <usize>load<u32>(chunk);
}

// @ts-ignore: decorator
@inline
export function chunkRecords(chunk: usize): usize {
  return chunk + chunkHeader;
}

/** Address after the chunk's last record that was ever used; free ones among them are the caller's to tell. */
export function chunkEnd(pool: usize, chunk: usize): usize {
  if (chunk == <usize>load<u32>(pool, 24)) return <usize>load<u32>(pool, 8);
  const recordBytes = load<u32>(pool);
  return chunk + chunkHeader + <usize>(((load<u32>(chunk, 4) - <u32>chunkHeader) / recordBytes) * recordBytes);
}

/** Lets go all records at once; the pool is of no use after. */
export function releasePool(pool: usize): void {
  let chunk = firstChunk(pool);
  while (chunk != 0) {
    const following = nextChunk(chunk);
    release(chunk, load<u32>(chunk, 4));
    chunk = following;
  }
}
