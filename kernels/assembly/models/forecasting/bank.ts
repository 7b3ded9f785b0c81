import { at, median, put, select } from "./arithmetic";
import { forecastCandidates } from "./candidates";
import { originAt, placeOrigins } from "./origins";
import { runPass } from "./pass";
import { shortPeriod } from "./short-period";
import {
  before, candidateBytes, candidateCount, candidates, candidateWeights, forecasts, level, mean, originWeights, pairs, pathBytes, paths, seasonal,
  smoothedError, steps, values,
} from "./workspace";

const sharpness: f64 = 10;
const restartSteps: i32 = 6;

// @ts-ignore: decorator
@inline
function blockStart(block: i32): i32 {
  return block == 0 ? 0 : block == 1 ? 3 : block == 2 ? 10 : block == 3 ? 25 : 60;
}

/** The forecast of the workspace's n values (at least 140) to `mean`, `before`, `seasonal` and `paths`; how many paths there are. */
export function forecastBank(n: i32, m: i32): i32 {
  runPass(n, m);
  const period = shortPeriod(n, m);
  const count = placeOrigins(n, m);
  for (let o = 0; o < count; o++) forecastCandidates(n, m, period, originAt(o), candidates + <usize>o * candidateBytes);
  const now = candidates + <usize>count * candidateBytes;
  forecastCandidates(n, m, period, n - 1, now);
  forecastCandidates(n, m, period, n - 1 - restartSteps, now + candidateBytes);
  for (let block = 0; block < 4; block++) weighBlock(block, count);
  for (let o = 0; o < count + 2; o++) combine(candidates + <usize>o * candidateBytes, forecasts + <usize>o * pathBytes);
  for (let o = 0; o < count; o++) {
    const path = paths + <usize>o * pathBytes, forecast = forecasts + <usize>o * pathBytes;
    const first = originAt(o) + 1;
    for (let h = 0; h < steps; h++) put(path, h, at(values, first + h) - at(forecast, h));
  }
  const forecast = forecasts + <usize>count * pathBytes;
  memory.copy(mean, forecast, pathBytes);
  memory.copy(before, forecast, pathBytes);
  restartLevel(n, count, forecast + pathBytes);
  const plain = now + 2 * pathBytes;
  for (let h = 0; h < steps; h++) put(seasonal, h, at(plain, h) - at(level, n - 1) - at(smoothedError, n - 1));
  return count;
}

function weighBlock(block: i32, count: i32): void {
  const shares = candidateWeights + ((<usize>(block * candidateCount)) << 3);
  const start = blockStart(block), end = blockStart(block + 1);
  memory.fill(shares, 0, <usize>candidateCount << 3);
  for (let o = 0; o < count; o++) {
    const first = originAt(o) + 1;
    const weight = at(originWeights, o);
    for (let k = 0; k < candidateCount; k++) {
      const forecast = candidates + <usize>o * candidateBytes + <usize>k * pathBytes;
      let loss: f64 = 0;
      for (let h = start; h < end; h++) loss += Math.abs(at(forecast, h) - at(values, first + h));
      put(shares, k, at(shares, k) + weight * loss);
    }
  }
  let least = Infinity;
  for (let k = 0; k < candidateCount; k++) least = min<f64>(least, at(shares, k));
  least += 1e-300;
  let total: f64 = 0;
  for (let k = 0; k < candidateCount; k++) {
    put(shares, k, Math.exp(-sharpness * (at(shares, k) / least - 1)));
    total += at(shares, k);
  }
  for (let k = 0; k < candidateCount; k++) put(shares, k, total > 0 ? at(shares, k) / total : 1.0 / <f64>candidateCount);
}

function combine(from: usize, to: usize): void {
  for (let block = 0; block < 4; block++) {
    const shares = candidateWeights + ((<usize>(block * candidateCount)) << 3);
    for (let h = blockStart(block); h < blockStart(block + 1); h++) {
      let sum: f64 = 0;
      for (let k = 0; k < candidateCount; k++) sum += at(shares, k) * at(from + <usize>k * pathBytes, h);
      put(to, h, sum);
    }
  }
}

/** Where the last six values all missed the forecast made before them by more than ever, the level has shifted: go on from there. */
function restartLevel(n: i32, count: i32, earlier: usize): void {
  let above = 0;
  let least = Infinity;
  for (let i = 0; i < restartSteps; i++) {
    const miss = at(values, n - restartSteps + i) - at(earlier, i);
    if (miss > 0) above++;
    least = min<f64>(least, Math.abs(miss));
  }
  if (above != 0 && above != restartSteps) return;
  let errors = 0;
  for (let o = 0; o < count; o++) {
    for (let h = 0; h < restartSteps; h++) put(pairs, errors++, Math.abs(at(paths + <usize>o * pathBytes, h)));
  }
  const usual = select(pairs, errors, <i32>Math.floor(0.98 * <f64>(errors - 1)));
  if (!(least > 1.2 * usual && least > 1e-9 * Math.abs(at(values, n - 1)))) return;
  for (let i = 0; i < restartSteps; i++) put(pairs, i, at(values, n - restartSteps + i) - at(earlier, i));
  const shift = median(pairs, restartSteps);
  const end = at(earlier, steps - 1) + shift - at(before, steps - 1 - restartSteps);
  for (let h = 0; h < steps; h++) {
    put(mean, h, h + restartSteps < steps ? at(earlier, h + restartSteps) + shift : at(before, h) + end);
  }
}
