import { allocate, allocateZeroed, release } from "./memory";
import { nextMultiplier } from "./hash";

/**
 * Open panes of one aggregate, ascending by index (a pane is a window, or a slice of one), each with a hash table of its own. Groups'
 * slots lie one after another in the order of their first rows; the table, 2^bits entries, holds their addresses (0: none). So it is
 * small and quick to clear, slots need no gaps, and new groups are written in sequence. Slots are laid out by the generated code.
 *
 * Pane: index i64, multiplier u64, table u32, bits u32, used u32, usedMax u32, slots u32.
 * Directory (24 bytes): panes u32, capacity u32, count u32, hint u32 (bits), slotBytes u32, first u32 (panes before it are closed).
 */
export const paneBytes: u32 = 40;
const bitsMin: u32 = 5;

export function initialisePanes(directory: usize, slotBytes: u32): void {
  store<u32>(directory, <u32>allocate(16 * paneBytes));
  store<u32>(directory, 16, 4);
  store<u32>(directory, bitsMin, 12);
  store<u32>(directory, slotBytes, 16);
}

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

// @ts-ignore: decorator
@inline
export function paneFull(pane: usize): bool {
  return load<u32>(pane, 24) >= load<u32>(pane, 28);
}

/** Address of the first slot. */
// @ts-ignore: decorator
@inline
export function paneSlots(pane: usize): usize {
  return <usize>load<u32>(pane, 32);
}

/** Address after the last slot in use. */
// @ts-ignore: decorator
@inline
export function paneEndOfSlots(pane: usize, slotBytes: u32): usize {
  return paneSlots(pane) + <usize>paneUsed(pane) * slotBytes;
}

/** The next slot, whose bytes are undefined; for a pane that is not full. */
// @ts-ignore: decorator
@inline
export function addSlot(pane: usize, slotBytes: u32): usize {
  const slot = paneEndOfSlots(pane, slotBytes);
  store<u32>(pane, paneUsed(pane) + 1, 24);
  return slot;
}

/** Slots for a table of 2^bits entries: few, for entries are small and a second probe is dear (a branch that nobody foresees). */
// @ts-ignore: decorator
@inline
function slotsMax(bits: u32): u32 {
  return <u32>((<u64>11 << <u64>bits) >> 5);
}

// @ts-ignore: decorator
@inline
function bytesOf(count: u64, each: u32): u32 {
  return <u32>min<u64>(count * each, 0xffffffff);
}

/** Gives the pane an empty table of 2^bits entries, a fresh multiplier, and room for its slots; its count of used slots stays. */
function setTable(pane: usize, bits: u32, slotBytes: u32): void {
  store<u64>(pane, nextMultiplier(), 8);
  store<u32>(pane, <u32>allocateZeroed(bytesOf(<u64>1 << bits, 4)), 16);
  store<u32>(pane, bits, 20);
  store<u32>(pane, slotsMax(bits), 28);
  store<u32>(pane, <u32>allocate(bytesOf(slotsMax(bits), slotBytes)), 32);
}

/** Another table of 2^bits entries, still empty; the slots move along. */
export function resizeTable(pane: usize, bits: u32, slotBytes: u32): void {
  const table = paneTable(pane);
  const slots = paneSlots(pane);
  const before = paneBits(pane);
  setTable(pane, bits, slotBytes);
  memory.copy(paneSlots(pane), slots, <usize>paneUsed(pane) * slotBytes);
  releaseBlocks(table, slots, before, slotBytes);
}

export function initialisePane(pane: usize, index: i64, bits: u32, slotBytes: u32): void {
  store<i64>(pane, index);
  store<u32>(pane, 0, 24);
  setTable(pane, bits, slotBytes);
}

function releaseBlocks(table: usize, slots: usize, bits: u32, slotBytes: u32): void {
  release(table, <u32>4 << bits);
  release(slots, slotsMax(bits) * slotBytes);
}

export function releasePane(pane: usize, slotBytes: u32): void {
  releaseBlocks(paneTable(pane), paneSlots(pane), paneBits(pane), slotBytes);
}

/** Size whose entries are at most a quarter in use by `used` slots. */
export function bitsFor(used: u32): u32 {
  return max<u32>(bitsMin, 32 - clz<u32>(used * 4));
}

// @ts-ignore: decorator
@inline
export function paneCount(directory: usize): u32 {
  return load<u32>(directory, 8);
}

// @ts-ignore: decorator
@inline
export function paneAt(directory: usize, position: u32): usize {
  return <usize>load<u32>(directory) + <usize>(load<u32>(directory, 20) + position) * paneBytes;
}

/** Position of the first pane whose index is at least `index`. */
export function panePosition(directory: usize, index: i64): u32 {
  let low: u32 = 0;
  let high = paneCount(directory);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (paneIndex(paneAt(directory, middle)) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Moves the panes to the front, of a larger block if they fill more than half of this one. */
function makeRoom(directory: usize): void {
  const capacity = load<u32>(directory, 4);
  const count = paneCount(directory);
  const old = <usize>load<u32>(directory);
  if (count * 2 <= capacity) memory.copy(old, paneAt(directory, 0), <usize>count * paneBytes);
  else {
    const larger = allocate(capacity * 2 * paneBytes);
    memory.copy(larger, paneAt(directory, 0), <usize>count * paneBytes);
    release(old, capacity * paneBytes);
    store<u32>(directory, <u32>larger);
    store<u32>(directory, capacity * 2, 4);
  }
  store<u32>(directory, 0, 20);
}

/** The pane, opened when it is new. The address holds until the next call. */
export function openPane(directory: usize, index: i64): usize {
  const position = panePosition(directory, index);
  const count = paneCount(directory);
  if (position < count && paneIndex(paneAt(directory, position)) == index) return paneAt(directory, position);
  if (load<u32>(directory, 20) + count == load<u32>(directory, 4)) makeRoom(directory);
  const pane = paneAt(directory, position);
  memory.copy(pane + paneBytes, pane, <usize>(count - position) * paneBytes);
  store<u32>(directory, count + 1, 8);
  initialisePane(pane, index, load<u32>(directory, 12), load<u32>(directory, 16));
  return pane;
}

/** Closes the first `closing` panes and remembers the size that the last of them needed. */
export function dropPanes(directory: usize, closing: u32): void {
  if (closing == 0) return;
  const slotBytes = load<u32>(directory, 16);
  for (let k: u32 = 0; k < closing; k++) {
    const pane = paneAt(directory, k);
    releasePane(pane, slotBytes);
    store<u32>(directory, bitsFor(paneUsed(pane)), 12);
  }
  const count = paneCount(directory) - closing;
  store<u32>(directory, count == 0 ? 0 : load<u32>(directory, 20) + closing, 20);
  store<u32>(directory, count, 8);
}

/** Groups held in all open panes. */
export function groupsHeld(directory: usize): f64 {
  let groups: f64 = 0;
  for (let k: u32 = 0; k < paneCount(directory); k++) groups += <f64>paneUsed(paneAt(directory, k));
  return groups;
}

/** Bytes of all open panes' tables and slots. */
export function tableBytes(directory: usize): f64 {
  let bytes: f64 = 0;
  for (let k: u32 = 0; k < paneCount(directory); k++) {
    const bits = paneBits(paneAt(directory, k));
    bytes += <f64>((<u64>4 << bits) + <u64>slotsMax(bits) * load<u32>(directory, 16));
  }
  return bytes;
}
