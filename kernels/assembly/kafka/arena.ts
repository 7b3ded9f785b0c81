/** Where compressed batches are taken apart: one block, filled from its beginning while rows in it are in use. */
import { allocate, release } from "../memory";
import { copySlack } from "./copy";

const state: usize = memory.data(16, 16);
// state: address (u32), capacity, used.

export function startArena(capacity: u32): void {
  store<u32>(state, <u32>allocate(capacity + copySlack));
  store<u32>(state, capacity, 4);
  store<u32>(state, 0, 8);
}

// @ts-ignore: decorator
@inline
export function arenaTop(): usize {
  return <usize>(load<u32>(state) + load<u32>(state, 8));
}

// @ts-ignore: decorator
@inline
export function arenaCapacity(): u32 {
  return load<u32>(state, 4);
}

// @ts-ignore: decorator
@inline
export function arenaRoom(): u32 {
  return load<u32>(state, 4) - load<u32>(state, 8);
}

export function takeArena(bytes: u32): void {
  store<u32>(state, min<u32>(load<u32>(state, 8) + ((bytes + 15) & ~15), load<u32>(state, 4)), 8);
}

/** Nothing in it is in use any more. */
export function emptyArena(): void {
  store<u32>(state, 0, 8);
}

/** For a batch that does not fit into all of it. Nothing may be in use. */
export function growArena(capacity: u32): void {
  release(<usize>load<u32>(state), load<u32>(state, 4) + copySlack);
  startArena(capacity);
}
