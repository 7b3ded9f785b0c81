/** A record batch of magic 2: the head of 61 bytes, big endian. */

export const batchHeadBytes: u32 = 61;
/** What stands before the batch's own length counts. */
export const batchLengthEnd: u32 = 12;
const checkedFrom: u32 = 21;

// @ts-ignore: decorator
@inline
export function bigLong(address: usize): i64 {
  return bswap<i64>(load<i64>(address));
}

// @ts-ignore: decorator
@inline
export function bigWord(address: usize): i32 {
  return bswap<i32>(load<i32>(address));
}

/** Of the whole batch; what is shorter than a head tells of damage. */
// @ts-ignore: decorator
@inline
export function batchBytes(batch: usize): u32 {
  return <u32>bigWord(batch + 8) + batchLengthEnd;
}

// @ts-ignore: decorator
@inline
export function leaderEpoch(batch: usize): i32 {
  return bigWord(batch + 12);
}

// @ts-ignore: decorator
@inline
export function batchMagic(batch: usize): u32 {
  return load<u8>(batch, 16);
}

// @ts-ignore: decorator
@inline
export function batchChecksum(batch: usize): u32 {
  return <u32>bigWord(batch + 17);
}

// @ts-ignore: decorator
@inline
export function checkedStart(batch: usize): usize {
  return batch + checkedFrom;
}

/** Compression in bits 0 to 2, then: time of append, transactional, control. */
// @ts-ignore: decorator
@inline
export function batchAttributes(batch: usize): u32 {
  return load<u8>(batch, 22);
}

// @ts-ignore: decorator
@inline
export function baseOffset(batch: usize): i64 {
  return bigLong(batch);
}

// @ts-ignore: decorator
@inline
export function lastOffset(batch: usize): i64 {
  return bigLong(batch) + <i64>bigWord(batch + 23);
}

/** Offset after the batch's last. Messages of before Kafka 0.11 stand for themselves. */
// @ts-ignore: decorator
@inline
export function batchReach(batch: usize): i64 {
  return (batchMagic(batch) == 2 ? lastOffset(batch) : baseOffset(batch)) + 1;
}

// @ts-ignore: decorator
@inline
export function baseTimestamp(batch: usize): i64 {
  return bigLong(batch + 27);
}

// @ts-ignore: decorator
@inline
export function maxTimestamp(batch: usize): i64 {
  return bigLong(batch + 35);
}

// @ts-ignore: decorator
@inline
export function producerId(batch: usize): i64 {
  return bigLong(batch + 43);
}

// @ts-ignore: decorator
@inline
export function batchRecords(batch: usize): i32 {
  return bigWord(batch + 57);
}

// @ts-ignore: decorator
@inline
export function batchPayload(batch: usize): usize {
  return batch + batchHeadBytes;
}
