import { allocate, release } from '../memory';
import { depthAt, headBytes, pathAt, treesAt } from './isolation-forest';

const blockRows: u32 = 128;
/** Levels that a block's rows go down together, and the places in the tree that they come to, u32. */
const topLevels: u32 = 3;
const places: usize = memory.data(4 * 128, 16);

/**
 * Of rows of f32, each `stride` bytes after the one before: the same sums, f64, at `out`. A tree goes over a block of 128 rows, which lies
 * column by column: its first levels look at four rows with one comparison, the others at eight rows in turn.
 */
export function forestPaths(forest: usize, rows: usize, stride: usize, count: u32, out: usize): void {
  const trees = load<u32>(forest, treesAt);
  const depth = load<u32>(forest, depthAt);
  const bytes = <usize>10 << depth;
  const block = allocate(<u32>stride * blockRows);
  memory.fill(block, 0, stride * <usize>blockRows);
  memory.fill(out, 0, <usize>count << 3);
  for (let from: u32 = 0; from < count; from += blockRows) {
    const size = min<u32>(blockRows, count - from);
    layOutBlock(block, rows + <usize>from * stride, stride, size);
    let nodes = forest + headBytes;
    for (let tree: u32 = 0; tree < trees; tree++) {
      if (depth > topLevels) walkTop(nodes, block);
      else memory.fill(places, 0, blockRows << 2);
      pathsOfTree(nodes, depth, depth > topLevels ? topLevels : 0, block, size, out + (<usize>from << 3));
      nodes += bytes;
    }
  }
  release(block, <u32>stride * blockRows);
}

function layOutBlock(block: usize, rows: usize, stride: usize, size: u32): void {
  for (let at: usize = 0; at < stride; at += 4) {
    const column = block + (at << 7);
    let value = rows + at;
    for (let k: u32 = 0; k < size; k++) {
      store<f32>(column + (<usize>k << 2), load<f32>(value));
      value += stride;
    }
  }
}

// @ts-ignore: decorator
@inline
function columnOf(nodes: usize, block: usize, place: usize): usize {
  return block + (<usize>load<u32>(nodes + (place << 3), 4) << 7);
}

// @ts-ignore: decorator
@inline
function thresholdOf(nodes: usize, place: usize): v128 {
  return v128.load32_splat(nodes + (place << 3));
}

/** The places that the block's rows come to after three levels. */
function walkTop(nodes: usize, block: usize): void {
  const c0 = columnOf(nodes, block, 0), c1 = columnOf(nodes, block, 1), c2 = columnOf(nodes, block, 2), c3 = columnOf(nodes, block, 3);
  const c4 = columnOf(nodes, block, 4), c5 = columnOf(nodes, block, 5), c6 = columnOf(nodes, block, 6);
  const t0 = thresholdOf(nodes, 0), t1 = thresholdOf(nodes, 1), t2 = thresholdOf(nodes, 2), t3 = thresholdOf(nodes, 3);
  const t4 = thresholdOf(nodes, 4), t5 = thresholdOf(nodes, 5), t6 = thresholdOf(nodes, 6);
  for (let at: usize = 0; at < <usize>blockRows << 2; at += 16) {
    const first = f32x4.gt(v128.load(c0 + at), t0);
    const second = v128.bitselect(f32x4.gt(v128.load(c2 + at), t2), f32x4.gt(v128.load(c1 + at), t1), first);
    const low = v128.bitselect(f32x4.gt(v128.load(c4 + at), t4), f32x4.gt(v128.load(c3 + at), t3), second);
    const high = v128.bitselect(f32x4.gt(v128.load(c6 + at), t6), f32x4.gt(v128.load(c5 + at), t5), second);
    const third = v128.bitselect(high, low, first);
    // Comparisons are 0 or -1: 7 + 4 first + 2 second + third.
    const two = i32x4.add(i32x4.shl(first, 1), second);
    v128.store(places + at, i32x4.sub(i32x4.splat(7), i32x4.add(i32x4.shl(two, 1), third)));
  }
}

// @ts-ignore: decorator
@inline
function add(out: usize, path: f64): void {
  store<f64>(out, load<f64>(out) + path);
}

// @ts-ignore: decorator
@inline
function stepInBlock(nodes: usize, at: usize, value: usize): usize {
  const node = nodes + (at << 3);
  return (at << 1) + 1 + <usize>(load<f32>(value + (<usize>load<u32>(node, 4) << 7)) > load<f32>(node));
}

function pathsOfTree(nodes: usize, depth: u32, level: u32, block: usize, size: u32, out: usize): void {
  let k: u32 = 0;
  for (; k + 8 <= size; k += 8) {
    const rows = block + (<usize>k << 2);
    const from = places + (<usize>k << 2);
    const to = out + (<usize>k << 3);
    let a: usize = load<u32>(from), b: usize = load<u32>(from, 4), c: usize = load<u32>(from, 8), d: usize = load<u32>(from, 12);
    let e: usize = load<u32>(from, 16), f: usize = load<u32>(from, 20), g: usize = load<u32>(from, 24), h: usize = load<u32>(from, 28);
    for (let below = level; below < depth; below++) {
      a = stepInBlock(nodes, a, rows);
      b = stepInBlock(nodes, b, rows + 4);
      c = stepInBlock(nodes, c, rows + 8);
      d = stepInBlock(nodes, d, rows + 12);
      e = stepInBlock(nodes, e, rows + 16);
      f = stepInBlock(nodes, f, rows + 20);
      g = stepInBlock(nodes, g, rows + 24);
      h = stepInBlock(nodes, h, rows + 28);
    }
    add(to, pathAt(nodes, a, depth));
    add(to + 8, pathAt(nodes, b, depth));
    add(to + 16, pathAt(nodes, c, depth));
    add(to + 24, pathAt(nodes, d, depth));
    add(to + 32, pathAt(nodes, e, depth));
    add(to + 40, pathAt(nodes, f, depth));
    add(to + 48, pathAt(nodes, g, depth));
    add(to + 56, pathAt(nodes, h, depth));
  }
  for (; k < size; k++) {
    let at = <usize>load<u32>(places + (<usize>k << 2));
    for (let below = level; below < depth; below++) at = stepInBlock(nodes, at, block + (<usize>k << 2));
    add(out + (<usize>k << 3), pathAt(nodes, at, depth));
  }
}
