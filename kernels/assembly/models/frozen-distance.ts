/**
 * Mean |z| by the first rows: see kernels/models/frozen-distance.ts. Per channel values, mean and sum of squared deviations, f64 each.
 */
const channelBytes: usize = 24;

export function frozenBytes(channels: u32): usize {
  return channelBytes * <usize>channels;
}

export function learnFrozen(frozen: usize, values: usize, channels: u32): void {
  for (let k: usize = 0; k < channels; k++) {
    const value = load<f64>(values + (k << 3));
    if (!isFinite<f64>(value)) continue;
    const channel = frozen + k * channelBytes;
    const count = load<f64>(channel) + 1;
    const before = load<f64>(channel, 8);
    const error = value - before;
    const mean = before + error / count;
    store<f64>(channel, count);
    store<f64>(channel, mean, 8);
    store<f64>(channel, load<f64>(channel, 16) + error * (value - mean), 16);
  }
}

export function frozenDistance(frozen: usize, values: usize, channels: u32): f64 {
  let sum: f64 = 0;
  let present: f64 = 0;
  for (let k: usize = 0; k < channels; k++) {
    const value = load<f64>(values + (k << 3));
    if (!isFinite<f64>(value)) continue;
    present++;
    const channel = frozen + k * channelBytes;
    const count = load<f64>(channel);
    const mean = load<f64>(channel, 8);
    const deviation = count > 0 ? sqrt<f64>(load<f64>(channel, 16) / count) : 0;
    if (deviation > 1e-6 * abs<f64>(mean)) sum += min<f64>(abs<f64>(value - mean) / deviation, 30);
  }
  return sum / present;
}
