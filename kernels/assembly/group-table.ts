import { nextMultiplier } from "./hash";
import { allocateZeroed, release } from "./memory";
import { chunkEnd, chunkRecords, firstChunk, giveRecord, initialisePool, liveRecords, nextChunk, poolBytes, takeRecord } from "./record-pool";

/**
 * Groups that live long and go one by one: slots of a record pool, which never move, and a table of 2^bits entries that holds their
 * addresses (0: none). A slot starts with its hash (u32) and its state (u32: 0 free, 1 in the table, 2 reached from another slot);
 * the rest is the caller's. A large table grows little by little: the old one stays until all its slots are in the new one, and
 * whoever misses in the new one looks in the old.
 *
 * Directory (88 bytes): pool (32), table u32, bits u32, used u32, usedMax u32, old table u32, old bits u32, moving: chunk u32, slot u32,
 * multipliers u64 x 2.
 */
export const groupsBytes: u32 = 88;
const bitsMin: u32 = 6;
/** Tables of more entries in use than this grow little by little. */
const growAtOnceMax: u32 = 1 << 18;
const movedPerGroup: u32 = 4;

export function initialiseGroups(groups: usize, slotBytes: u32): void {
  initialisePool(groups, slotBytes);
  setTable(groups, bitsMin);
  store<u64>(groups, nextMultiplier(), 64);
  store<u64>(groups, nextMultiplier(), 72);
}

function setTable(groups: usize, bits: u32): void {
  store<u32>(groups, <u32>allocateZeroed(<u32>4 << bits), 32);
  store<u32>(groups, bits, 36);
  store<u32>(groups, <u32>((<u64>11 << <u64>bits) >> 5), 44);
}

// @ts-ignore: decorator
@inline
export function groupEntries(groups: usize): usize {
  return <usize>load<u32>(groups, 32);
}

// @ts-ignore: decorator
@inline
export function groupBits(groups: usize): u32 {
  return load<u32>(groups, 36);
}

/** The table that is being left, or 0. */
// @ts-ignore: decorator
@inline
export function oldEntries(groups: usize): usize {
  return <usize>load<u32>(groups, 48);
}

// @ts-ignore: decorator
@inline
export function oldBits(groups: usize): u32 {
  return load<u32>(groups, 52);
}

// @ts-ignore: decorator
@inline
export function groupMultiplier(groups: usize): u64 {
  return load<u64>(groups, 64);
}

/** Finishes a hash that was begun with the multiplier: its high word, mixed once more. */
// @ts-ignore: decorator
@inline
export function groupHash(hash: u64, multiplier: u64): u32 {
  return <u32>(((hash ^ (hash >> 29)) * multiplier) >> 32);
}

/** Byte offset of a hash's first entry in a table of 2^bits. */
// @ts-ignore: decorator
@inline
export function groupEntry(hash: u32, bits: u32): usize {
  return <usize>(hash >> (32 - bits)) << 2;
}

/** A slot for a key that has none, entered by its hash; all but its first 8 bytes are undefined. */
export function addGroup(groups: usize, hash: u32): usize {
  if (load<u32>(groups, 40) >= load<u32>(groups, 44)) growGroups(groups);
  if (oldEntries(groups) != 0) moveSlots(groups, movedPerGroup);
  const slot = takeRecord(groups);
  store<u32>(slot, hash);
  store<u32>(slot, 1, 4);
  store<u32>(groups, load<u32>(groups, 40) + 1, 40);
  enterGroup(groups, slot);
  return slot;
}

/** A slot that is in no table: another of the same key leads to it. */
export function addFollower(groups: usize, hash: u32): usize {
  const slot = takeRecord(groups);
  store<u32>(slot, hash);
  store<u32>(slot, 2, 4);
  return slot;
}

/** Enters the slot into the table, once. */
export function enterGroup(groups: usize, slot: usize): void {
  const table = groupEntries(groups);
  const mask = (<usize>4 << groupBits(groups)) - 4;
  let entry = groupEntry(load<u32>(slot), groupBits(groups));
  while (true) {
    const other = <usize>load<u32>(table + entry);
    if (other == slot) return;
    if (other == 0) break;
    entry = (entry + 4) & mask;
  }
  store<u32>(table + entry, <u32>slot);
}

