/**
 * Transactions that were aborted, as a fetch tells of them: producer and first offset (i64 each), by first offset. A producer's batches
 * are passed over from there up to the marker that ends its transaction.
 */
import { bigWord } from "./batch";
import { afterVarint, readVarint, readVarlong } from "./varint";

const state: usize = memory.data(16, 16);
// state: list (u32), its length, next entry, producers in an aborted transaction now.
/** Producers now aborting are kept in the list's own beginning: what is there has been taken already. */

export function beginAborted(list: usize, count: u32): void {
  store<u32>(state, <u32>list);
  store<u32>(state, count, 4);
  store<u32>(state, 0, 8);
  store<u32>(state, 0, 12);
}

/** Takes note of transactions that begin at or before a batch's last offset. */
// @ts-ignore: decorator
@inline
export function enterAborted(last: i64): void {
  if (load<u32>(state, 8) != load<u32>(state, 4)) takeAborted(last);
}

function takeAborted(last: i64): void {
  const list = <usize>load<u32>(state);
  const count = load<u32>(state, 4);
  let next = load<u32>(state, 8);
  for (; next < count && load<i64>(list + (<usize>next << 4), 8) <= last; next++) {
    const producer = load<i64>(list + (<usize>next << 4));
    if (isAborted(producer)) continue;
    const active = load<u32>(state, 12);
    store<i64>(list + (<usize>active << 4), producer);
    store<u32>(state, active + 1, 12);
  }
  store<u32>(state, next, 8);
}

export function isAborted(producer: i64): bool {
  const list = <usize>load<u32>(state);
  const active = load<u32>(state, 12);
  for (let index: u32 = 0; index < active; index++) if (load<i64>(list + (<usize>index << 4)) == producer) return true;
  return false;
}

/** A producer's transaction has ended. */
export function leaveAborted(producer: i64): void {
  const list = <usize>load<u32>(state);
  const active = load<u32>(state, 12);
  for (let index: u32 = 0; index < active; index++) {
    if (load<i64>(list + (<usize>index << 4)) != producer) continue;
    store<i64>(list + (<usize>index << 4), load<i64>(list + (<usize>(active - 1) << 4)));
    store<u32>(state, active - 1, 12);
    return;
  }
}

/** Whether a control batch's only record is the marker of an abort: its key is a version and a type (i16 each), type 0. */
export function isAbortMarker(record: usize, end: usize): bool {
  readVarint(record, end);
  if (afterVarint == 0) return false;
  readVarlong(afterVarint + 1, end);
  if (afterVarint == 0) return false;
  readVarint(afterVarint, end);
  if (afterVarint == 0) return false;
  const keyLength = readVarint(afterVarint, end);
  if (afterVarint == 0 || keyLength < 4 || afterVarint + 4 > end) return false;
  return (bigWord(afterVarint) & 0xffff) == 0;
}
