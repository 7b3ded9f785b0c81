/** What a value should have been, and a band: see kernels/models/expected-range.ts. Two mean errors f64, then results f64. */
export const rangeBytes: usize = 48;
export const rangeExpected: usize = 16;
export const rangeLower: usize = 24;
export const rangeUpper: usize = 32;
export const rangeDeviations: usize = 40;

const seasonalErrorAt: usize = 8;
const deviationPerError: f64 = 1.2533141373155001;

/** Of the value at hand, of which is learnt; `points`: those before it. */
export function stepRange(range: usize, value: f64, level: f64, seasonal: f64, points: u32): void {
  const levelError = load<f64>(range);
  const seasonalError = load<f64>(range, seasonalErrorAt);
  const isSeasonal = seasonalError < levelError;
  const expected = isSeasonal ? seasonal : level;
  const deviation = deviationPerError * (isSeasonal ? seasonalError : levelError);
  const off = abs<f64>(value - expected);
  store<f64>(range, expected, rangeExpected);
  store<f64>(range, expected - 2 * deviation, rangeLower);
  store<f64>(range, expected + 2 * deviation, rangeUpper);
  store<f64>(range, off == 0 ? 0 : off / deviation, rangeDeviations);
  store<f64>(range, learn(levelError, abs<f64>(value - level), points));
  store<f64>(range, learn(seasonalError, abs<f64>(value - seasonal), points), seasonalErrorAt);
}

function learn(mean: f64, error: f64, points: u32): f64 {
  const most = points >= 20 && mean > 0 ? 4 * mean : error;
  return mean + (min<f64>(error, most) - mean) * max<f64>(1 / (<f64>points + 1), 1.0 / 150);
}
