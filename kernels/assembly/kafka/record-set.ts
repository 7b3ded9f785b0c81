/**
 * Walks the record batches of one partition, as a fetch brings them, and notes where each record lies. `recordsBegin`, then in turn
 * `recordsRestart` (rows noted before are no more in use) and `recordsWalk`, until that answers `walkDone`.
 */
import { beginAborted, enterAborted, isAborted, isAbortMarker, leaveAborted } from "./aborted";
import { arenaCapacity, arenaRoom, arenaTop, emptyArena, growArena, startArena, takeArena } from "./arena";
import {
  baseOffset, baseTimestamp, batchAttributes, batchBytes, batchChecksum, batchHeadBytes, batchLengthEnd, batchMagic, batchPayload,
  batchRecords, checkedStart, lastOffset, leaderEpoch, maxTimestamp, batchReach, producerId,
} from "./batch";
import { crc32c, startCrc32c } from "./crc32c";
import { decompressLz4, doesNotFit } from "./lz4";
import {
  headerAddresses, headerLengths, keyAddresses, keyLengths, offsets, spanArray, spanRowsMax, startSpans, timestamps, valueAddresses,
  valueLengths,
} from "./record-spans";
import { decompressSnappy } from "./snappy";
import { afterVarint, readVarint, readVarlong } from "./varint";
import {
  atCursor, atEnd, atFlags, atRows, atBatch, atRecord, atRecordsEnd, atRecordsLeft, atArenaMax, atIn, atChecked,
  atEpoch, atFrom, atNext, atBatches, atAborted, state,
} from "./walk-state";

/** Answers of `recordsWalk`. */
const walkDone: u32 = 0;
/** Rows are noted; more are there. */
const walkMore: u32 = 1;
/** The batch is compressed with gzip (codec 1) or zstd (codec 4): the host puts the records into the arena, then `recordsInflated`. */
const walkInflate: u32 = 2;
/** The batch at hand cannot be read: `recordsSkip` goes on behind it. */
const walkBadChecksum: u32 = 3;
const walkDamaged: u32 = 4;
const walkBadMagic: u32 = 5;
const walkTooLarge: u32 = 6;

const checksFlag: u32 = 1;
const committedFlag: u32 = 2;

const inBatch: u32 = 1;

/** `arenaBytes`: of decompressed records at first; `arenaMax`: a batch that gives more is not read. */
export function recordsStart(arenaBytes: u32, arenaMax: u32): void {
  startCrc32c();
  startSpans();
  startArena(arenaBytes);
  store<u32>(state, arenaMax, atArenaMax);
}

/** Address of the walk's fields, for the host: see connectors/kafka/records/record-walk.ts. */
export function recordsState(): usize {
  return state;
}

/** Address of one of the arrays of `record-spans`. */
export function recordSpans(array: u32): usize {
  return spanArray(array);
}

/** `from`: records before this offset are passed over. `aborted`: entries of 16 bytes, which the walk overwrites. */
export function recordsBegin(address: usize, length: u32, from: i64, flags: u32, aborted: usize, abortedCount: u32): void {
  store<u32>(state, <u32>address, atCursor);
  store<u32>(state, <u32>address + length, atEnd);
  store<u32>(state, flags, atFlags);
  store<u32>(state, 0, atRows);
  store<u32>(state, 0, atIn);
  store<i64>(state, from, atFrom);
  store<i64>(state, from, atNext);
  store<i32>(state, -1, atEpoch);
  beginAborted(aborted, abortedCount);
  emptyArena();
}

/** Offset after the last whole batch in a region, or -1 when it holds none; its leader's epoch lies in the state. */
export function recordsReach(address: usize, length: u32): i64 {
  const end = address + length;
  let reach: i64 = -1;
  while (address + batchHeadBytes <= end) {
    const bytes = batchBytes(address);
    if (bytes < batchHeadBytes || bytes > <u32>(end - address)) break;
    reach = batchReach(address);
    store<i32>(state, leaderEpoch(address), atEpoch);
    address += bytes;
  }
  return reach;
}

/** The rows noted so far are no more in use. */
export function recordsRestart(): void {
  store<u32>(state, 0, atRows);
  if (load<u32>(state, atIn) != inBatch) emptyArena();
}

