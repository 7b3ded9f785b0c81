import { binaryLogarithm } from './binary-logarithm';

/**
 * How unusual sizes of one kind are: see kernels/models/surprise.ts. 64 weights f64, their sum f64, place of the first size (octaves)
 * f64, whether there was one u32.
 */
export const surpriseBytes: usize = 536;

const totalAt: usize = 512;
const offsetAt: usize = 520;
const startedAt: usize = 528;
const bins: i32 = 64;
const tailShare: f64 = 0.02;
const slopePrior: f64 = 0.3;
const slopePriorPoints: f64 = 20;
/** -log10(tailShare). */
const atTail: f64 = 1.6989700043360187;
export const warmPoints: u32 = 50;

/** Minus the decimal logarithm of the probability of a size as large as this one, which is learnt with `weight`; 0 while points are too few. */
export function surpriseOf(history: usize, size: f64, points: u32, weight: f64): f64 {
  let position = -Infinity;
  if (size > 0) {
    const octaves = binaryLogarithm(size);
    if (load<u32>(history, startedAt) == 0) {
      store<u32>(history, 1, startedAt);
      store<f64>(history, octaves - 16, offsetAt);
    }
    position = (octaves - load<f64>(history, offsetAt)) * 2;
  }
  const place = min<f64>(max<f64>(position, 0), <f64>bins - 1e-6);
  const surprise = points >= warmPoints ? tailSurprise(history, position, place, weight) : 0;
  const bin = history + (<usize>place << 3);
  store<f64>(bin, load<f64>(bin) + weight);
  store<f64>(history, load<f64>(history, totalAt) + weight, totalAt);
  return surprise;
}

export function divideSurprise(history: usize, by: f64): void {
  for (let at: usize = 0; at <= totalAt; at += 8) store<f64>(history + at, load<f64>(history + at) / by);
}

function tailSurprise(history: usize, position: f64, place: f64, weight: f64): f64 {
  const total = load<f64>(history, totalAt);
  const need = tailShare * total;
  let above: f64 = 0;
  let places: f64 = 0;
  let bin: i32 = bins - 1;
  let count: f64 = 0;
  while (bin >= 0) {
    count = load<f64>(history + (<usize>bin << 3));
    if (above + count > need) break;
    above += count;
    places += count * (<f64>bin + 0.5);
    bin--;
  }
  let part: f64 = 0;
  if (bin >= 0) {
    if (count > 0) part = (need - above) / count;
    above += count * part;
    places += count * part * (<f64>bin + 1 - part / 2);
  }
  const start = <f64>(bin + 1) - part;
  if (position > start) {
    const slope =
      total > 0
        ? (((places - above * start) / weight / 2) * Math.LN2 + slopePrior * slopePriorPoints) / (above / weight + slopePriorPoints)
        : slopePrior;
    return atTail + (((position - start) / 2) * Math.LN2) / slope / Math.LN10;
  }
  const own = <i32>place;
  let more: f64 = 0;
  for (let k = own + 1; k < bins; k++) more += load<f64>(history + (<usize>k << 3));
  const larger = load<f64>(history + (<usize>own << 3)) * (<f64>own + 1 - place) + more;
  return min<f64>(-Math.log10((larger + tailShare * weight) / (total + tailShare * weight)), atTail);
}
