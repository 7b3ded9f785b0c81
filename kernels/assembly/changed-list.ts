/**
 * Groups whose results have changed, in the order in which they first did: a list through their slots. List: first u32, last u32. Links
 * lie before a slot's payload: next u32 at -16, previous u32 at -12.
 */
export function linkChanged(list: usize, p: usize): void {
  const last = <usize>load<u32>(list, 4);
  store<u32>(p - 16, 0);
  store<u32>(p - 12, <u32>last);
  if (last == 0) store<u32>(list, <u32>p);
  else store<u32>(last - 16, <u32>p);
  store<u32>(list, <u32>p, 4);
}

export function unlinkChanged(list: usize, p: usize): void {
  const next = load<u32>(p - 16);
  const previous = load<u32>(p - 12);
  if (previous == 0) store<u32>(list, next);
  else store<u32>(<usize>previous - 16, next);
  if (next == 0) store<u32>(list, previous, 4);
  else store<u32>(<usize>next - 12, previous);
}