/** The host has put the batch's records, that many bytes, to the address that `recordsRoom` gave. */
export function recordsInflated(bytes: u32): void {
  const top = arenaTop();
  takeArena(bytes);
  enterRecords(top, top + bytes);
}

/** Address of room for so many bytes of records, or 0: then what is noted must be taken first, or the batch is too large. */
export function recordsRoom(bytes: u32): usize {
  if (arenaRoom() >= bytes) return arenaTop();
  return load<u32>(state, atRows) == 0 && growFor(bytes) ? arenaTop() : 0;
}

/** Goes on behind the batch at hand. */
export function recordsSkip(): void {
  const batch = <usize>load<u32>(state, atBatch);
  leaveBatch(batch);
}

function growFor(bytes: u32): bool {
  const allowed = load<u32>(state, atArenaMax);
  if (bytes > allowed) return false;
  emptyArena();
  if (bytes > arenaCapacity()) growArena(min<u32>(allowed, max<u32>(bytes, arenaCapacity() * 2)));
  return true;
}

// @ts-ignore: decorator
@inline
function enterRecords(from: usize, end: usize): void {
  store<u32>(state, <u32>from, atRecord);
  store<u32>(state, <u32>end, atRecordsEnd);
  store<i32>(state, batchRecords(<usize>load<u32>(state, atBatch)), atRecordsLeft);
  store<u32>(state, inBatch, atIn);
  store<i64>(state, load<i64>(state, atBatches) + 1, atBatches);
}

function leaveBatch(batch: usize): void {
  store<u32>(state, <u32>batch + batchBytes(batch), atCursor);
  store<u32>(state, 0, atIn);
  store<u32>(state, 0, atChecked);
  store<i64>(state, max<i64>(load<i64>(state, atNext), batchReach(batch)), atNext);
}

/** Notes records up to `rowsMax` in all. */
export function recordsWalk(rowsMax: u32): u32 {
  rowsMax = min<u32>(rowsMax, spanRowsMax);
  while (true) {
    if (load<u32>(state, atIn) == inBatch) {
      const answer = walkRecords(rowsMax);
      if (answer != walkDone) return answer;
      leaveBatch(<usize>load<u32>(state, atBatch));
    }
    const answer = enterBatch();
    if (answer == walkDone && load<u32>(state, atIn) != inBatch) return walkDone;
    if (answer != walkDone) return answer;
    if (load<u32>(state, atRows) >= rowsMax) return walkMore;
  }
}

/** Finds the next batch that has rows for us. `walkDone`: it is entered, or there is none. */
function enterBatch(): u32 {
  const end = <usize>load<u32>(state, atEnd);
  const flags = load<u32>(state, atFlags);
  while (true) {
    const batch = <usize>load<u32>(state, atCursor);
    if (batch + batchHeadBytes > end) return walkDone;
    store<u32>(state, <u32>batch, atBatch);
    const bytes = batchBytes(batch);
    if (batchMagic(batch) != 2) return walkBadMagic;
    if (bytes < batchHeadBytes) return walkDamaged;
    if (bytes > <u32>(end - batch)) return walkDone;
    if ((flags & checksFlag) != 0 && load<u32>(state, atChecked) == 0) {
      if (crc32c(checkedStart(batch), bytes - 21) != batchChecksum(batch)) return walkBadChecksum;
      store<u32>(state, 1, atChecked);
    }
    const last = lastOffset(batch);
    const attributes = batchAttributes(batch);
    enterAborted(last);
    if ((attributes & 0x20) != 0) {
      if (isAbortMarker(batchPayload(batch), batch + bytes)) leaveAborted(producerId(batch));
      leaveBatch(batch);
      continue;
    }
    if ((flags & committedFlag) != 0 && (attributes & 0x10) != 0 && isAborted(producerId(batch))) {
      store<i64>(state, load<i64>(state, atAborted) + <i64>batchRecords(batch), atAborted);
      leaveBatch(batch);
      continue;
    }
    if (last < load<i64>(state, atFrom) || batchRecords(batch) <= 0) {
      leaveBatch(batch);
      continue;
    }
    return openBatch(batch, batch + bytes, attributes & 7);
  }
}

