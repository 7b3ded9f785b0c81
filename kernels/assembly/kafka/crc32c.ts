/** CRC-32C (Castagnoli), as record batches carry it: sixteen bytes at a time by sixteen tables, made when the module starts. */
const polynomial: u32 = 0x82f63b78;
const tables: usize = memory.data(16 * 256 * 4, 16);

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
  let crc: u32 = 0xffffffff;
  const end = address + length;
  while (address + 16 <= end) {
    const first = load<u32>(address) ^ crc;
    crc = word(15, first) ^ word(11, load<u32>(address, 4)) ^ word(7, load<u32>(address, 8)) ^ word(3, load<u32>(address, 12));
    address += 16;
  }
  for (; address < end; address++) crc = (crc >>> 8) ^ entry(0, crc ^ load<u8>(address));
  return ~crc;
}
