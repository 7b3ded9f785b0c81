import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Wheel {
  start(grain: bigint): void;
  arm(record: number, due: bigint): void;
  move(record: number, due: bigint): void;
  kill(record: number): void;
  next(time: bigint): number;
  armed(): number;
}

const source = `
import { armTimer, initialiseWheel, nextTimer, timersArmed } from "./kernels/timer-wheel";
const wheel: usize = memory.data(1072, 16);
const records: usize = memory.data(16 * 4096, 16);
export function start(grain: i64): void { initialiseWheel(wheel, grain); }
export function arm(record: u32, due: i64): void { const r = records + (<usize>record << 4); store<i64>(r, due); store<u32>(r, 0, 12); armTimer(wheel, r); }
export function move(record: u32, due: i64): void { store<i64>(records + (<usize>record << 4), due); }
export function kill(record: u32): void { store<u32>(records + (<usize>record << 4), 1, 12); }
export function next(time: i64): i32 { const r = nextTimer(wheel, time); return r == 0 ? -1 : <i32>((r - records) >> 4); }
export function armed(): u32 { return timersArmed(wheel); }
`;

describe('timer wheel', () => {
  let kernel: Wheel;
  beforeAll(async () => {
    kernel = await compileKernel<Wheel>(source);
  });

  for (const grain of [1n, 7n, 1000n]) {
    it(`fires what is due, no sooner and no later, grain ${grain}`, () => {
      kernel.start(grain);
      const random = new Random(Number(grain));
      const due = new Map<number, bigint>();
      const dead = new Set<number>();
      let time = -5_000n;
      for (let step = 0; step < 4_000; step++) {
        const record = random.below(4096);
        if (!due.has(record) && !dead.has(record)) {
          const far = random.chance(0.05) ? 50_000_000 : random.chance(0.2) ? 300_000 : 2_000;
          const at = time + BigInt(random.below(far)) - 500n;
          kernel.arm(record, at);
          due.set(record, at);
        } else if (due.has(record) && random.chance(0.5)) {
          const later = (due.get(record) as bigint) + BigInt(random.below(4_000));
          kernel.move(record, later);
          due.set(record, later);
        } else if (due.has(record)) {
          kernel.kill(record);
          due.delete(record);
          dead.add(record);
        }
        if (!random.chance(0.1)) continue;
        time += BigInt(random.below(random.chance(0.05) ? 10_000_000 : 900));
        const fired = drain(kernel, time, dead);
        expect(fired).toEqual(
          [...due]
            .filter(([, at]) => at <= time)
            .map(([each]) => each)
            .sort((a, b) => a - b),
        );
        for (const each of fired) due.delete(each);
      }
      const rest = drain(kernel, (1n << 63n) - 1n, dead);
      expect(rest).toEqual([...due.keys()].sort((a, b) => a - b));
      expect(kernel.armed()).toBe(0);
      expect(dead.size).toBe(0);
    });
  }
});

function drain(kernel: Wheel, time: bigint, dead: Set<number>): number[] {
  const fired: number[] = [];
  for (let record = kernel.next(time); record >= 0; record = kernel.next(time)) if (!dead.delete(record)) fired.push(record);
  return fired.sort((a, b) => a - b);
}
