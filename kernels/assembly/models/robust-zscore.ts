import { allocateZeroed, release } from '../memory';

/** Distance from the median in deviations: see kernels/models/robust-zscore.ts. The result: f64, NaN for none. */
export const robustZscore: usize = 0;
const rowsAt: usize = 8;
const countAt: usize = 12;
const placeAt: usize = 16;
/** The values as they came, then sorted. */
const valuesAt: usize = 24;

export function openRobustZscore(rows: f64): usize {
  const state = allocateZeroed(bytesFor(<u32>rows));
  store<u32>(state, <u32>rows, rowsAt);
  return state;
}

export function closeRobustZscore(state: usize): void {
  release(state, bytesRobustZscore(state));
}

export function bytesRobustZscore(state: usize): u32 {
  return bytesFor(load<u32>(state, rowsAt));
}

function bytesFor(rows: u32): u32 {
  return <u32>valuesAt + rows * 16;
}

export function stepRobustZscore(state: usize, value: f64, _micros: i64): void {
  store<f64>(state, NaN, robustZscore);
  if (!isFinite<f64>(value)) return;
  const rows = load<u32>(state, rowsAt);
  const sorted = state + valuesAt + (<usize>rows << 3);
  let count = load<u32>(state, countAt);
  const place = load<u32>(state, placeAt);
  const slot = state + valuesAt + (<usize>place << 3);
  if (count == rows) {
    count--;
    const gone = sorted + (<usize>placeOf(sorted, count + 1, load<f64>(slot)) << 3);
    memory.copy(gone, gone + 8, sorted + (<usize>count << 3) - gone);
  }
  store<f64>(slot, value);
  store<u32>(state, place + 1 == rows ? 0 : place + 1, placeAt);
  const at = sorted + (<usize>placeOf(sorted, count, value) << 3);
  memory.copy(at + 8, at, sorted + (<usize>count << 3) - at);
  store<f64>(at, value);
  count++;
  store<u32>(state, count, countAt);
  if (count < 3) return;
  const center = medianOf(sorted, count);
  if (value == center) {
    store<f64>(state, 0, robustZscore);
    return;
  }
  const distance = medianDistance(sorted, count, center);
  if (distance > 0) store<f64>(state, (value - center) / (1.4826 * distance), robustZscore);
}

/** Of the first sorted value that is not less. */
function placeOf(sorted: usize, count: u32, value: f64): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(sorted + (<usize>middle << 3)) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function medianOf(sorted: usize, count: u32): f64 {
  const middle = sorted + (<usize>(count >> 1) << 3);
  const high = load<f64>(middle);
  return (count & 1) == 1 ? high : load<f64>(middle - 8) / 2 + high / 2;
}

/** Distances grow to both sides of the center: the two sides are merged up to the middle. */
function medianDistance(sorted: usize, count: u32, center: f64): f64 {
  let right = <i32>placeOf(sorted, count, center);
  let left = right - 1;
  const middle = count >> 1;
  let last: f64 = 0;
  let before: f64 = 0;
  for (let k: u32 = 0; k <= middle; k++) {
    const low = left >= 0 ? abs<f64>(load<f64>(sorted + (<usize>left << 3)) - center) : Infinity;
    const high = right < <i32>count ? abs<f64>(load<f64>(sorted + (<usize>right << 3)) - center) : Infinity;
    before = last;
    if (low <= high) {
      last = low;
      left--;
    } else {
      last = high;
      right++;
    }
  }
  return (count & 1) == 1 ? last : before / 2 + last / 2;
}