function growGroups(groups: usize): void {
  if (oldEntries(groups) != 0) moveSlots(groups, 0xffffffff);
  const used = load<u32>(groups, 40);
  store<u32>(groups, load<u32>(groups, 32), 48);
  store<u32>(groups, groupBits(groups), 52);
  store<u32>(groups, <u32>firstChunk(groups), 56);
  store<u32>(groups, <u32>chunkRecords(firstChunk(groups)), 60);
  setTable(groups, groupBits(groups) + 1);
  if (used <= growAtOnceMax) moveSlots(groups, 0xffffffff);
}

/** Enters some more slots into the new table; after the last one the old table goes. */
function moveSlots(groups: usize, count: u32): void {
  const slotBytes = load<u32>(groups);
  let chunk = <usize>load<u32>(groups, 56);
  let slot = <usize>load<u32>(groups, 60);
  while (chunk != 0) {
    const end = chunkEnd(groups, chunk);
    for (; slot < end && count > 0; slot += slotBytes, count--) if (load<u32>(slot, 4) == 1) enterGroup(groups, slot);
    if (slot < end) break;
    chunk = nextChunk(chunk);
    if (chunk != 0) slot = chunkRecords(chunk);
  }
  store<u32>(groups, <u32>chunk, 56);
  store<u32>(groups, <u32>slot, 60);
  if (chunk != 0) return;
  release(oldEntries(groups), <u32>4 << oldBits(groups));
  store<u32>(groups, 0, 48);
}

/** Takes the slot out; `follower`, when not 0, stands for the key from now on. */
export function removeGroup(groups: usize, slot: usize, follower: usize): void {
  if (follower != 0) {
    store<u32>(follower, 1, 4);
    replaceEntry(groupEntries(groups), groupBits(groups), slot, follower);
    if (oldEntries(groups) != 0) {
      replaceEntry(oldEntries(groups), oldBits(groups), slot, follower);
      enterGroup(groups, follower);
    }
  } else {
    removeEntry(groupEntries(groups), groupBits(groups), slot);
    if (oldEntries(groups) != 0) removeEntry(oldEntries(groups), oldBits(groups), slot);
    store<u32>(groups, load<u32>(groups, 40) - 1, 40);
  }
  freeSlot(groups, slot);
}

/** Gives back a slot that is in no table. */
export function freeSlot(groups: usize, slot: usize): void {
  store<u32>(slot, 0, 4);
  giveRecord(groups, slot);
}

function findEntry(table: usize, bits: u32, slot: usize): usize {
  const mask = (<usize>4 << bits) - 4;
  let entry = groupEntry(load<u32>(slot), bits);
  while (true) {
    const other = <usize>load<u32>(table + entry);
    if (other == slot) return entry;
    if (other == 0) return usize.MAX_VALUE;
    entry = (entry + 4) & mask;
  }
}

function replaceEntry(table: usize, bits: u32, slot: usize, by: usize): void {
  const entry = findEntry(table, bits, slot);
  if (entry != usize.MAX_VALUE) store<u32>(table + entry, <u32>by);
}

/** Closes the gap by moving entries back that may lie there, so that every probe still ends at the right place. */
function removeEntry(table: usize, bits: u32, slot: usize): void {
  let gap = findEntry(table, bits, slot);
  if (gap == usize.MAX_VALUE) return;
  const mask = (<usize>4 << bits) - 4;
  let entry = gap;
  while (true) {
    entry = (entry + 4) & mask;
    const other = <usize>load<u32>(table + entry);
    if (other == 0) break;
    const home = groupEntry(load<u32>(other), bits);
    if (((entry - home) & mask) < ((entry - gap) & mask)) continue;
    store<u32>(table + gap, <u32>other);
    gap = entry;
  }
  store<u32>(table + gap, 0);
}

/** Slots in use. */
export function groupsLive(groups: usize): f64 {
  return <f64>liveRecords(groups);
}

export function groupsStateBytes(groups: usize): f64 {
  const old = oldEntries(groups) == 0 ? 0 : <u64>4 << <u64>oldBits(groups);
  return <f64>poolBytes(groups) + <f64>((<u64>4 << <u64>groupBits(groups)) + old);
}
