const rowsMax = 20_000;
const lagsMax = 400;
const lagMin = 3;
const lagOfPeakMax = 300;
/** Where a series shows no period. */
const bufferRowsDefault = 125;

/**
 * The longest buffer of VUS-PR for a series: the lag (rows) at which its autocorrelation, over its first 20,000 values, has its highest
 * local peak; 125 where it has none, or where it is beyond 303. As the TSB-AD benchmark chooses it. NaN counts as the mean.
 */
export function bufferRows(values: Float64Array): number {
  const used = values.subarray(0, rowsMax);
  const known = used.filter((value) => Number.isFinite(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  const deviations = used.map((value) => (Number.isFinite(value) ? value - mean : 0));
  const lags = Math.min(lagsMax, deviations.length - 1);
  const correlation = new Float64Array(Math.max(lags + 1, 0));
  for (let lag = lagMin; lag <= lags; lag++) {
    let sum = 0;
    for (let row = lag; row < deviations.length; row++) sum += (deviations[row] as number) * (deviations[row - lag] as number);
    correlation[lag] = sum;
  }
  let peak = -1;
  for (let lag = lagMin + 1; lag < lags; lag++) {
    const value = correlation[lag] as number;
    if (value <= (correlation[lag - 1] as number) || value <= (correlation[lag + 1] as number)) continue;
    if (peak < 0 || value >= (correlation[peak] as number)) peak = lag;
  }
  const beyond = peak - lagMin;
  return peak < 0 || beyond < lagMin || beyond > lagOfPeakMax ? bufferRowsDefault : peak;
}
