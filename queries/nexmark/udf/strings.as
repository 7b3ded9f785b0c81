// AssemblyScript of the component strings.wasm: `node queries/build-component.ts queries/nexmark/udf/strings` builds it.
let top: usize = 0;

/** Memory for the arguments of the call at hand: nothing is kept from one call to the next. */
export function cabi_realloc(old: usize, oldBytes: usize, align: usize, bytes: usize): usize {
  const start = (max<usize>(top, __heap_base) + align - 1) & ~(align - 1);
  const end = start + bytes;
  const have = <usize>memory.size() << 16;
  if (end > have && memory.grow(<i32>((end - have + 65535) >> 16)) < 0) unreachable();
  if (old != 0) memory.copy(start, old, min<usize>(oldBytes, bytes));
  top = end;
  return start;
}

export function count_char(text: usize, length: usize, wanted: usize, wantedLength: usize): i64 {
  top = 0;
  if (wantedLength == 0) return 0;
  let count: i64 = 0;
  let at: usize = 0;
  while (at + wantedLength <= length) {
    const found = memory.compare(text + at, wanted, wantedLength) == 0;
    count += <i64>found;
    at += found ? wantedLength : 1;
  }
  return count;
}
