// AssemblyScript of the component learning.wasm: `node queries/build-component.ts queries/monitoring/udf/learning` builds it.
let top: usize = 0;

/** Memory for the arguments of the call at hand: nothing is kept from one call to the next. */
export function cabi_realloc(old: usize, oldBytes: usize, align: usize, bytes: usize): usize {
  const start = (max<usize>(top, __heap_base) + align - 1) & ~(align - 1);
  const end = start + bytes;
  const have = <usize>memory.size() << 16;
  if (end > have && memory.grow(<i32>((end - have + 65535) >> 16)) < 0) unreachable();
  if (old != 0) memory.copy(start, old, min<usize>(oldBytes, bytes));
  top = end;
  return start;
}

const levelWeight: f64 = 0.5;
const trendWeight: f64 = 0.1;

/** Holt's linear method: level and trend smoothed over the history, `horizon` steps on. */
export function holt_forecast(history: usize, length: usize, horizon: i32): f64 {
  top = 0;
  if (length == 0) return NaN;
  let level = load<f64>(history);
  let trend = length > 1 ? load<f64>(history, 8) - level : 0.0;
  for (let k: usize = 1; k < length; k++) {
    const value = load<f64>(history + (k << 3));
    const before = level;
    level = levelWeight * value + (1 - levelWeight) * (level + trend);
    trend = trendWeight * (level - before) + (1 - trendWeight) * trend;
  }
  return level + trend * <f64>horizon;
}

const trees = 50;
const sampleMax: usize = 64;
const sample: usize = memory.data(64 * 8, 16);

/** Mean path length in a tree of n points (Liu, Ting, Zhou: Isolation Forest, 2008). */
function meanPath(n: f64): f64 {
  if (n <= 1) return 0;
  if (n == 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n;
}

let state: u64 = 0;

/** splitmix64, as a number in [0, 1). */
function random(): f64 {
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <f64>((z ^ (z >> 31)) >> 11) * (1.0 / 9007199254740992.0);
}

/** How soon random cuts of the history leave x alone: near 1 for what is unlike the rest, below 0.5 for what is not. */
export function iforest_score(x: f64, history: usize, length: usize, seed: i32): f64 {
  top = 0;
  if (length < 2) return 0;
  state = <u64>seed;
  const size = min<usize>(length, sampleMax);
  const depthMax = <i32>Math.ceil(Math.log2(<f64>size));
  let paths: f64 = 0;
  for (let tree = 0; tree < trees; tree++) {
    for (let k: usize = 0; k < size; k++) store<f64>(sample + (k << 3), load<f64>(history + (<usize>(random() * <f64>length) << 3)));
    let left = size;
    let depth = 0;
    while (left > 1 && depth < depthMax) {
      let low = load<f64>(sample);
      let high = low;
      for (let k: usize = 1; k < left; k++) {
        low = min<f64>(low, load<f64>(sample + (k << 3)));
        high = max<f64>(high, load<f64>(sample + (k << 3)));
      }
      if (low == high) break;
      const cut = low + random() * (high - low);
      let kept: usize = 0;
      for (let k: usize = 0; k < left; k++) {
        const value = load<f64>(sample + (k << 3));
        if (value < cut != x < cut) continue;
        store<f64>(sample + (kept << 3), value);
        kept++;
      }
      left = kept;
      depth++;
    }
    paths += <f64>depth + meanPath(<f64>left);
  }
  return Math.pow(2, -paths / (<f64>trees * meanPath(<f64>size)));
}
