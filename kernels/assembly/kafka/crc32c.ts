/**
 * CRC-32C (Castagnoli), as record batches carry it. Long stretches are folded first: a multiple of the polynomial with few terms, all of them
 * whole blocks of 16 bytes apart, is subtracted wherever a block is not zero, until only the last `foldBytes` are left. What is left, and what
 * is short, goes sixteen bytes at a time through sixteen tables, made when the module starts.
 */
const polynomial: u32 = 0x82f63b78;
const tables: usize = memory.data(16 * 256 * 4, 16);

/** x^(8 * 3344) + x^(8 * 2304) + x^(8 * 864) + x^(8 * 624) + x^(8 * 224) + 1 is a multiple: `foldBytes` less each exponent's bytes. */
const foldBytes: u32 = 3344;
const fold1: usize = 3344 - 1040;
const fold2: usize = 3344 - 2480;
const fold3: usize = 3344 - 2720;
const fold4: usize = 3344 - 3120;
const chunkBytes: u32 = 8192;
/** Shorter ones are not folded. */
const foldedMin: u32 = 8192;
/** The blocks subtracted: the last `foldBytes` of those before, then a chunk's. */
const folded: usize = memory.data(3344 + 8192, 16);
const rest: usize = memory.data(3344 + 16, 16);

export function startCrc32c(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (polynomial & (0 - (value & 1)));
    store<u32>(tables + (<usize>byte << 2), value);
  }
  for (let index: usize = 256; index < 4096; index++) {
    const before = load<u32>(tables + ((index - 256) << 2));
    store<u32>(tables + (index << 2), (before >>> 8) ^ load<u32>(tables + (<usize>(before & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function entry(table: usize, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + (<usize>(byte & 255) << 2));
}

// @ts-ignore: decorator
@inline
function word(table: usize, value: u32): u32 {
  return entry(table, value) ^ entry(table - 1, value >>> 8) ^ entry(table - 2, value >>> 16) ^ entry(table - 3, value >>> 24);
}

export function crc32c(address: usize, length: u32): u32 {
  return ~(length < foldedMin ? byTables(address, length, 0xffffffff) : byFolding(address, length));
}

function byTables(address: usize, length: u32, before: u32): u32 {
  let crc = before;
  const end = address + length;
  while (address + 16 <= end) {
    const first = load<u32>(address) ^ crc;
    crc = word(15, first) ^ word(11, load<u32>(address, 4)) ^ word(7, load<u32>(address, 8)) ^ word(3, load<u32>(address, 12));
    address += 16;
  }
  for (; address < end; address++) crc = (crc >>> 8) ^ entry(0, crc ^ load<u8>(address));
  return crc;
}

/** What the blocks subtracted before leave at a place: `at` counts from where they begin. */
// @ts-ignore: decorator
@inline
function subtracted(at: usize): v128 {
  const near = v128.xor(v128.load(at, fold1), v128.load(at, fold2));
  const far = v128.xor(v128.load(at, fold3), v128.load(at, fold4));
  return v128.xor(v128.xor(near, far), v128.load(at));
}

function byFolding(address: usize, length: u32): u32 {
  let left = (length - foldBytes) & ~15;
  const tail = length - left;
  memory.fill(folded, 0, foldBytes);
  let start = i32x4.replace_lane(i32x4.splat(0), 0, -1);
  while (left != 0) {
    const bytes = min<u32>(left, chunkBytes);
    for (let at: usize = 0; at < <usize>bytes; at += 16) {
      const block = v128.xor(v128.xor(v128.load(address + at), start), subtracted(folded + at));
      start = i32x4.splat(0);
      v128.store(folded + at, block, 3344);
    }
    memory.copy(folded, folded + bytes, foldBytes);
    address += bytes;
    left -= bytes;
  }
  memory.fill(folded + foldBytes, 0, foldBytes);
  for (let at: usize = 0; at < <usize>foldBytes; at += 16) {
    v128.store(rest + at, v128.xor(v128.load(address + at), subtracted(folded + at)));
  }
  memory.copy(rest + foldBytes, address + foldBytes, tail - foldBytes);
  return byTables(rest, tail, 0);
}
