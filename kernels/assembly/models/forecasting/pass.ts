import { at, clamp, meanBetween, put } from "./arithmetic";
import {
  clipped, dayProfile, earlierShapeSums, flatSums, level, profile, profileSums, ratio, residual, shape, shapeSums, slopeSums, slow,
  smoothedError, valueSums, values, weekError, weekLevel, weekProfile,
} from "./workspace";

export const weekSteps: i32 = 168;
const weeklyPointsMin: i32 = 396;

/** Whether the series has a model of hour and weekday. */
export function isWeekly(n: i32, season: i32): bool {
  return season == 24 && n >= weeklyPointsMin;
}

/** One pass over the values of the workspace; `m`: steps in a season, at least two of which are there (or 1). */
export function runPass(n: i32, m: i32): void {
  const w = m / 48;
  const data = values, x = clipped, levels = level, profiles = profile, shapes = shape, ps = profileSums, ss = shapeSums;
  const fs = flatSums, ls = slopeSums, vs = valueSums, es = earlierShapeSums;
  put(ps, 0, 0), put(ss, 0, 0), put(fs, 0, 0), put(ls, 0, 0), put(vs, 0, 0), put(es, 0, 0);
  let sum: f64 = 0, slowLevel = at(data, 0), bias: f64 = 0, scale: f64 = 0;
  for (let i = 0; i < n; i++) {
    const y = at(data, i);
    let value = y;
    if (i >= m && i > 0) {
      const phase = m > 1 ? meanBetween(ps, max<i32>(0, i - m - w), min<i32>(i - m + w, i - 1)) : 0;
      const predicted = at(levels, i - 1) + bias + phase;
      const error = y - predicted;
      const limit = 8 * scale;
      if (i < m + 20) scale += Math.abs(error) / 20;
      else {
        value = predicted + clamp(error, -limit, limit);
        scale += 0.03 * (min<f64>(Math.abs(error), 2 * limit + 1e-300) - scale);
      }
    }
    put(x, i, value);
    sum += value;
    if (i >= m) sum -= at(x, i - m);
    const here = sum / <f64>min<i32>(i + 1, m);
    put(levels, i, here);
    slowLevel += 0.05 * (value - slowLevel);
    put(slow, i, slowLevel);
    const d = value - here;
    let flat = value;
    if (i < m) {
      put(profiles, i, d);
      put(shapes, i, value);
      put(residual, i, y - here);
      put(es, i + 1, at(es, i) + value);
      if (m > 1) flat = value - d;
    } else {
      const gain = max<f64>(0.3, 1.0 / <f64>(i / m + 1));
      const phase = meanBetween(ps, max<i32>(0, i - m - w), i - m + w);
      const oldProfile = at(profiles, i - m), oldShape = at(shapes, i - m);
      put(residual, i, y - here - oldProfile);
      bias += 0.2 * (d - phase - bias);
      put(es, i + 1, at(es, i) + oldShape);
      put(profiles, i, oldProfile + gain * (d - oldProfile));
      put(shapes, i, oldShape + gain * (value - oldShape));
      if (m > 1) flat = value - phase;
    }
    put(smoothedError, i, bias);
    put(fs, i + 1, at(fs, i) + flat);
    put(ls, i + 1, at(ls, i) + flat * <f64>i);
    put(vs, i + 1, at(vs, i) + value);
    put(ps, i + 1, at(ps, i) + at(profiles, i));
    put(ss, i + 1, at(ss, i) + at(shapes, i));
    put(ratio, i, i >= m ? ratioAt(i, m) : 1);
  }
  if (isWeekly(n, m)) runWeekly(n);
}

// @ts-ignore: decorator
@inline
function ratioAt(i: i32, m: i32): f64 {
  const from = max<i32>(m, i - m + 1);
  const expected = at(earlierShapeSums, i + 1) - at(earlierShapeSums, from);
  return clamp(expected > 1e-12 ? (at(valueSums, i + 1) - at(valueSums, from)) / expected : 1, 0.25, 4);
}

function runWeekly(n: i32): void {
  const x = clipped, day = dayProfile, week = weekProfile;
  let sum: f64 = 0, bias: f64 = 0;
  for (let i = 0; i < n; i++) {
    sum += at(x, i);
    if (i >= weekSteps) sum -= at(x, i - weekSteps);
    const here = sum / <f64>min<i32>(i + 1, weekSteps);
    put(weekLevel, i, here);
    const d = at(x, i) - here;
    let rest = d;
    if (i < 24) put(day, i, d);
    else {
      rest = d - at(day, i - 24);
      put(day, i, at(day, i - 24) + max<f64>(0.05, 1.0 / <f64>(i / 24 + 1)) * rest);
    }
    if (i < weekSteps) put(week, i, rest * 0.5);
    else {
      const old = at(week, i - weekSteps);
      bias += 0.2 * (rest - 0.7 * old - bias);
      put(week, i, old + (rest - old) / <f64>(i / weekSteps + 1));
    }
    put(weekError, i, bias);
  }
}
