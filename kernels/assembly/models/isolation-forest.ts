import { allocate, release } from '../memory';
import { binaryLogarithm } from './binary-logarithm';
import { nextRandom, randomBelow } from './seeded-random';

/**
 * An isolation forest: see kernels/models/isolation-forest.ts. Every tree lies as a full binary tree of one depth, children at places
 * 2 i + 1 and 2 i + 2, so that a step is a load, a comparison and an addition, without a branch: nodes of 8 bytes (f32 threshold, u32
 * byte offset of the column), then a u16 for each leaf, the place of its path in a table. A leaf higher up goes left down to the bottom.
 */
export const treesAt: usize = 0;
export const depthAt: usize = 4;
const usualAt: usize = 8;
export const headBytes: usize = 16;

/** Rows of a tree at most, and with it the depth. */
export const forestSampleMax: u32 = 1024;
const depthMax: u32 = 10;
const pathColumns: u32 = forestSampleMax + 1;
/** Depth plus the mean path of so many rows, f64, by depth and rows. The first is -0 once they are written. */
const paths: usize = memory.data(8 * 11 * 1025, 16);

export function forestDepth(sample: u32): u32 {
  return 32 - clz<u32>(sample - 1);
}

export function forestBytes(trees: u32, depth: u32): u32 {
  return <u32>headBytes + trees * (10 << depth);
}

export function isolationPath(rows: u32): f64 {
  if (rows <= 1) return 0;
  if (rows == 2) return 1;
  return 2 * (binaryLogarithm(<f64>(rows - 1)) * Math.LN2 + 0.5772156649015329) - <f64>(2 * (rows - 1)) / <f64>rows;
}

/** `sample`: rows of which each tree is made. */
export function beginForest(forest: usize, trees: u32, depth: u32, sample: u32): void {
  store<u32>(forest, trees, treesAt);
  store<u32>(forest, depth, depthAt);
  store<f64>(forest, isolationPath(sample), usualAt);
  if (load<u64>(paths) != 0) return;
  for (let level: u32 = 0; level <= depthMax; level++) {
    for (let rows: u32 = 0; rows <= forestSampleMax; rows++)
      store<f64>(paths + (<usize>(level * pathColumns + rows) << 3), <f64>level + isolationPath(rows));
  }
  store<f64>(paths, -0.0);
}

// @ts-ignore: decorator
@inline
function treeAt(forest: usize, tree: u32, depth: u32): usize {
  return forest + headBytes + <usize>tree * (<usize>10 << depth);
}

/** At a place of a tree: rows of a column of at most the threshold (rounded down to f32, which decides f32 alike) go left. */
export function splitForest(forest: usize, tree: u32, place: u32, column: u32, threshold: f64): void {
  const node = treeAt(forest, tree, load<u32>(forest, depthAt)) + (<usize>place << 3);
  let single = <f32>threshold;
  if (<f64>single > threshold) {
    const word = reinterpret<u32>(single);
    single = single > 0 ? reinterpret<f32>(word - 1) : single == 0 ? reinterpret<f32>(0x80000001) : reinterpret<f32>(word + 1);
  }
  store<f32>(node, single);
  store<u32>(node, column << 2, 4);
}

export function endForest(forest: usize, tree: u32, place: u32, level: u32, rows: u32): void {
  const depth = load<u32>(forest, depthAt);
  const nodes = treeAt(forest, tree, depth);
  let at = place;
  for (let below = level; below < depth; below++) {
    store<f32>(nodes + (<usize>at << 3), Infinity);
    store<u32>(nodes + (<usize>at << 3), 0, 4);
    at = 2 * at + 1;
  }
  const leaf = at + 1 - (1 << depth);
  store<u16>(nodes + (<usize>8 << depth) + (<usize>leaf << 1), <u16>(level * pathColumns + rows));
}

// @ts-ignore: decorator
@inline
function step(nodes: usize, at: usize, row: usize): usize {
  const node = nodes + (at << 3);
  return (at << 1) + 1 + <usize>(load<f32>(row + <usize>load<u32>(node, 4)) > load<f32>(node));
}

// @ts-ignore: decorator
@inline
export function pathAt(nodes: usize, at: usize, depth: u32): f64 {
  const leaf = at + 1 - (<usize>1 << depth);
  return load<f64>(paths + (<usize>load<u16>(nodes + (<usize>8 << depth) + (leaf << 1)) << 3));
}

