import { allocateZeroed, release } from '../memory';

/** Distance from the mean in standard deviations: see kernels/models/zscore.ts. The result: f64, NaN for none. */
export const zscore: usize = 0;
const rowsAt: usize = 8;
const countAt: usize = 12;
const placeAt: usize = 16;
const valuesAt: usize = 24;

export function openZscore(rows: f64): usize {
  const state = allocateZeroed(<u32>valuesAt + <u32>rows * 8);
  store<u32>(state, <u32>rows, rowsAt);
  return state;
}

export function closeZscore(state: usize): void {
  release(state, bytesZscore(state));
}

export function bytesZscore(state: usize): u32 {
  return <u32>valuesAt + load<u32>(state, rowsAt) * 8;
}

export function stepZscore(state: usize, value: f64, _micros: i64): void {
  store<f64>(state, NaN, zscore);
  if (!isFinite<f64>(value)) return;
  const rows = load<u32>(state, rowsAt);
  const place = load<u32>(state, placeAt);
  store<f64>(state + valuesAt + (<usize>place << 3), value);
  store<u32>(state, place + 1 == rows ? 0 : place + 1, placeAt);
  const count = min<u32>(load<u32>(state, countAt) + 1, rows);
  store<u32>(state, count, countAt);
  if (count < 3) return;
  const first = state + valuesAt;
  const end = first + (<usize>count << 3);
  let sum: f64 = 0;
  for (let at = first; at < end; at += 8) sum += load<f64>(at) - value;
  const mean = sum / <f64>count;
  let squares: f64 = 0;
  for (let at = first; at < end; at += 8) {
    const off = load<f64>(at) - value - mean;
    squares += off * off;
  }
  const score = squares == 0 ? 0 : -mean / sqrt<f64>(squares / <f64>(count - 1));
  if (isFinite<f64>(score)) store<f64>(state, score, zscore);
}
