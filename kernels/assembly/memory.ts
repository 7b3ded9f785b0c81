/**
 * Blocks of linear memory in size classes (four per power of two, at least 64 bytes), with a free list each. Blocks are 64-byte
 * aligned and never returned to the host: first touch of a fresh page costs more than reuse. State lies in memory, so that a
 * memory image holds all of it.
 */
// @ts-ignore: decorator
@external("host", "memoryExceeded")
declare function hostMemoryExceeded(bytes: u32): void;

const blockBytesMin: u32 = 64;
const growthPages: u32 = 16;
/** Free-list heads by class; next fresh byte, pages allowed. */
const freeLists: usize = memory.data(4 * 128, 16);
const freshStart: usize = memory.data(16, 16);

/** Pages of 64 KiB that the memory may have in all. */
export function limitMemory(pages: u32): void {
  store<u32>(freshStart, pages, 4);
}

// @ts-ignore: decorator
@inline
function classOf(bytes: u32): u32 {
  const size = max<u32>(bytes, blockBytesMin) - 1;
  const exponent: u32 = 31 - clz<u32>(size);
  return (exponent << 2) | ((size >> (exponent - 2)) & 3);
}

// @ts-ignore: decorator
@inline
function blockBytes(sizeClass: u32): u64 {
  return <u64>(5 + (sizeClass & 3)) << <u64>((sizeClass >> 2) - 2);
}

/** Address of fresh, zeroed memory, or 0 when the limit does not allow it. */
function takeFresh(bytes: u64): usize {
  let start = <usize>load<u32>(freshStart);
  if (start == 0) start = (__heap_base + 63) & ~(<usize>63);
  const end = <u64>start + ((bytes + 63) & ~(<u64>63)) + 64;
  const have = <u64>(<u32>memory.size()) << 16;
  if (end > have) {
    const pages = <u32>((end - have + 65535) >> 16);
    const allowed = load<u32>(freshStart, 4);
    const present = <u32>memory.size();
    if (present + pages > allowed) return 0;
    if (memory.grow(<i32>min<u32>(max<u32>(pages, growthPages), allowed - present)) < 0) return 0;
  }
  store<u32>(freshStart, <u32>(end - 64));
  return start;
}

function takeLarger(sizeClass: u32): usize {
  for (let larger = sizeClass + 1; larger < 128; larger++) {
    const head = load<u32>(freeLists + ((<usize>larger) << 2));
    if (head == 0) continue;
    store<u32>(freeLists + ((<usize>larger) << 2), load<u32>(<usize>head));
    return <usize>head;
  }
  return 0;
}

function take(bytes: u32, zeroed: bool): usize {
  if (bytes > 0xf0000000) hostMemoryExceeded(bytes);
  const sizeClass = classOf(bytes);
  const list = freeLists + ((<usize>sizeClass) << 2);
  let block = <usize>load<u32>(list);
  if (block != 0) store<u32>(list, load<u32>(block));
  else {
    block = takeFresh(blockBytes(sizeClass));
    if (block != 0) return block;
    block = takeLarger(sizeClass);
    if (block == 0) {
      hostMemoryExceeded(bytes);
      unreachable();
    }
  }
  if (zeroed) memory.fill(block, 0, bytes);
  return block;
}

export function allocate(bytes: u32): usize {
  return take(bytes, false);
}

export function allocateZeroed(bytes: u32): usize {
  return take(bytes, true);
}

/** `bytes` as asked for. A block that came from a larger class joins the class of its request. */
export function release(block: usize, bytes: u32): void {
  const list = freeLists + ((<usize>classOf(bytes)) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}