/** Compressed records are taken apart in the arena. */
function openBatch(batch: usize, end: usize, codec: u32): u32 {
  const payload = batchPayload(batch);
  if (codec == 0) {
    enterRecords(payload, end);
    return walkDone;
  }
  if (codec == 1 || codec == 4) return walkInflate;
  if (codec > 4) return walkDamaged;
  while (true) {
    const top = arenaTop();
    const length = <u32>(end - payload);
    const written = codec == 2 ? decompressSnappy(payload, length, top, arenaRoom()) : decompressLz4(payload, length, top, arenaRoom());
    if (written >= 0) {
      takeArena(written);
      enterRecords(top, top + written);
      return walkDone;
    }
    if (written != doesNotFit) return walkDamaged;
    if (load<u32>(state, atRows) != 0) return walkMore;
    if (arenaRoom() < arenaCapacity()) emptyArena();
    else if (!growFor(arenaCapacity() < 0x40000000 ? arenaCapacity() * 2 : 0xffffffff)) {
      if (arenaCapacity() >= load<u32>(state, atArenaMax)) return walkTooLarge;
      growFor(load<u32>(state, atArenaMax));
    }
  }
}

/** Notes records of the batch at hand. */
function walkRecords(rowsMax: u32): u32 {
  const batch = <usize>load<u32>(state, atBatch);
  const appended = (batchAttributes(batch) & 8) != 0;
  const firstOffset = baseOffset(batch);
  const firstTimestamp = appended ? maxTimestamp(batch) : baseTimestamp(batch);
  const from = load<i64>(state, atFrom);
  const end = <usize>load<u32>(state, atRecordsEnd);
  let record = <usize>load<u32>(state, atRecord);
  let left = load<i32>(state, atRecordsLeft);
  let row = load<u32>(state, atRows);
  let next = load<i64>(state, atNext);
  const valuesAt = spanArray(valueAddresses);
  const valueLengthsAt = spanArray(valueLengths);
  const keysAt = spanArray(keyAddresses);
  const keyLengthsAt = spanArray(keyLengths);
  const headersAt = spanArray(headerAddresses);
  const headerLengthsAt = spanArray(headerLengths);
  const offsetsAt = spanArray(offsets);
  const timestampsAt = spanArray(timestamps);
  for (; left > 0 && row < rowsMax; left--) {
    const length = readVarint(record, end);
    let at = afterVarint;
    if (at == 0 || length < 6 || <u32>length > <u32>(end - at)) break;
    const recordEnd = at + length;
    record = recordEnd;
    const timestamp = readVarlong(at + 1, recordEnd);
    at = afterVarint;
    if (at == 0) break;
    const offset = firstOffset + <i64>readVarint(at, recordEnd);
    at = afterVarint;
    if (at == 0) break;
    const keyLength = readVarint(at, recordEnd);
    const key = afterVarint;
    if (key == 0 || keyLength < -1 || (keyLength > 0 && <u32>keyLength > <u32>(recordEnd - key))) break;
    const valueLength = readVarint(keyLength > 0 ? key + keyLength : key, recordEnd);
    const value = afterVarint;
    if (value == 0 || valueLength < -1 || (valueLength > 0 && <u32>valueLength > <u32>(recordEnd - value))) break;
    if (offset < from) continue;
    const headers = valueLength > 0 ? value + valueLength : value;
    const word = <usize>row << 2;
    const long = <usize>row << 3;
    store<u32>(valuesAt + word, <u32>value);
    store<i32>(valueLengthsAt + word, valueLength);
    store<u32>(keysAt + word, <u32>key);
    store<i32>(keyLengthsAt + word, keyLength);
    store<u32>(headersAt + word, <u32>headers);
    store<u32>(headerLengthsAt + word, <u32>(recordEnd - headers));
    store<i64>(offsetsAt + long, offset);
    store<i64>(timestampsAt + long, appended ? firstTimestamp : firstTimestamp + timestamp);
    row++;
    next = offset + 1;
  }
  store<i64>(state, next, atNext);
  store<u32>(state, <u32>record, atRecord);
  store<i32>(state, left, atRecordsLeft);
  store<u32>(state, row, atRows);
  if (left == 0) return walkDone;
  return row < rowsMax ? walkDamaged : walkMore;
}
