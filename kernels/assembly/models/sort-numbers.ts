/** Sorts f64s in place, ascending, none of them NaN: a heap, without room of its own. */
export function sortNumbers(numbers: usize, count: u32): void {
  for (let root = count >> 1; root > 0; root--) sink(numbers, root - 1, count);
  for (let end = count; end > 1; end--) {
    const last = numbers + (<usize>(end - 1) << 3);
    const most = load<f64>(numbers);
    store<f64>(numbers, load<f64>(last));
    store<f64>(last, most);
    sink(numbers, 0, end - 1);
  }
}

function sink(numbers: usize, root: u32, count: u32): void {
  const value = load<f64>(numbers + (<usize>root << 3));
  let place = root;
  for (let child: u32 = 2 * place + 1; child < count; child = 2 * place + 1) {
    if (child + 1 < count && load<f64>(numbers + (<usize>child << 3), 8) > load<f64>(numbers + (<usize>child << 3))) child++;
    const larger = load<f64>(numbers + (<usize>child << 3));
    if (!(larger > value)) break;
    store<f64>(numbers + (<usize>place << 3), larger);
    place = child;
  }
  store<f64>(numbers + (<usize>place << 3), value);
}

/** Of sorted numbers, between two of them by share. */
export function quantileOf(sorted: usize, count: u32, share: f64): f64 {
  const place = share * <f64>(count - 1);
  const below = <u32>place;
  const low = load<f64>(sorted + (<usize>below << 3));
  const high = load<f64>(sorted + (<usize>min<u32>(below + 1, count - 1) << 3));
  return low + (high - low) * (place - <f64>below);
}
