import { compareHugeint, compareUnsignedHugeint } from "./hugeint";
import { compareIntervals, intervalDays, intervalMonths, normalizeInterval } from "./interval";
import { doubleOrder } from "./order";
import { finishPacked, packedAt, packedBit, packedBytesAt, packedBytesLength, packedEnd, packedPlace, packedValid, putPackedString } from "./packed";
import { stringPointer } from "./string-table";

/**
 * SQL's order of nested values. A shape is bytes: 1 bool, 2-5 i8 to i64, 6-9 u8 to u64, 10 f32, 11 f64, 12 i128, 13 u128,
 * 14 interval, 15 text, 16 list of the shape that follows, 17 map of the two that follow, 18 struct: fields u16, their shapes.
 * Inside a nested value NULL is the largest and equal to itself.
 */
const shapeInterval: u32 = 14;
const shapeText: u32 = 15;
const shapeList: u32 = 16;
const shapeMap: u32 = 17;
const shapeStruct: u32 = 18;

/** Bytes of a value of the shape; 0: any number. */
function widthOf(shape: usize): u32 {
  const tag = <u32>load<u8>(shape);
  if (tag == 1 || tag == 2 || tag == 6) return 1;
  if (tag == 3 || tag == 7) return 2;
  if (tag == 4 || tag == 8 || tag == 10) return 4;
  if (tag == 5 || tag == 9 || tag == 11) return 8;
  return tag <= shapeInterval ? 16 : 0;
}

/** Where the shape after this one begins. */
function afterShape(shape: usize): usize {
  const tag = <u32>load<u8>(shape);
  if (tag == shapeList) return afterShape(shape + 1);
  if (tag == shapeMap) return afterShape(afterShape(shape + 1));
  if (tag != shapeStruct) return shape + 1;
  let next = shape + 3;
  for (let fields = <u32>load<u16>(shape, 1); fields > 0; fields--) next = afterShape(next);
  return next;
}

// @ts-ignore: decorator
@inline
function order<T>(a: T, b: T): i32 {
  return a < b ? -1 : <i32>(a > b);
}

function compareFixed(tag: u32, a: usize, b: usize): i32 {
  switch (tag) {
    case 1:
    case 6:
      return order<u8>(load<u8>(a), load<u8>(b));
    case 2:
      return order<i8>(load<i8>(a), load<i8>(b));
    case 3:
      return order<i16>(load<i16>(a), load<i16>(b));
    case 4:
      return order<i32>(load<i32>(a), load<i32>(b));
    case 5:
      return order<i64>(load<i64>(a), load<i64>(b));
    case 7:
      return order<u16>(load<u16>(a), load<u16>(b));
    case 8:
      return order<u32>(load<u32>(a), load<u32>(b));
    case 9:
      return order<u64>(load<u64>(a), load<u64>(b));
    case 10:
      return order<i64>(doubleOrder(<f64>load<f32>(a) + 0.0), doubleOrder(<f64>load<f32>(b) + 0.0));
    case 11:
      return order<i64>(doubleOrder(load<f64>(a) + 0.0), doubleOrder(load<f64>(b) + 0.0));
    case 12:
      return compareHugeint(load<u64>(a), load<i64>(a, 8), load<u64>(b), load<i64>(b, 8));
    case 13:
      return compareUnsignedHugeint(load<u64>(a), load<u64>(a, 8), load<u64>(b), load<u64>(b, 8));
    default:
      return compareIntervals(load<i32>(a), load<i32>(a, 4), load<i64>(a, 8), load<i32>(b), load<i32>(b, 4), load<i64>(b, 8));
  }
}

/** Two values of any length, neither NULL, by their bytes. */
function compareBytes(a: usize, aLength: u32, b: usize, bLength: u32, shape: usize): i32 {
  const tag = <u32>load<u8>(shape);
  if (tag == shapeText) {
    const bytes = memory.compare(a, b, <usize>min<u32>(aLength, bLength));
    return bytes != 0 ? (bytes < 0 ? -1 : 1) : order<u32>(aLength, bLength);
  }
  if (tag == shapeList) return compareLists(a, b, shape + 1);
  if (tag == shapeMap) return compareMaps(a, b, shape + 1);
  return compareStructs(a, b, shape);
}

function compareElements(a: usize, b: usize, i: u32, shape: usize, width: u32): i32 {
  const present = packedValid(a, i);
  if (present != packedValid(b, i)) return present ? -1 : 1;
  if (!present) return 0;
  if (width != 0) return compareFixed(<u32>load<u8>(shape), packedAt(a, i, width), packedAt(b, i, width));
  return compareBytes(packedBytesAt(a, i), packedBytesLength(a, i), packedBytesAt(b, i), packedBytesLength(b, i), shape);
}

