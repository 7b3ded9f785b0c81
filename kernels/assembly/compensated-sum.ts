import { fail, faultOverflow } from "./fault";

/** Sum of doubles: result f64, sum f64, lost f64, then counts i64 of NaN, infinity and -infinity. */
export function addToSum(sum: usize, x: f64): void {
  change(sum, x, 1);
}

export function takeFromSum(sum: usize, x: f64): void {
  change(sum, x, -1);
}

function change(sum: usize, x: f64, count: i64): void {
  if (isFinite<f64>(x)) addFinite(sum, count > 0 ? x : -x);
  else {
    const at: usize = isNaN<f64>(x) ? 24 : x > 0 ? 32 : 40;
    store<i64>(sum + at, load<i64>(sum + at) + count);
  }
  const infinite = load<i64>(sum, 32) != 0;
  const negative = load<i64>(sum, 40) != 0;
  let result = load<f64>(sum, 8) + load<f64>(sum, 16);
  if (load<i64>(sum, 24) != 0 || (infinite && negative)) result = NaN;
  else if (infinite) result = Infinity;
  else if (negative) result = -Infinity;
  store<f64>(sum, result);
}

/** Knuth's two-sum: what the addition rounds away is kept. */
function addFinite(sum: usize, x: f64): void {
  const a = load<f64>(sum, 8);
  const s = a + x;
  // What has left the range would not come back when rows are taken back.
  if (!isFinite<f64>(s)) fail(faultOverflow);
  const b = s - a;
  store<f64>(sum, s, 8);
  store<f64>(sum, load<f64>(sum, 16) + ((a - (s - b)) + (x - b)), 16);
}
