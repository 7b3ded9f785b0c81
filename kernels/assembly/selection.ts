/**
 * Which rows of a batch go on, as u16 row numbers in order, and their split by pane. A list is [from, to) in bytes; lists may be
 * written up to 16 bytes past their end.
 */
const rowsMax: u32 = 8192;

/** Every row: 0, 1, 2 ... */
export const everyRow: usize = memory.data(8192 * 2 + 16, 64);
export const selected: usize = memory.data(8192 * 2 + 16, 64);
export const sorted: usize = memory.data(8192 * 2 + 16, 64);
/** Event times of computed time columns, by row. */
export const rowTimes: usize = memory.data(8192 * 8 + 64, 64);
/** One pane more than `sortByPane` may be asked for: where each pane's rows start in `sorted`, in bytes. */
export const paneSpanMax: u32 = 256;
const paneStarts: usize = memory.data(4 * 260, 16);
const paneOfRow: usize = memory.data(8192 * 2, 16);
const range: usize = memory.data(16, 16);

/** For each mask of 8 rows: the numbers of the rows in it. */
const rowsOfMask: usize = memory.data(256 * 16, 16);

export function initialiseSelection(): void {
  for (let i: u32 = 0; i < rowsMax; i++) store<u16>(everyRow + (<usize>i << 1), <u16>i);
  for (let mask: u32 = 0; mask < 256; mask++) {
    let at = rowsOfMask + (<usize>mask << 4);
    for (let bit: u32 = 0; bit < 8; bit++) {
      if (((mask >> bit) & 1) == 0) continue;
      store<u16>(at, <u16>bit);
      at += 2;
    }
  }
}

/** Appends rows `row` + k for each bit k of `mask` at `end`; returns the new end. */
// @ts-ignore: decorator
@inline
export function appendMask(end: usize, row: usize, mask: u32): usize {
  v128.store(end, i16x8.add(v128.load(rowsOfMask + (<usize>mask << 4)), i16x8.splat(<i16>row)));
  return end + (<usize>popcnt<u32>(mask) << 1);
}

/** Bits of rows below `rows`, of the 8 that start at `row`. */
// @ts-ignore: decorator
@inline
export function tailMask(row: usize, rows: u32): u32 {
  return <u32>row + 8 > rows ? (<u32>1 << (rows - <u32>row)) - 1 : 255;
}

/** Smallest and largest time of the rows. */
export function measureTimes(times: usize, from: usize, to: usize): void {
  let low = i64.MAX_VALUE;
  let high = i64.MIN_VALUE;
  for (let r = from; r < to; r += 2) {
    const time = load<i64>(times + (<usize>load<u16>(r) << 3));
    low = time < low ? time : low;
    high = time > high ? time : high;
  }
  store<i64>(range, low);
  store<i64>(range, high, 8);
}

/** DuckDB's 'infinity' and '-infinity'. */
// @ts-ignore: decorator
@inline
export function isInfinite(time: i64): bool {
  return time == i64.MAX_VALUE || time == -i64.MAX_VALUE;
}

/** Whether a time among those measured is infinite. */
// @ts-ignore: decorator
@inline
export function someInfinite(): bool {
  return isInfinite(timeLow()) || isInfinite(timeHigh());
}

/** Writes the rows whose time is finite to `selected`, which may be the list itself; returns its end. */
export function dropInfinite(times: usize, from: usize, to: usize): usize {
  let end = selected;
  for (let r = from; r < to; r += 2) {
    const row = load<u16>(r);
    store<u16>(end, row);
    end += <usize>!isInfinite(load<i64>(times + (<usize>row << 3))) << 1;
  }
  return end;
}

// @ts-ignore: decorator
@inline
export function timeLow(): i64 {
  return load<i64>(range);
}

// @ts-ignore: decorator
@inline
export function timeHigh(): i64 {
  return load<i64>(range, 8);
}

/** Floor, as time before 1970 needs. */
// @ts-ignore: decorator
@inline
export function floorDivide(value: i64, by: i64): i64 {
  const quotient = value / by;
  return quotient - <i64>(quotient * by > value);
}

/**
 * Writes the rows to `sorted`, pane after pane in their order (counting sort). Pane k of `panes` <= paneSpanMax holds the times
 * [start + k * size, start + (k + 1) * size); every row lies in one.
 */
export function sortByPane(times: usize, from: usize, to: usize, start: i64, size: i64, panes: u32): void {
  memory.fill(paneStarts, 0, (<usize>panes + 1) << 2);
  const scale = 1.0 / <f64>size;
  for (let r = from; r < to; r += 2) {
    const row = <usize>load<u16>(r);
    const offset = load<i64>(times + (row << 3)) - start;
    let pane = <i64>(<f64>offset * scale);
    pane -= <i64>(pane * size > offset);
    pane += <i64>((pane + 1) * size <= offset);
    store<u16>(paneOfRow + (row << 1), <u16>pane);
    const count = paneStarts + (<usize>pane << 2);
    store<u32>(count, load<u32>(count, 4) + 2, 4);
  }
  for (let k: u32 = 1; k <= panes; k++) {
    const at = paneStarts + (<usize>k << 2);
    store<u32>(at, load<u32>(at) + load<u32>(at - 4));
  }
  for (let r = from; r < to; r += 2) {
    const row = load<u16>(r);
    const at = paneStarts + (<usize>load<u16>(paneOfRow + (<usize>row << 1)) << 2);
    const end = load<u32>(at);
    store<u16>(sorted + end, row);
    store<u32>(at, end + 2);
  }
}

/** End of pane k's rows in `sorted`, after `sortByPane`; they start where the pane before ends. */
// @ts-ignore: decorator
@inline
export function paneEnd(k: u32): usize {
  return sorted + load<u32>(paneStarts + (<usize>k << 2));
}

/** End of the longest run of rows from `from` whose times lie in [start, end). */
export function runEnd(times: usize, from: usize, to: usize, start: i64, end: i64): usize {
  let r = from;
  for (; r < to; r += 2) {
    const time = load<i64>(times + (<usize>load<u16>(r) << 3));
    if (time < start || time >= end) break;
  }
  return r;
}
