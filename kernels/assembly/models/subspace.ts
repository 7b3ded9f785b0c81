/** Directions along which channels mostly move together: see kernels/models/subspace.ts. At most three vectors of f64. */
const directionsMax: usize = 3;
const nothing: f64 = 1e-18;

// @ts-ignore: decorator
@inline
function directionsOf(channels: u32): usize {
  return min<usize>(<usize>(channels >> 2), directionsMax);
}

export function subspaceBytes(channels: u32): usize {
  return directionsOf(channels) * 8 * <usize>channels;
}

/** Takes out of `rest`, in its place, what the directions explain. */
export function restOf(subspace: usize, rest: usize, channels: u32): void {
  const bytes = <usize>channels << 3;
  const directions = directionsOf(channels);
  for (let k: usize = 0; k < directions; k++) {
    const direction = subspace + k * bytes;
    const square = dot(direction, direction, bytes);
    const along = dot(direction, rest, bytes);
    if (square > nothing) subtract(rest, direction, along / square, bytes);
  }
}

/** `left`: room of one vector. */
export function learnSubspace(subspace: usize, row: usize, left: usize, channels: u32, share: f64): void {
  const bytes = <usize>channels << 3;
  const directions = directionsOf(channels);
  for (let at: usize = 0; at < bytes; at += 8) store<f64>(left + at, min<f64>(max<f64>(load<f64>(row + at), -3), 3));
  for (let k: usize = 0; k < directions; k++) {
    const direction = subspace + k * bytes;
    const square = dot(direction, direction, bytes);
    if (square < nothing) {
      memory.copy(direction, left, bytes);
      return;
    }
    const along = dot(direction, left, bytes) / sqrt<f64>(square);
    for (let at: usize = 0; at < bytes; at += 8) {
      const before = load<f64>(direction + at);
      store<f64>(direction + at, before + share * (along * load<f64>(left + at) - before));
    }
    const after = dot(direction, direction, bytes);
    if (after > 0) subtract(left, direction, dot(direction, left, bytes) / after, bytes);
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f64 {
  let sum: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 8) sum += load<f64>(a + at) * load<f64>(b + at);
  return sum;
}

// @ts-ignore: decorator
@inline
function subtract(from: usize, direction: usize, times: f64, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 8) store<f64>(from + at, load<f64>(from + at) - times * load<f64>(direction + at));
}
