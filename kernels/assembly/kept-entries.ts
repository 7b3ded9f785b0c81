import { allocate, allocateZeroed, release } from "./memory";
import { hashBytes } from "./hash";

/**
 * Entries of one size that a group keeps, in a block of its own whose address lies in a field of the group's slot (0: none yet).
 * Block: count u32, bytes u32, table u32, bits of the table u32, then the entries. Without a table they are a list in order of
 * arrival; as a set, an entry's first `keyBytes` (a multiple of 8) tell it from others, and a table of {hash u32, number + 1 u32} finds
 * it once there are more than a few. An entry's address holds until the next one is added.
 */
const headBytes: u32 = 16;
const scannedMax: u32 = 8;
const bitsMin: u32 = 5;

// @ts-ignore: decorator
@inline
export function entryCount(block: u32): u32 {
  return block == 0 ? 0 : load<u32>(block);
}

/** Address of the first entry; of a block that is there. */
// @ts-ignore: decorator
@inline
export function firstEntry(block: u32): usize {
  return <usize>(block + headBytes);
}

/** Address of one more entry, whose bytes are undefined. */
export function appendEntry(field: usize, entryBytes: u32): usize {
  let block = load<u32>(field);
  const count = entryCount(block);
  const needed = <u64>headBytes + (<u64>count + 1) * <u64>entryBytes;
  if (block == 0 || needed > <u64>load<u32>(block, 4)) block = grow(field, needed, entryBytes);
  store<u32>(block, count + 1);
  return <usize>(block + headBytes + count * entryBytes);
}

function grow(field: usize, needed: u64, entryBytes: u32): u32 {
  const old = load<u32>(field);
  const twice = old == 0 ? <u64>64 : <u64>load<u32>(old, 4) * 2;
  const bytes = <u32>min<u64>(max<u64>(twice, needed), 0xf0000001);
  const block = <u32>allocate(bytes);
  if (old == 0) memory.fill(block, 0, headBytes);
  else {
    memory.copy(block, old, headBytes + load<u32>(old) * entryBytes);
    release(old, load<u32>(old, 4));
  }
  store<u32>(block, bytes, 4);
  store<u32>(field, block);
  return block;
}

export function releaseEntries(field: usize): void {
  const block = load<u32>(field);
  if (block == 0) return;
  if (load<u32>(block, 8) != 0) release(load<u32>(block, 8), <u32>8 << load<u32>(block, 12));
  release(block, load<u32>(block, 4));
  store<u32>(field, 0);
}

/** Gives the slot a copy of its own of what the field refers to. */
export function cloneEntries(field: usize): void {
  const block = load<u32>(field);
  if (block == 0) return;
  const copy = <u32>allocate(load<u32>(block, 4));
  memory.copy(copy, block, load<u32>(block, 4));
  const table = load<u32>(block, 8);
  if (table != 0) {
    const bytes = <u32>8 << load<u32>(block, 12);
    const copied = <u32>allocate(bytes);
    memory.copy(copied, table, bytes);
    store<u32>(copy, copied, 8);
  }
  store<u32>(field, copy);
}

/** Appends all entries of another block. */
export function appendEntries(field: usize, other: u32, entryBytes: u32): void {
  const more = entryCount(other);
  if (more == 0) return;
  const count = entryCount(load<u32>(field));
  const needed = <u64>headBytes + (<u64>count + <u64>more) * <u64>entryBytes;
  let block = load<u32>(field);
  if (block == 0 || needed > <u64>load<u32>(block, 4)) block = grow(field, needed, entryBytes);
  memory.copy(block + headBytes + count * entryBytes, other + headBytes, more * entryBytes);
  store<u32>(block, count + more);
}

/** Whether the last `addEntry` was of a key that had none. */
export let entryAdded: bool = false;

function equalKeys(a: usize, b: usize, keyBytes: u32): bool {
  for (let k: u32 = 0; k < keyBytes; k += 8) if (load<u64>(a + k) != load<u64>(b + k)) return false;
  return true;
}

// @ts-ignore: decorator
@inline
function hashKey(key: usize, keyBytes: u32): u32 {
  return <u32>(hashBytes(key, keyBytes) >> 32);
}

/** Address of the entry with the key of `candidate`: found, or copied from it. */
export function addEntry(field: usize, candidate: usize, keyBytes: u32, entryBytes: u32): usize {
  const block = load<u32>(field);
  const count = entryCount(block);
  if (count <= scannedMax) {
    const end = block + headBytes + count * entryBytes;
    for (let entry = block + headBytes; entry < end && count != 0; entry += entryBytes) {
      if (!equalKeys(entry, candidate, keyBytes)) continue;
      entryAdded = false;
      return entry;
    }
    return copyEntry(field, candidate, entryBytes);
  }
  const hash = hashKey(candidate, keyBytes);
  if (load<u32>(block, 8) == 0 || count * 3 > <u32>2 << load<u32>(block, 12)) enterAll(block, keyBytes, entryBytes);
  const table = <usize>load<u32>(block, 8);
  const mask = (<u32>1 << load<u32>(block, 12)) - 1;
  let slot = table + (<usize>(hash >> (32 - load<u32>(block, 12))) << 3);
  let known = load<u32>(slot, 4);
  while (known != 0) {
    const entry = <usize>(block + headBytes + (known - 1) * entryBytes);
    if (load<u32>(slot) == hash && equalKeys(entry, candidate, keyBytes)) {
      entryAdded = false;
      return entry;
    }
    slot = table + (<usize>((((<u32>(slot - table)) >> 3) + 1) & mask) << 3);
    known = load<u32>(slot, 4);
  }
  store<u32>(slot, hash);
  store<u32>(slot, count + 1, 4);
  return copyEntry(field, candidate, entryBytes);
}

function copyEntry(field: usize, candidate: usize, entryBytes: u32): usize {
  const entry = appendEntry(field, entryBytes);
  memory.copy(entry, candidate, entryBytes);
  entryAdded = true;
  return entry;
}

/** A larger table of all entries. */
function enterAll(block: u32, keyBytes: u32, entryBytes: u32): void {
  const old = load<u32>(block, 8);
  const oldBits = load<u32>(block, 12);
  let bits = old == 0 ? bitsMin : oldBits + 1;
  const count = load<u32>(block);
  while (count * 3 > <u32>2 << bits) bits++;
  const table = allocateZeroed(<u32>8 << bits);
  const mask = (<u32>1 << bits) - 1;
  for (let k: u32 = 0; k < count; k++) {
    const hash = hashKey(block + headBytes + k * entryBytes, keyBytes);
    let s = hash >> (32 - bits);
    while (load<u32>(table + (<usize>s << 3), 4) != 0) s = (s + 1) & mask;
    store<u32>(table + (<usize>s << 3), hash);
    store<u32>(table + (<usize>s << 3), k + 1, 4);
  }
  if (old != 0) release(old, <u32>8 << oldBits);
  store<u32>(block, <u32>table, 8);
  store<u32>(block, bits, 12);
}
