import { allocate, release } from "./memory";
import { floorDivide } from "./selection";

/**
 * Deadlines of records in 256 buckets of `grain` microseconds from the one at `position`. A record's header: due i64, 4 unused, dead
 * u32. A due that moves later is noticed when the timer fires; so is a record's death. What is due before `position`, or beyond the last
 * bucket, lies in the nearest. A bucket is a list of chunks of addresses, so that many records can be looked at before the first is done.
 *
 * Wheel (1072 bytes): grain i64, position i64, earliest i64 (least due in the bucket at `position`), firing chunk u32, armed u32, chunks
 * u32, touched u32, buckets u32 x 256. Chunk: next u32, count u32, records u32 x 62.
 */
const wheelBytes: u32 = 1072;
const buckets: i64 = 256;
const bucketsAt: usize = 40;
const chunkBytes: u32 = 256;
const chunkRecords: u32 = 62;
/** So few records lie in cache anyway. */
const touchedMin: u32 = 4096;

export function initialiseWheel(wheel: usize, grain: i64): void {
  store<i64>(wheel, grain);
  store<i64>(wheel, 0, 8);
  store<i64>(wheel, i64.MAX_VALUE, 16);
}

// @ts-ignore: decorator
@inline
function bucketOf(wheel: usize, index: i64): usize {
  return wheel + bucketsAt + (<usize>(index & (buckets - 1)) << 2);
}

/** The record's due is set; it is armed at most once. */
export function armTimer(wheel: usize, record: usize): void {
  if (load<u32>(wheel, 28) == 0 && load<u32>(wheel, 24) == 0) {
    store<i64>(wheel, floorDivide(load<i64>(record), load<i64>(wheel)), 8);
    store<i64>(wheel, i64.MAX_VALUE, 16);
  }
  store<u32>(wheel, load<u32>(wheel, 28) + 1, 28);
  putTimer(wheel, record);
}

function putTimer(wheel: usize, record: usize): void {
  const due = load<i64>(record);
  const position = load<i64>(wheel, 8);
  let index = floorDivide(due, load<i64>(wheel));
  if (index <= position) {
    index = position;
    if (due < load<i64>(wheel, 16)) store<i64>(wheel, due, 16);
  } else if (<u64>(index - position) >= <u64>buckets) index = position + buckets - 1;
  const bucket = bucketOf(wheel, index);
  let chunk = <usize>load<u32>(bucket);
  if (chunk == 0 || load<u32>(chunk, 4) == chunkRecords) {
    const fresh = allocate(chunkBytes);
    store<u32>(fresh, <u32>chunk);
    store<u32>(fresh, 0, 4);
    store<u32>(bucket, <u32>fresh);
    store<u32>(wheel, load<u32>(wheel, 32) + 1, 32);
    chunk = fresh;
  }
  const count = load<u32>(chunk, 4);
  store<u32>(chunk + (<usize>count << 2), <u32>record, 8);
  store<u32>(chunk, count + 1, 4);
}

/** Of the wheel and its chunks. */
export function wheelBytesHeld(wheel: usize): f64 {
  return <f64>wheelBytes + <f64>load<u32>(wheel, 32) * <f64>chunkBytes;
}

/** The chunk is the next to fire: its records, if there are many, are touched, so that their cache misses overlap. */
function beginChunk(wheel: usize, chunk: usize): void {
  store<u32>(wheel, <u32>chunk, 24);
  if (load<u32>(wheel, 28) < touchedMin || chunk == 0) return;
  let touched: u32 = 0;
  const end = chunk + (<usize>load<u32>(chunk, 4) << 2);
  for (let at = chunk; at < end; at += 4) touched ^= load<u32>(<usize>load<u32>(at, 8));
  store<u32>(wheel, touched, 36);
}

// @ts-ignore: decorator
@inline
export function timersArmed(wheel: usize): u32 {
  return load<u32>(wheel, 28);
}

/** The next record that is due at `time` or dead, disarmed; 0 when there is none. Asked until then, always with the same time. */
export function nextTimer(wheel: usize, time: i64): usize {
  while (true) {
    const chunk = <usize>load<u32>(wheel, 24);
    if (chunk != 0) {
      const count = load<u32>(chunk, 4);
      if (count == 0) {
        beginChunk(wheel, <usize>load<u32>(chunk));
        release(chunk, chunkBytes);
        store<u32>(wheel, load<u32>(wheel, 32) - 1, 32);
        continue;
      }
      const record = <usize>load<u32>(chunk + (<usize>count << 2), 4);
      store<u32>(chunk, count - 1, 4);
      if (load<u32>(record, 12) != 0 || load<i64>(record) <= time) {
        store<u32>(wheel, load<u32>(wheel, 28) - 1, 28);
        return record;
      }
      putTimer(wheel, record);
      continue;
    }
    if (load<u32>(wheel, 28) == 0) return 0;
    const position = load<i64>(wheel, 8);
    const last = floorDivide(time, load<i64>(wheel));
    if (load<i64>(wheel, 16) <= time && load<u32>(bucketOf(wheel, position)) != 0) fireBucket(wheel, position);
    else if (last <= position) return 0;
    else if (<u64>(last - position) >= <u64>buckets) fireAll(wheel, last);
    else fireBucket(wheel, position + 1);
  }
}

function fireBucket(wheel: usize, index: i64): void {
  const bucket = bucketOf(wheel, index);
  beginChunk(wheel, <usize>load<u32>(bucket));
  store<u32>(bucket, 0);
  store<i64>(wheel, index, 8);
  store<i64>(wheel, i64.MAX_VALUE, 16);
}

/** Time has gone beyond the last bucket: every timer is looked at. */
function fireAll(wheel: usize, position: i64): void {
  let firing: u32 = 0;
  for (let k: i64 = 0; k < buckets; k++) {
    const bucket = bucketOf(wheel, k);
    const head = load<u32>(bucket);
    if (head == 0) continue;
    let tail = <usize>head;
    while (load<u32>(tail) != 0) tail = <usize>load<u32>(tail);
    store<u32>(tail, firing);
    firing = head;
    store<u32>(bucket, 0);
  }
  beginChunk(wheel, <usize>firing);
  store<i64>(wheel, position, 8);
  store<i64>(wheel, i64.MAX_VALUE, 16);
}
