import { allocateZeroed } from "./memory";
import { addEntry, appendEntry, entryAdded, entryCount, firstEntry, releaseEntries } from "./kept-entries";
import { stringLength, stringPointer } from "./string-table";

/**
 * How many distinct values there are, about: HyperLogLog with 2^14 registers of a byte (standard error 0.81 %). Up to `exactMax` values
 * their 64-bit hashes are kept instead, and the count is exact. The field of a slot holds a block of kept-entries.ts; with registers its
 * count is `dense`. Hashes have no secret, so that sketches of several instances merge. kernels/distinct-sketch.ts is the definition.
 */
const registerBits: u32 = 14;
const registers: u32 = 1 << registerBits;
const headBytes: u32 = 16;
const exactMax: u32 = 1024;
const dense: u32 = 0xffffffff;

/** Mixes one more word into a hash (finaliser of splitmix64). */
export function mixHash(hash: u64, word: u64): u64 {
  let z = (hash ^ word) + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/** Of a string's bytes. */
export function mixString(hash: u64, id: u32): u64 {
  const length = stringLength(id);
  const pointer = stringPointer(id);
  let mixed = mixHash(hash, <u64>length);
  let k: u32 = 0;
  for (; k + 8 <= length; k += 8) mixed = mixHash(mixed, load<u64>(pointer + k));
  if (k == length) return mixed;
  let rest: u64 = 0;
  for (let j: u32 = k; j < length; j++) rest |= <u64>load<u8>(pointer + j) << (<u64>(j - k) << 3);
  return mixHash(mixed, rest);
}

const candidate: usize = memory.data(8, 16);

export function addHash(field: usize, hash: u64): void {
  const block = load<u32>(field);
  if (block != 0 && load<u32>(block) == dense) return raise(block, hash);
  store<u64>(candidate, hash);
  addEntry(field, candidate, 8, 8);
  if (entryAdded && entryCount(load<u32>(field)) > exactMax) useRegisters(field);
}

// @ts-ignore: decorator
@inline
function raise(block: u32, hash: u64): void {
  const register = <usize>block + headBytes + <usize>(hash >> (64 - registerBits));
  const rank = <u8>(clz<u64>((hash << registerBits) | (1 << (registerBits - 1))) + 1);
  if (load<u8>(register) < rank) store<u8>(register, rank);
}

function useRegisters(field: usize): void {
  const block = <u32>allocateZeroed(headBytes + registers);
  store<u32>(block, dense);
  store<u32>(block, headBytes + registers, 4);
  const entries = load<u32>(field);
  const end = firstEntry(entries) + (<usize>entryCount(entries) << 3);
  for (let entry = firstEntry(entries); entry < end; entry += 8) raise(block, load<u64>(entry));
  releaseEntries(field);
  store<u32>(field, block);
}

/** Takes in all that another block has seen. */
export function mergeHashes(field: usize, other: u32): void {
  if (other == 0) return;
  if (load<u32>(other) != dense) {
    const end = firstEntry(other) + (<usize>entryCount(other) << 3);
    for (let entry = firstEntry(other); entry < end; entry += 8) addHash(field, load<u64>(entry));
    return;
  }
  if (load<u32>(field) == 0) {
    appendEntry(field, 8);
    store<u32>(load<u32>(field), 0);
  }
  if (load<u32>(load<u32>(field)) != dense) useRegisters(field);
  const own = <usize>load<u32>(field) + headBytes;
  const from = <usize>other + headBytes;
  for (let k: usize = 0; k < <usize>registers; k += 16) v128.store(own + k, i8x16.max_u(v128.load(own + k), v128.load(from + k)));
}

/** About how many distinct hashes a block has seen: Ertl's estimator (arXiv 1702.01284), which needs no tables. */
export function distinctEstimate(block: u32): i64 {
  if (block == 0) return 0;
  if (load<u32>(block) != dense) return <i64>load<u32>(block);
  const counts = memory.data(64 * 4, 16);
  memory.fill(counts, 0, 64 * 4);
  for (let k: u32 = 0; k < registers; k++) {
    const at = counts + (<usize>load<u8>(block + headBytes + k) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  const m = <f64>registers;
  const top: i32 = 64 - <i32>registerBits;
  let z = m * tau(1.0 - <f64>load<u32>(counts + (<usize>(top + 1) << 2)) / m);
  for (let k = top; k >= 1; k--) z = 0.5 * (z + <f64>load<u32>(counts + (<usize>k << 2)));
  z += m * sigma(<f64>load<u32>(counts) / m);
  return <i64>nearest<f64>((0.7213475204444817 * m * m) / z);
}

function sigma(share: f64): f64 {
  if (share == 1) return Infinity;
  let x = share;
  let y: f64 = 1;
  let z = x;
  while (true) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (z == before) return z;
  }
}

function tau(share: f64): f64 {
  if (share == 0 || share == 1) return 0;
  let x = share;
  let y: f64 = 1;
  let z = 1.0 - x;
  while (true) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1.0 - x) * (1.0 - x) * y;
    if (z == before) return z / 3.0;
  }
}
