/** A UUID of 36 characters between quotes, as DuckDB keeps it: a 128-bit integer, low word first, its top bit flipped. */

function hexWord(at: usize, count: usize): u64 {
  let value: u64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const byte = <u64>load<u8>(at + i);
    const letter = (byte | 32) - 87;
    const digit = byte - 48 <= 9 ? byte - 48 : letter >= 10 && letter <= 15 ? letter : 256;
    isHex = isHex && digit != 256;
    value = (value << 4) | (digit & 15);
  }
  return value;
}

let isHex: bool = false;

/** `at` stands after the opening quote, the result after the closing one, or it is 0. */
export function readUuid(at: usize, out: usize): usize {
  if (load<u8>(at, 8) != 45 || load<u8>(at, 13) != 45 || load<u8>(at, 18) != 45 || load<u8>(at, 23) != 45) return 0;
  if (load<u8>(at, 36) != 34) return 0;
  isHex = true;
  const high = (hexWord(at, 8) << 32) | (hexWord(at + 9, 4) << 16) | hexWord(at + 14, 4);
  const low = (hexWord(at + 19, 4) << 48) | hexWord(at + 24, 12);
  if (!isHex) return 0;
  store<u64>(out, low);
  store<u64>(out, high ^ 0x8000000000000000, 8);
  return at + 37;
}
