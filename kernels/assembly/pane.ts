import { allocate, allocateZeroed, release } from "./memory";
import { nextMultiplier } from "./hash";

/**
 * A pane of an aggregate (a window, or a slice of one) with a hash table of its own. Groups' slots lie one after another in the order of
 * their first rows, in chunks, and never move; the table, 2^bits entries, holds their addresses (0: none). So it is small and quick to
 * clear, slots need no gaps, and new groups are written in sequence. Slots are laid out by the generated code. A large table grows
 * little by little: the old one stays until all its slots are in the new one, and whoever misses in the new one looks in the old.
 *
 * Pane: index i64, multiplier u64, table u32, bits u32, used u32, usedMax u32 (0 while it grows), first chunk u32, next slot u32, old
 * table u32, old bits u32, old multiplier u64, moving: chunk u32 (bytes of the next table that are clear, while none is being left),
 * slot u32; last chunk u32, next table u32.
 * Chunk: next chunk u32, end of its slots u32 (of the last one: once sealed), bytes u32, 4 unused; then slots.
 */
export const paneBytes: u32 = 72;
const chunkHeader: u32 = 16;
/** Tables of more slots than this grow little by little. */
const growAtOnceMax: u32 = 1 << 18;
/** Of the next table, cleared with each new slot. */
const clearedBytes: u32 = 1024;
export const bitsMin: u32 = 5;

// @ts-ignore: decorator
@inline
export function paneIndex(pane: usize): i64 {
  return load<i64>(pane);
}

// @ts-ignore: decorator
@inline
export function paneMultiplier(pane: usize): u64 {
  return load<u64>(pane, 8);
}

// @ts-ignore: decorator
@inline
export function paneTable(pane: usize): usize {
  return <usize>load<u32>(pane, 16);
}

// @ts-ignore: decorator
@inline
export function paneBits(pane: usize): u32 {
  return load<u32>(pane, 20);
}

// @ts-ignore: decorator
@inline
export function paneUsed(pane: usize): u32 {
  return load<u32>(pane, 24);
}

/** No slot is left, or the table is being left for another: inserting needs more than a slot. */
// @ts-ignore: decorator
@inline
export function paneFull(pane: usize): bool {
  return load<u32>(pane, 24) >= load<u32>(pane, 28);
}

/** No slot is left. */
export function paneExhausted(pane: usize): bool {
  return load<u32>(pane, 24) >= slotsMax(paneBits(pane));
}

/** The next slot, whose bytes are undefined; for a pane that is not full. */
// @ts-ignore: decorator
@inline
export function addSlot(pane: usize, slotBytes: u32): usize {
  const slot = <usize>load<u32>(pane, 36);
  store<u32>(pane, <u32>slot + slotBytes, 36);
  store<u32>(pane, paneUsed(pane) + 1, 24);
  return slot;
}

/** First chunk of the slots in use now. */
export function sealedSlots(pane: usize): usize {
  store<u32>(<usize>load<u32>(pane, 64), load<u32>(pane, 36), 4);
  return <usize>load<u32>(pane, 32);
}

// @ts-ignore: decorator
@inline
export function nextSlots(chunk: usize): usize {
  return <usize>load<u32>(chunk);
}

// @ts-ignore: decorator
@inline
export function slotsOf(chunk: usize): usize {
  return chunk + chunkHeader;
}

// @ts-ignore: decorator
@inline
export function endOfSlots(chunk: usize): usize {
  return <usize>load<u32>(chunk, 4);
}

/** The table that is being left, or 0. */
// @ts-ignore: decorator
@inline
export function oldTable(pane: usize): usize {
  return <usize>load<u32>(pane, 40);
}

// @ts-ignore: decorator
@inline
export function oldBits(pane: usize): u32 {
  return load<u32>(pane, 44);
}

// @ts-ignore: decorator
@inline
export function oldMultiplier(pane: usize): u64 {
  return load<u64>(pane, 48);
}

/** Slots for a table of 2^bits entries: few, for entries are small and a second probe is dear (a branch that nobody foresees). */
// @ts-ignore: decorator
@inline
export function slotsMax(bits: u32): u32 {
  return <u32>((<u64>11 << <u64>bits) >> 5);
}

// @ts-ignore: decorator
@inline
function bytesOf(count: u64, each: u32): u32 {
  return <u32>min<u64>(count * each, 0xffffffff);
}

/** Gives the pane an empty table of 2^bits entries and a fresh multiplier. */
function setTable(pane: usize, bits: u32): void {
  const next = load<u32>(pane, 68);
  const prepared = next != 0 && bits == paneBits(pane) + 1;
  if (prepared) {
    while (!clearNext(pane)) {}
    store<u32>(pane, 0, 68);
  }
  store<u64>(pane, nextMultiplier(), 8);
  store<u32>(pane, prepared ? next : <u32>allocateZeroed(bytesOf(<u64>1 << bits, 4)), 16);
  store<u32>(pane, bits, 20);
  store<u32>(pane, slotsBeforeSlow(bits), 28);
}

