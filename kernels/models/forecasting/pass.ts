import { clamp, meanBetween } from './arithmetic.ts';

/** What is known of a series at each of its points, so that any past origin can be replayed: index = point. */
export interface Pass {
  /** Steps in a season: 1 where fewer than two are there. */
  readonly season: number;
  /** Points on each side over which a profile is smoothed. */
  readonly width: number;
  /** The values, outliers clipped at eight robust scales. */
  readonly clipped: Float64Array;
  /** Trailing mean over one season. */
  readonly level: Float64Array;
  /** Exponential mean, gain 0.05. */
  readonly slow: Float64Array;
  /** Smoothed deviation from the level at the point's phase, and smoothed value at it. */
  readonly profile: Float64Array;
  readonly shape: Float64Array;
  /** Smoothed error of level + profile. */
  readonly error: Float64Array;
  /** Last season's sum relative to what the shape of the season before says. */
  readonly ratio: Float64Array;
  readonly residual: Float64Array;
  /** Sums of the first i: profile, shape, values without their profile (alone and times index). */
  readonly profileSums: Float64Array;
  readonly shapeSums: Float64Array;
  readonly flatSums: Float64Array;
  readonly slopeSums: Float64Array;
  readonly weekly: Weekly | null;
}

/** Additive model of hour and weekday, of hourly series with at least 396 points. */
export interface Weekly {
  readonly level: Float64Array;
  readonly day: Float64Array;
  readonly week: Float64Array;
  readonly error: Float64Array;
}

export const weekSteps = 168;
const weeklyPointsMin = 396;

/** `daySteps`: steps in a season of a day, at least 1. */
export function runPass(values: Float64Array, daySteps: number): Pass {
  const n = values.length;
  const season = n >= 2 * daySteps ? daySteps : 1;
  const make = (count: number) => new Float64Array(count);
  const pass = {
    season,
    width: Math.floor(season / 48),
    clipped: make(n),
    level: make(n),
    slow: make(n),
    profile: make(n),
    shape: make(n),
    error: make(n),
    ratio: make(n),
    residual: make(n),
    profileSums: make(n + 1),
    shapeSums: make(n + 1),
    flatSums: make(n + 1),
    slopeSums: make(n + 1),
  };
  fill(values, pass);
  const weekly = season === 24 && n >= weeklyPointsMin ? runWeekly(pass.clipped) : null;
  return { ...pass, weekly };
}

function fill(values: Float64Array, pass: Omit<Pass, 'weekly'>): void {
  const { season: m, width: w, clipped, level, slow, profile, shape, error, ratio, residual, profileSums, shapeSums } = pass;
  const n = values.length;
  const valueSums = new Float64Array(n + 1);
  const earlierShapeSums = new Float64Array(n + 1);
  let sum = 0;
  let slowLevel = values[0]!;
  let bias = 0;
  let scale = 0;
  for (let i = 0; i < n; i++) {
    const y = values[i]!;
    let x = y;
    if (i >= m && i > 0) {
      const phase = m > 1 ? meanBetween(profileSums, Math.max(0, i - m - w), Math.min(i - m + w, i - 1)) : 0;
      const predicted = level[i - 1]! + bias + phase;
      const e = y - predicted;
      const limit = 8 * scale;
      if (i < m + 20) scale += Math.abs(e) / 20;
      else {
        x = predicted + clamp(e, -limit, limit);
        scale += 0.03 * (Math.min(Math.abs(e), 2 * limit + 1e-300) - scale);
      }
    }
    clipped[i] = x;
    sum += x;
    if (i >= m) sum -= clipped[i - m]!;
    level[i] = sum / Math.min(i + 1, m);
    slowLevel += 0.05 * (x - slowLevel);
    slow[i] = slowLevel;
    const d = x - level[i]!;
    let flat = x;
    if (i < m) {
      profile[i] = d;
      shape[i] = x;
      residual[i] = y - level[i]!;
      earlierShapeSums[i + 1] = earlierShapeSums[i]! + x;
      if (m > 1) flat = x - d;
    } else {
      const gain = Math.max(0.3, 1 / (Math.floor(i / m) + 1));
      const phase = meanBetween(profileSums, Math.max(0, i - m - w), i - m + w);
      residual[i] = y - level[i]! - profile[i - m]!;
      bias += 0.2 * (d - phase - bias);
      earlierShapeSums[i + 1] = earlierShapeSums[i]! + shape[i - m]!;
      profile[i] = profile[i - m]! + gain * (d - profile[i - m]!);
      shape[i] = shape[i - m]! + gain * (x - shape[i - m]!);
      if (m > 1) flat = x - phase;
    }
    error[i] = bias;
    pass.flatSums[i + 1] = pass.flatSums[i]! + flat;
    pass.slopeSums[i + 1] = pass.slopeSums[i]! + flat * i;
    valueSums[i + 1] = valueSums[i]! + x;
    profileSums[i + 1] = profileSums[i]! + profile[i]!;
    shapeSums[i + 1] = shapeSums[i]! + shape[i]!;
    ratio[i] = 1;
    if (i >= m) {
      const from = Math.max(m, i - m + 1);
      const expected = earlierShapeSums[i + 1]! - earlierShapeSums[from]!;
      ratio[i] = clamp(expected > 1e-12 ? (valueSums[i + 1]! - valueSums[from]!) / expected : 1, 0.25, 4);
    }
  }
}

function runWeekly(x: Float64Array): Weekly {
  const n = x.length;
  const [level, day, week, error] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let sum = 0;
  let bias = 0;
  for (let i = 0; i < n; i++) {
    sum += x[i]!;
    if (i >= weekSteps) sum -= x[i - weekSteps]!;
    level[i] = sum / Math.min(i + 1, weekSteps);
    const d = x[i]! - level[i]!;
    let rest = d;
    if (i < 24) day[i] = d;
    else {
      rest = d - day[i - 24]!;
      day[i] = day[i - 24]! + Math.max(0.05, 1 / (Math.floor(i / 24) + 1)) * rest;
    }
    if (i < weekSteps) week[i] = rest * 0.5;
    else {
      const before = week[i - weekSteps]!;
      bias += 0.2 * (rest - 0.7 * before - bias);
      week[i] = before + (rest - before) / (Math.floor(i / weekSteps) + 1);
    }
    error[i] = bias;
  }
  return { level, day, week, error };
}