function compareLists(a: usize, b: usize, shape: usize): i32 {
  const countA = load<u32>(a);
  const countB = load<u32>(b);
  const width = widthOf(shape);
  for (let i: u32 = 0; i < min<u32>(countA, countB); i++) {
    const result = compareElements(a, b, i, shape, width);
    if (result != 0) return result;
  }
  return order<u32>(countA, countB);
}

/** As lists of entries: key and value by turns. */
function compareMaps(a: usize, b: usize, keyShape: usize): i32 {
  const countA = load<u32>(a, 4);
  const countB = load<u32>(b, 4);
  const valueShape = afterShape(keyShape);
  const valuesA = a + 4 + load<u32>(a);
  const valuesB = b + 4 + load<u32>(b);
  for (let i: u32 = 0; i < min<u32>(countA, countB); i++) {
    let result = compareElements(a + 4, b + 4, i, keyShape, widthOf(keyShape));
    if (result == 0) result = compareElements(valuesA, valuesB, i, valueShape, widthOf(valueShape));
    if (result != 0) return result;
  }
  return order<u32>(countA, countB);
}

function compareStructs(a: usize, b: usize, shape: usize): i32 {
  const fields = <u32>load<u16>(shape, 1);
  let fieldA = a + ((fields + 7) >> 3);
  let fieldB = b + ((fields + 7) >> 3);
  let child = shape + 3;
  for (let k: u32 = 0; k < fields; k++) {
    const width = widthOf(child);
    const present = packedBit(a, k);
    if (present != packedBit(b, k)) return present ? -1 : 1;
    let result = 0;
    if (width != 0) {
      if (present) result = compareFixed(<u32>load<u8>(child), fieldA, fieldB);
    } else if (present) result = compareBytes(fieldA + 4, load<u32>(fieldA), fieldB + 4, load<u32>(fieldB), child);
    if (result != 0) return result;
    fieldA += width != 0 ? <usize>width : 4 + <usize>load<u32>(fieldA);
    fieldB += width != 0 ? <usize>width : 4 + <usize>load<u32>(fieldB);
    child = afterShape(child);
  }
  return 0;
}

/** -1, 0 or 1. `shape`: of the nested values with these ids. Id 0 stands for NULL, which nobody compares. */
export function comparePacked(a: u32, b: u32, shape: usize): i32 {
  return a == b || a == 0 || b == 0 ? 0 : compareBytes(stringPointer(a), 0, stringPointer(b), 0, shape);
}

function normaliseFixed(tag: u32, at: usize): void {
  if (tag == 10) {
    const value = load<f32>(at);
    if (value != value) store<u32>(at, 0x7fc00000);
    else store<f32>(at, value + <f32>0);
  } else if (tag == 11) {
    const value = load<f64>(at);
    if (value != value) store<u64>(at, 0x7ff8000000000000);
    else store<f64>(at, value + 0.0);
  } else if (tag == shapeInterval) {
    store<i64>(at, normalizeInterval(load<i32>(at), load<i32>(at, 4), load<i64>(at, 8)), 8);
    store<i32>(at, intervalMonths);
    store<i32>(at, intervalDays, 4);
  }
}

function normaliseList(list: usize, shape: usize): void {
  const width = widthOf(shape);
  for (let i: u32 = 0; i < load<u32>(list); i++) {
    if (!packedValid(list, i)) continue;
    if (width != 0) normaliseFixed(<u32>load<u8>(shape), packedAt(list, i, width));
    else normaliseBytes(packedBytesAt(list, i), shape);
  }
}

function normaliseBytes(at: usize, shape: usize): void {
  const tag = <u32>load<u8>(shape);
  if (tag == shapeText) return;
  if (tag == shapeList) return normaliseList(at, shape + 1);
  if (tag == shapeMap) {
    normaliseList(at + 4, shape + 1);
    return normaliseList(at + 4 + load<u32>(at), afterShape(shape + 1));
  }
  const fields = <u32>load<u16>(shape, 1);
  let field = at + ((fields + 7) >> 3);
  let child = shape + 3;
  for (let k: u32 = 0; k < fields; k++) {
    const width = widthOf(child);
    if (packedBit(at, k)) {
      if (width != 0) normaliseFixed(<u32>load<u8>(child), field);
      else normaliseBytes(field + 4, child);
    }
    field += width != 0 ? <usize>width : 4 + <usize>load<u32>(field);
    child = afterShape(child);
  }
}

/** Id of the value with one zero, one NaN and one form of each interval: equal values have equal ids then. */
export function normalPacked(id: u32, shape: usize): u32 {
  const from = packedEnd();
  putPackedString(id);
  normaliseBytes(packedPlace(from), shape);
  return finishPacked(from);
}