/** So many slots are inserted without further ado: of a large table, until the next one has to be got ready. */
function slotsBeforeSlow(bits: u32): u32 {
  const slots = slotsMax(bits);
  return slots > growAtOnceMax ? slots - (slots >> 2) : slots;
}

/** Clears some more of the next table, or begins one; true when all of it is clear. Fresh pages of the host are dear. */
function clearNext(pane: usize): bool {
  const bytes = <u32>8 << paneBits(pane);
  let cleared = load<u32>(pane, 56);
  if (load<u32>(pane, 68) == 0) {
    store<u32>(pane, <u32>allocate(bytes), 68);
    cleared = 0;
  }
  if (cleared < bytes) memory.fill(<usize>load<u32>(pane, 68) + cleared, 0, clearedBytes);
  cleared += clearedBytes;
  store<u32>(pane, cleared, 56);
  return cleared >= bytes;
}

/** Before a large table is full: gets the next one ready, little by little. */
export function preparePane(pane: usize): void {
  if (oldTable(pane) != 0 || paneUsed(pane) <= growAtOnceMax || paneExhausted(pane)) return;
  if (clearNext(pane)) store<u32>(pane, slotsMax(paneBits(pane)), 28);
}

function addChunk(pane: usize, slots: u32, slotBytes: u32): void {
  const bytes = bytesOf(<u64>slots * slotBytes + chunkHeader, 1);
  const chunk = allocate(bytes);
  store<u32>(chunk, 0);
  store<u32>(chunk, <u32>chunk + bytes, 4);
  store<u32>(chunk, bytes, 8);
  const last = <usize>load<u32>(pane, 64);
  if (last == 0) store<u32>(pane, <u32>chunk, 32);
  else {
    store<u32>(last, load<u32>(pane, 36), 4);
    store<u32>(last, <u32>chunk);
  }
  store<u32>(pane, <u32>chunk, 64);
  store<u32>(pane, <u32>slotsOf(chunk), 36);
}

/**
 * Another table of 2^bits entries, still empty, and room for as many slots; the one before becomes the old table, which must have been
 * left by then. Gives how many of its slots the caller has to enter at once.
 */
export function resizeTable(pane: usize, bits: u32, slotBytes: u32): u32 {
  const before = paneBits(pane);
  const multiplier = paneMultiplier(pane);
  const table = paneTable(pane);
  if (bits == before) dropNext(pane);
  setTable(pane, bits);
  store<u64>(pane, multiplier, 48);
  store<u32>(pane, <u32>table, 40);
  store<u32>(pane, before, 44);
  store<u32>(pane, load<u32>(pane, 32), 56);
  store<u32>(pane, <u32>slotsOf(<usize>load<u32>(pane, 32)), 60);
  store<u32>(pane, 0, 28);
  if (bits > before) addChunk(pane, slotsMax(bits) - slotsMax(before), slotBytes);
  return paneUsed(pane) <= growAtOnceMax ? u32.MAX_VALUE : 0;
}

/** The next slot to be entered into the new table; 0 when that was the last: the old table is gone. */
export function nextMoving(pane: usize, slotBytes: u32): usize {
  let chunk = <usize>load<u32>(pane, 56);
  let slot = <usize>load<u32>(pane, 60);
  const last = <usize>load<u32>(pane, 64);
  while (slot >= (chunk == last ? <usize>load<u32>(pane, 36) : endOfSlots(chunk))) {
    chunk = nextSlots(chunk);
    if (chunk == 0) {
      releaseOld(pane);
      return 0;
    }
    slot = slotsOf(chunk);
    store<u32>(pane, <u32>chunk, 56);
  }
  store<u32>(pane, <u32>slot + slotBytes, 60);
  return slot;
}

function dropNext(pane: usize): void {
  const next = <usize>load<u32>(pane, 68);
  if (next != 0) release(next, <u32>8 << paneBits(pane));
  store<u32>(pane, 0, 68);
}

function releaseOld(pane: usize): void {
  release(oldTable(pane), <u32>4 << oldBits(pane));
  store<u32>(pane, 0, 40);
  store<u32>(pane, slotsBeforeSlow(paneBits(pane)), 28);
}

export function initialisePane(pane: usize, index: i64, bits: u32, slotBytes: u32): void {
  store<i64>(pane, index);
  store<u32>(pane, 0, 24);
  store<u32>(pane, 0, 40);
  store<u64>(pane, 0, 64);
  setTable(pane, bits);
  addChunk(pane, slotsMax(bits), slotBytes);
}

export function releasePane(pane: usize): void {
  if (oldTable(pane) != 0) releaseOld(pane);
  dropNext(pane);
  release(paneTable(pane), <u32>4 << paneBits(pane));
  let chunk = <usize>load<u32>(pane, 32);
  while (chunk != 0) {
    const following = nextSlots(chunk);
    release(chunk, load<u32>(chunk, 8));
    chunk = following;
  }
}

/** Size whose entries are at most a quarter in use by `used` slots. */
export function bitsFor(used: u32): u32 {
  return max<u32>(bitsMin, 32 - clz<u32>(used * 4));
}
