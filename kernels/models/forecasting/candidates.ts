import { meanBetween, median } from './arithmetic.ts';
import { type Pass, weekSteps } from './pass.ts';

/** Steps that every forecast looks ahead. */
export const steps = 60;
export const candidateCount = 9;

/**
 * The nine forecasts of the 60 steps after point `t`, made of what was known then: 0 seasonal naive, 1 slow level, 2 level + smoothed
 * profile + local error, 3 multiplicative, 4 short season or median of the last 24, 5 robust profile, 6 last week (or shape at its
 * level), 7 weekly additive (or plain profile), 8 trend.
 */
export function forecastCandidates(values: Float64Array, pass: Pass, period: number, t: number): Float64Array[] {
  const { season: m, width: w, weekly } = pass;
  const out = Array.from({ length: candidateCount }, () => new Float64Array(steps));
  const put = (candidate: number, h: number, value: number): void => {
    out[candidate]![h - 1] = value;
  };
  const { slope, last } = trendAt(pass, t);
  const robustLevel = median(Array.from(values.subarray(Math.max(0, t - 23), t + 1)));
  const stride = Math.max(1, w);
  let robustPhase = 0;
  let fade = 1;
  for (let h = 1; h <= steps; h++) {
    fade *= 0.99;
    const j = samePhase(t, h, m);
    const [from, to] = [Math.max(0, j - w), Math.min(t, j + w)];
    const phase = meanBetween(pass.profileSums, from, to);
    if ((h - 1) % stride === 0) robustPhase = robustProfile(values, pass, Math.min(j + Math.floor((stride - 1) / 2), t), t);
    put(0, h, values[j]!);
    put(1, h, pass.slow[t]!);
    put(2, h, pass.level[t]! + phase + pass.error[t]!);
    put(3, h, meanBetween(pass.shapeSums, from, to) * pass.ratio[t]!);
    put(4, h, period > 0 ? shortSeason(values, period, t, h) : robustLevel);
    put(5, h, robustPhase);
    if (weekly === null) {
      put(6, h, pass.shape[j]! * pass.ratio[t]!);
      put(7, h, pass.level[t]! + pass.profile[j]! + pass.error[t]!);
    } else {
      const week = t + h - weekSteps < 0 ? j : t + h - weekSteps;
      put(6, h, values[week]!);
      put(7, h, weekly.level[t]! + weekly.day[j]! + 0.7 * weekly.week[week]! + weekly.error[t]! * fade);
    }
    put(8, h, last + slope * h + (m > 1 ? phase : 0));
  }
  return out;
}

/** The last point at or before t that has the phase of t + h; t where there is none. */
function samePhase(t: number, h: number, period: number): number {
  const j = t + h - Math.ceil(h / period) * period;
  return j < 0 ? t : j;
}

function shortSeason(values: Float64Array, period: number, t: number, h: number): number {
  const seen: number[] = [];
  for (let cycle = 0; cycle < 5; cycle++) {
    const at = t + h - Math.ceil(h / period) * period - cycle * period;
    if (at >= 0) seen.push(values[at]!);
  }
  return median(seen);
}

/** Median over seven seasons of the values around a phase. */
function robustProfile(values: Float64Array, { season: m, width: w }: Pass, centre: number, t: number): number {
  const seen: number[] = [];
  for (let cycle = 0; cycle < 7; cycle++) {
    const middle = centre - cycle * m;
    for (let at = middle - 2 * w; at <= middle + 2 * w; at += Math.max(1, w >> 1)) {
      if (at >= 0 && at <= t && seen.length < 127) seen.push(values[at]!);
    }
  }
  return median(seen);
}

/** Least-squares line through the last values without their profile. */
function trendAt({ season: m, flatSums, slopeSums }: Pass, t: number): { slope: number; last: number } {
  const count = Math.min(Math.max(60, Math.min(m, 288)), Math.max(20, (t + 1) >> 1), t + 1);
  const from = t + 1 - count;
  const sum = flatSums[t + 1]! - flatSums[from]!;
  const middle = (from + t) * 0.5;
  const moment = slopeSums[t + 1]! - slopeSums[from]! - middle * sum;
  const slope = count > 2 ? moment / ((count * (count * count - 1)) / 12) : 0;
  return { slope, last: sum / count + slope * (t - middle) };
}
