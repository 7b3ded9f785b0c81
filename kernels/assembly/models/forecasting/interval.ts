import { at, put } from "./arithmetic";
import { sortPairs } from "./sort-pairs";
import { before, lower, mean, originWeights, pairs, pathBytes, paths, steps, upper } from "./workspace";

const knotCount: i32 = 9;
const knots: usize = memory.data<i32>([0, 1, 3, 6, 11, 19, 31, 45, 59]);
/** By knot: what is added below and above. */
const bounds: usize = memory.data(9 * 16, 16);
const tail: f64 = 0.025;
const widening: f64 = 1.15;

// @ts-ignore: decorator
@inline
function knot(k: i32): i32 {
  return load<i32>(knots + ((<usize>k) << 2));
}

/** 95 % interval of the workspace's forecast to `lower` and `upper`, from its `count` paths. `least`: of all values. */
export function placeInterval(count: i32, least: f64): void {
  for (let k = 0; k < knotCount; k++) boundErrors(k, count);
  let k = 0;
  for (let h = 0; h < steps; h++) {
    while (k < knotCount - 2 && h > knot(k + 1)) k++;
    const part = <f64>(h - knot(k)) / <f64>(knot(k + 1) - knot(k));
    const start = bounds + ((<usize>k) << 4);
    const below = load<f64>(start) + part * (load<f64>(start, 16) - load<f64>(start));
    const above = load<f64>(start, 8) + part * (load<f64>(start, 24) - load<f64>(start, 8));
    let middle = at(mean, h);
    let low = min<f64>(middle, at(before, h)) + below;
    const high = max<f64>(middle, at(before, h)) + above;
    if (least >= 0) {
      low = max<f64>(low, 0);
      middle = max<f64>(middle, 0);
    }
    put(mean, h, middle);
    put(lower, h, min<f64>(low, middle));
    put(upper, h, max<f64>(high, middle));
  }
}

function boundErrors(k: i32, count: i32): void {
  const from = k == 0 ? 0 : (knot(k - 1) + knot(k) + 1) >> 1;
  const to = k == knotCount - 1 ? steps : ((knot(k) + knot(k + 1)) >> 1) + 1;
  const stride = max<i32>(1, (to - from + 7) >> 3);
  let total: f64 = 0;
  let errors = 0;
  for (let o = 0; o < count; o++) {
    const weight = 0.8 * at(originWeights, o) + 0.2 / <f64>count;
    for (let h = from; h < to; h += stride) {
      const pair = pairs + ((<usize>errors) << 4);
      errors++;
      store<f64>(pair, at(paths + <usize>o * pathBytes, h));
      store<f64>(pair, weight, 8);
      total += weight;
    }
  }
  const sorted = sortPairs(errors);
  const low = weightedQuantile(sorted, errors, tail * total);
  const high = weightedQuantile(sorted, errors, (1 - tail) * total);
  store<f64>(bounds + ((<usize>k) << 4), min<f64>(0, widening * low));
  store<f64>(bounds + ((<usize>k) << 4), max<f64>(0, widening * high), 8);
}

function weightedQuantile(sorted: usize, count: i32, share: f64): f64 {
  let cumulated: f64 = 0;
  for (let i = 0; i < count; i++) {
    const pair = sorted + ((<usize>i) << 4);
    cumulated += load<f64>(pair, 8);
    if (cumulated >= share) return load<f64>(pair);
  }
  return load<f64>(sorted + ((<usize>(count - 1)) << 4));
}
