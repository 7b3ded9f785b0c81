/** How many of up to `most` f64 come before the first NaN. */
export function leadingNumbers(address: usize, most: u32): u32 {
  for (let k: u32 = 0; k < most; k++) if (isNaN<f64>(load<f64>(address + (<usize>k << 3)))) return k;
  return most;
}
