import { at, meanBetween, median, put } from "./arithmetic";
import { isWeekly, weekSteps } from "./pass";
import {
  dayProfile, flatSums, level, pathBytes, pairs, profile, profileSums, ratio, shape, shapeSums, slopeSums, slow, smoothedError, steps, values,
  weekError, weekLevel, weekProfile,
} from "./workspace";

/** The nine forecasts of the 60 steps after point t to `out`, in the order of their definition. */
export function forecastCandidates(n: i32, m: i32, period: i32, t: i32, out: usize): void {
  const w = m / 48;
  const weekly = isWeekly(n, m);
  const count = min<i32>(min<i32>(max<i32>(60, min<i32>(m, 288)), max<i32>(20, (t + 1) >> 1)), t + 1);
  const from = t + 1 - count;
  const sum = at(flatSums, t + 1) - at(flatSums, from);
  const middle = <f64>(from + t) * 0.5;
  const moment = at(slopeSums, t + 1) - at(slopeSums, from) - middle * sum;
  const points = <f64>count;
  const slope = count > 2 ? moment / ((points * (points * points - 1)) / 12) : 0;
  const last = sum / points + slope * (<f64>t - middle);
  const robustLevel = period > 0 ? 0 : recentMedian(t);
  const stride = max<i32>(1, w);
  const here = at(level, t), error = at(smoothedError, t), scale = at(ratio, t), slowLevel = at(slow, t);
  const data = values, ps = profileSums, ss = shapeSums;
  let robustPhase: f64 = 0, fade: f64 = 1;
  let untilRobust = 0, j = t - m;
  for (let h = 1; h <= steps; h++) {
    fade *= 0.99;
    j = j == t ? t - m + 1 : j + 1;
    const known = j < 0 ? t : j;
    const low = max<i32>(0, known - w), high = min<i32>(t, known + w);
    const phase = meanBetween(ps, low, high);
    if (untilRobust == 0) {
      robustPhase = robustProfile(m, w, min<i32>(known + (stride - 1) / 2, t), t);
      untilRobust = stride;
    }
    untilRobust--;
    const place = out + ((<usize>(h - 1)) << 3);
    store<f64>(place, at(data, known));
    store<f64>(place + pathBytes, slowLevel);
    store<f64>(place + 2 * pathBytes, here + phase + error);
    store<f64>(place + 3 * pathBytes, meanBetween(ss, low, high) * scale);
    store<f64>(place + 4 * pathBytes, period > 0 ? shortSeason(period, t, h) : robustLevel);
    store<f64>(place + 5 * pathBytes, robustPhase);
    if (weekly) {
      const week = t + h - weekSteps < 0 ? known : t + h - weekSteps;
      store<f64>(place + 6 * pathBytes, at(data, week));
      store<f64>(place + 7 * pathBytes, at(weekLevel, t) + at(dayProfile, known) + 0.7 * at(weekProfile, week) + at(weekError, t) * fade);
    } else {
      store<f64>(place + 6 * pathBytes, at(shape, known) * scale);
      store<f64>(place + 7 * pathBytes, here + at(profile, known) + error);
    }
    store<f64>(place + 8 * pathBytes, last + slope * <f64>h + (m > 1 ? phase : 0));
  }
}

function recentMedian(t: i32): f64 {
  let count = 0;
  for (let i = max<i32>(0, t - 23); i <= t; i++) put(pairs, count++, at(values, i));
  return median(pairs, count);
}

function shortSeason(period: i32, t: i32, h: i32): f64 {
  let count = 0;
  let j = t + h - ((h + period - 1) / period) * period;
  for (let cycle = 0; cycle < 5; cycle++) {
    if (j >= 0) put(pairs, count++, at(values, j));
    j -= period;
  }
  return median(pairs, count);
}

function robustProfile(m: i32, w: i32, centre: i32, t: i32): f64 {
  const stride = max<i32>(1, w >> 1);
  let count = 0;
  let middle = centre;
  for (let cycle = 0; cycle < 7; cycle++) {
    for (let i = middle - 2 * w; i <= middle + 2 * w; i += stride) {
      if (i >= 0 && i <= t && count < 127) put(pairs, count++, at(values, i));
    }
    middle -= m;
  }
  return median(pairs, count);
}
