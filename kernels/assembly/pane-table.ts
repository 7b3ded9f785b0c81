import { allocate, release } from "./memory";
import { bitsFor, bitsMin, initialisePane, oldBits, oldTable, paneBits, paneBytes, paneIndex, paneUsed, releasePane, slotsMax } from "./pane";

export * from "./pane";

/**
 * Open panes of one aggregate, ascending by index. Directory (24 bytes): panes u32, capacity u32, count u32, hint u32 (bits), slotBytes
 * u32, first u32 (panes before it are closed).
 */
export function initialisePanes(directory: usize, slotBytes: u32): void {
  store<u32>(directory, <u32>allocate(16 * paneBytes));
  store<u32>(directory, 16, 4);
  store<u32>(directory, bitsMin, 12);
  store<u32>(directory, slotBytes, 16);
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
  for (let k: u32 = 0; k < closing; k++) {
    const pane = paneAt(directory, k);
    releasePane(pane);
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
    const pane = paneAt(directory, k);
    const old = oldTable(pane) == 0 ? 0 : <u64>4 << <u64>oldBits(pane);
    bytes += <f64>((<u64>4 << <u64>paneBits(pane)) + old + <u64>slotsMax(paneBits(pane)) * load<u32>(directory, 16));
  }
  return bytes;
}