/** Of one row of f32: eight trees at a time, so that their loads do not wait for each other. */
export function forestPath(forest: usize, row: usize): f64 {
  const trees = load<u32>(forest, treesAt);
  const depth = load<u32>(forest, depthAt);
  const bytes = <usize>10 << depth;
  let sum: f64 = 0;
  let nodes = forest + headBytes;
  let tree: u32 = 0;
  for (; tree + 8 <= trees; tree += 8) {
    const n1 = nodes + bytes;
    const n2 = n1 + bytes;
    const n3 = n2 + bytes;
    const n4 = n3 + bytes;
    const n5 = n4 + bytes;
    const n6 = n5 + bytes;
    const n7 = n6 + bytes;
    let a: usize = 0, b: usize = 0, c: usize = 0, d: usize = 0, e: usize = 0, f: usize = 0, g: usize = 0, h: usize = 0;
    for (let level: u32 = 0; level < depth; level++) {
      a = step(nodes, a, row);
      b = step(n1, b, row);
      c = step(n2, c, row);
      d = step(n3, d, row);
      e = step(n4, e, row);
      f = step(n5, f, row);
      g = step(n6, g, row);
      h = step(n7, h, row);
    }
    sum = sum + pathAt(nodes, a, depth) + pathAt(n1, b, depth) + pathAt(n2, c, depth) + pathAt(n3, d, depth);
    sum = sum + pathAt(n4, e, depth) + pathAt(n5, f, depth) + pathAt(n6, g, depth) + pathAt(n7, h, depth);
    nodes = n7 + bytes;
  }
  for (; tree < trees; tree++) {
    let at: usize = 0;
    for (let level: u32 = 0; level < depth; level++) at = step(nodes, at, row);
    sum += pathAt(nodes, at, depth);
    nodes += bytes;
  }
  return sum;
}

/** 0 to 1, of a path. */
export function forestScore(forest: usize, path: f64): f64 {
  return Math.pow(2, -(path / <f64>load<u32>(forest, treesAt) / load<f64>(forest, usualAt)));
}

/** What a tree is grown from: matrix and bytes of its row, order of the rows, a copy of the sample's, columns to draw from, random numbers. */
const workMatrix: usize = 0;
const workStride: usize = 4;
const workMembers: usize = 8;
const workCandidates: usize = 12;
const workRandom: usize = 16;
const workColumns: usize = 20;
const workBytes: usize = 32;

/** Fits to `count` rows of f32, at least 2, of `columns` each, without room between them. */
export function fitForest(forest: usize, trees: u32, sample: u32, matrix: usize, count: u32, columns: u32, random: usize): void {
  const size = min<u32>(sample, count);
  beginForest(forest, trees, forestDepth(size), size);
  const bytes = <u32>workBytes + 4 * (count + size + columns);
  const work = allocate(bytes);
  const order = work + workBytes;
  const members = order + (<usize>count << 2);
  store<u32>(work, <u32>matrix, workMatrix);
  store<u32>(work, columns << 2, workStride);
  store<u32>(work, <u32>members, workMembers);
  store<u32>(work, <u32>(members + (<usize>size << 2)), workCandidates);
  store<u32>(work, <u32>random, workRandom);
  store<u32>(work, columns, workColumns);
  for (let row: u32 = 0; row < count; row++) store<u32>(order + (<usize>row << 2), row);
  for (let tree: u32 = 0; tree < trees; tree++) {
    for (let k: u32 = 0; k < size; k++) swap(order + (<usize>k << 2), order + (<usize>(k + randomBelow(random, count - k)) << 2));
    memory.copy(members, order, <usize>size << 2);
    grow(forest, work, tree, 0, 0, members, members + (<usize>size << 2));
  }
  release(work, bytes);
}

// @ts-ignore: decorator
@inline
function swap(a: usize, b: usize): void {
  const left = load<u32>(a);
  store<u32>(a, load<u32>(b));
  store<u32>(b, left);
}

// @ts-ignore: decorator
@inline
function valueOf(work: usize, member: usize, column: u32): f32 {
  const row = <usize>load<u32>(work, workMatrix) + <usize>load<u32>(member) * <usize>load<u32>(work, workStride);
  return load<f32>(row + (<usize>column << 2));
}

/** The members between two addresses become the subtree at a place. */
function grow(forest: usize, work: usize, tree: u32, place: u32, level: u32, from: usize, to: usize): void {
  const rows = <u32>((to - from) >> 2);
  if (level >= load<u32>(forest, depthAt) || rows <= 1) return endForest(forest, tree, place, level, rows);
  const random = <usize>load<u32>(work, workRandom);
  const candidates = <usize>load<u32>(work, workCandidates);
  let left = load<u32>(work, workColumns);
  for (let column: u32 = 0; column < left; column++) store<u32>(candidates + (<usize>column << 2), column);
  let column: u32 = 0;
  let least: f32 = 0;
  let most: f32 = 0;
  for (; left > 0; left--) {
    const drawn = candidates + (<usize>randomBelow(random, left) << 2);
    column = load<u32>(drawn);
    least = Infinity;
    most = -Infinity;
    for (let member = from; member < to; member += 4) {
      const value = valueOf(work, member, column);
      least = min<f32>(least, value);
      most = max<f32>(most, value);
    }
    if (most > least) break;
    store<u32>(drawn, load<u32>(candidates + (<usize>(left - 1) << 2)));
  }
  if (left == 0) return endForest(forest, tree, place, level, rows);
  let threshold = <f32>(<f64>least + nextRandom(random) * (<f64>most - <f64>least));
  if (!(threshold < most)) threshold = least;
  splitForest(forest, tree, place, column, <f64>threshold);
  let low = from;
  let high = to;
  while (low < high) {
    if (valueOf(work, low, column) <= threshold) low += 4;
    else {
      high -= 4;
      swap(low, high);
    }
  }
  grow(forest, work, tree, 2 * place + 1, level + 1, from, low);
  grow(forest, work, tree, 2 * place + 2, level + 1, low, to);
}
