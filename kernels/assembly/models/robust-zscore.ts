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

/** Of the first sorted value that is not less; without branches, which would be foreseen wrong half of the time. */
function placeOf(sorted: usize, count: u32, value: f64): u32 {
  let from: u32 = 0;
  let left = count;
  while (left > 0) {
    const half = left >> 1;
    const less = load<f64>(sorted + (<usize>(from + half) << 3)) < value;
    from = select<u32>(from + half + 1, from, less);
    left = select<u32>(left - half - 1, half, less);
  }
  return from;
}

function medianOf(sorted: usize, count: u32): f64 {
  const middle = sorted + (<usize>(count >> 1) << 3);
  const high = load<f64>(middle);
  return (count & 1) == 1 ? high : load<f64>(middle - 8) / 2 + high / 2;
}

/**
 * Distances grow to both sides of the center, two sorted lists: `lower` is how many of the smaller half come from below it, found by
 * halving.
 */
function medianDistance(sorted: usize, count: u32, center: f64): f64 {
  const below = placeOf(sorted, count, center);
  const above = count - below;
  const middle = count >> 1;
  const right = sorted + (<usize>below << 3);
  const left = right - 8;
  let lower: u32 = middle > above ? middle - above : 0;
  let most = min<u32>(middle, below);
  while (lower < most) {
    const half = (lower + most) >> 1;
    const more = center - load<f64>(left - (<usize>half << 3)) < load<f64>(right + (<usize>(middle - half - 1) << 3)) - center;
    lower = select<u32>(half + 1, lower, more);
    most = select<u32>(most, half, more);
  }
  const upper = middle - lower;
  const nextBelow = lower < below ? center - load<f64>(left - (<usize>lower << 3)) : Infinity;
  const nextAbove = upper < above ? load<f64>(right + (<usize>upper << 3)) - center : Infinity;
  const next = min<f64>(nextBelow, nextAbove);
  if ((count & 1) == 1) return next;
  const lastBelow = lower > 0 ? center - load<f64>(left + 8 - (<usize>lower << 3)) : 0;
  const lastAbove = upper > 0 ? load<f64>(right - 8 + (<usize>upper << 3)) - center : 0;
  return max<f64>(lastBelow, lastAbove) / 2 + next / 2;
}
