import { describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Groups {
  readonly memory: WebAssembly.Memory;
  start(seed: number): void;
  find(key: number): number;
  add(key: number): number;
  follow(slot: number, key: number): number;
  remove(slot: number, follower: number): void;
  live(): number;
  visit(): number;
}

/** Keys are their own hashes but for a multiplication, so that they collide now and then. */
const source = `
import { limitMemory } from "./kernels/memory";
import { seedHashes } from "./kernels/hash";
import { addFollower, addGroup, enterGroup, groupBits, groupEntries, groupEntry, groupHash, groupMultiplier, groupsLive, initialiseGroups, oldBits, oldEntries, removeGroup } from "./kernels/group-table";
import { chunkEnd, chunkRecords, firstChunk, nextChunk } from "./kernels/record-pool";
const groups: usize = memory.data(88, 16);
export function start(seed: u32): void { limitMemory(65536); seedHashes(seed, 7); initialiseGroups(groups, 24); }
function hash(key: u32): u32 { return groupHash(<u64>(key >> 2) * groupMultiplier(groups), groupMultiplier(groups)); }
function look(table: usize, bits: u32, key: u32): usize {
  const h = hash(key);
  const mask = (<usize>4 << bits) - 4;
  let entry = groupEntry(h, bits);
  while (true) {
    const p = <usize>load<u32>(table + entry);
    if (p == 0) return 0;
    if (load<u32>(p) == h && load<u32>(p, 8) == key) return p;
    entry = (entry + 4) & mask;
  }
}
export function find(key: u32): usize {
  const p = look(groupEntries(groups), groupBits(groups), key);
  if (p != 0 || oldEntries(groups) == 0) return p;
  const q = look(oldEntries(groups), oldBits(groups), key);
  if (q != 0) enterGroup(groups, q);
  return q;
}
export function add(key: u32): usize { const p = addGroup(groups, hash(key)); store<u32>(p, key, 8); return p; }
export function follow(slot: usize, key: u32): usize { const p = addFollower(groups, load<u32>(slot)); store<u32>(p, key, 8); return p; }
export function remove(slot: usize, follower: usize): void { removeGroup(groups, slot, follower); }
export function live(): f64 { return groupsLive(groups); }
export function visit(): u32 {
  let seen: u32 = 0;
  for (let chunk = firstChunk(groups); chunk != 0; chunk = nextChunk(chunk)) {
    const end = chunkEnd(groups, chunk);
    for (let p = chunkRecords(chunk); p < end; p += 24) if (load<u32>(p, 4) == 1) seen++;
  }
  return seen;
}
`;

describe('groups', () => {
  it('finds what was added and not removed, through growth and followers', async () => {
    const kernel = await compileKernel<Groups>(source);
    kernel.start(5);
    const random = new Random(11);
    const slots = new Map<number, number[]>();
    for (let step = 0; step < 300_000; step++) {
      const key = random.below(step < 150_000 ? 200_000 : 20_000);
      const known = slots.get(key);
      const found = kernel.find(key);
      if (found !== (known?.[0] ?? 0)) expect.fail(`step ${step}: key ${key} at ${found}, not at ${known?.[0]}`);
      if (known === undefined) slots.set(key, [kernel.add(key)]);
      else if (random.chance(0.4)) {
        const [slot, follower] = known;
        kernel.remove(slot as number, follower ?? 0);
        if (follower === undefined) slots.delete(key);
        else slots.set(key, [follower]);
      } else if (known.length === 1) known.push(kernel.follow(found, key));
    }
    expect(kernel.visit()).toBe(slots.size);
    expect(kernel.live()).toBe([...slots.values()].flat().length);
  });

  it('grows a large table little by little', async () => {
    const kernel = await compileKernel<Groups>(source);
    kernel.start(6);
    const count = 1_200_000;
    const first = kernel.add(1 << 20);
    let longest = 0;
    for (let key = 0; key < count; key++) {
      const before = process.threadCpuUsage();
      kernel.add(key + 2_000_000);
      const { user, system } = process.threadCpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
    }
    expect(kernel.find(1 << 20)).toBe(first);
    for (let key = 0; key < count; key += 977) expect(kernel.find(key + 2_000_000)).not.toBe(0);
    for (let key = 0; key < count; key += 977) expect(kernel.find(key + 5_000_000)).toBe(0);
    // At once it takes 100 ms and more.
    expect(longest).toBeLessThan(40);
  });
});
