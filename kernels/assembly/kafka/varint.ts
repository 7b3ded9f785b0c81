/** Kafka's variable-length integers: seven bits a byte, low ones first, zigzag. */

/** Address after the number last read; 0 when it did not end before the limit or has too many bytes. */
// @ts-ignore: decorator
@lazy export let afterVarint: usize = 0;

/** 32 bits wide; `limit`: where the bytes end. */
// @ts-ignore: decorator
@inline
export function readVarint(address: usize, limit: usize): i32 {
  if (address < limit) {
    const first = <u32>load<u8>(address);
    if (first < 128) {
      afterVarint = address + 1;
      return <i32>(first >>> 1) ^ -(<i32>(first & 1));
    }
  }
  return <i32>readLongVarint(address, limit, 5);
}

/** 64 bits wide. */
// @ts-ignore: decorator
@inline
export function readVarlong(address: usize, limit: usize): i64 {
  if (address < limit) {
    const first = <u64>load<u8>(address);
    if (first < 128) {
      afterVarint = address + 1;
      return <i64>(first >>> 1) ^ -(<i64>(first & 1));
    }
  }
  return readLongVarint(address, limit, 10);
}

function readLongVarint(address: usize, limit: usize, bytesMax: i32): i64 {
  let value: u64 = 0;
  let shift: u64 = 0;
  for (let index = 0; index < bytesMax && address < limit; index++) {
    const byte = <u64>load<u8>(address++);
    value |= (byte & 127) << shift;
    if (byte < 128) {
      afterVarint = address;
      return <i64>(value >>> 1) ^ -(<i64>(value & 1));
    }
    shift += 7;
  }
  afterVarint = 0;
  return 0;
}
