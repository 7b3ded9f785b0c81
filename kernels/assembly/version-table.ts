import { allocateZeroed, release } from "./memory";

/**
 * The newest version of each key: a table of {record u32, tag u32}, where the tag is the high half of the key's hash and its high bits
 * are the place. Records belong to the caller.
 *
 * Table (16 bytes): entries u32, bits u32, keys u32.
 */
const bitsMin: u32 = 6;

export function initialiseVersions(table: usize): void {
  store<u32>(table, <u32>allocateZeroed(<u32>8 << bitsMin));
  store<u32>(table, bitsMin, 4);
}

// @ts-ignore: decorator
@inline
export function versionEntries(table: usize): usize {
  return <usize>load<u32>(table);
}

// @ts-ignore: decorator
@inline
export function versionShift(table: usize): u32 {
  return 32 - load<u32>(table, 4);
}

// @ts-ignore: decorator
@inline
export function versionMask(table: usize): usize {
  return (<usize>8 << load<u32>(table, 4)) - 8;
}

export function versionBytes(table: usize): u32 {
  return <u32>8 << load<u32>(table, 4);
}

/** Enters a key's first version at byte `at`, an empty place; the table may have grown then. */
export function addVersion(table: usize, at: usize, record: usize, tag: u32): void {
  store<u32>(versionEntries(table) + at, <u32>record);
  store<u32>(versionEntries(table) + at, tag, 4);
  const keys = load<u32>(table, 8) + 1;
  store<u32>(table, keys, 8);
  const bits = load<u32>(table, 4);
  if (keys <= (<u32>1 << bits) >> 1) return;
  const old = versionEntries(table);
  store<u32>(table, <u32>allocateZeroed(<u32>16 << bits));
  store<u32>(table, bits + 1, 4);
  const entries = versionEntries(table);
  const shift = versionShift(table);
  const mask = versionMask(table);
  for (let p = old; p < old + (<usize>8 << bits); p += 8) {
    if (load<u32>(p) == 0) continue;
    let place = <usize>(load<u32>(p, 4) >> shift) << 3;
    while (load<u32>(entries + place) != 0) place = (place + 8) & mask;
    store<u64>(entries + place, load<u64>(p));
  }
  release(old, <u32>8 << bits);
}
