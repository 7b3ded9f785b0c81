import { describe, expect, it } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import { assignLanes } from '../../engine/run/assign-lanes.ts';
import { PartitionProgress } from '../../engine/run/lane/partition-progress.ts';
import { planReach } from '../../engine/run/plan-reach.ts';
import { firstTimelyRow, lastWindowEnd } from '../../engine/run/plan-windows.ts';
import { endOfTime, eventTimeUnit, fromMicros, latenessSteps, toMicros } from '../../engine/run/time/event-time.ts';
import { splitLate } from '../../engine/run/time/late-filter.ts';
import { catalog, pass, source, tumble } from './support/definitions.ts';

function batch(times: readonly (bigint | null)[]): Batch {
  const validity = new Uint8Array((times.length + 7) >> 3);
  times.forEach((time, i) => {
    if (time !== null) validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
  });
  const data = BigInt64Array.from(times, (time) => time ?? -7n);
  return {
    rows: times.length,
    columns: [{ kind: 'fixed', type: { kind: 'timestamp' }, data, validity: times.includes(null) ? validity : null }],
  };
}

/** The definition, row by row. */
function late(times: readonly (bigint | null)[], before: bigint | null, lateness: bigint): { late: number[]; top: bigint | null } {
  let top = before;
  const found: number[] = [];
  times.forEach((time, i) => {
    if (time === null || time === endOfTime) return;
    if (time === -endOfTime || (top !== null && time < top - lateness)) found.push(i);
    else if (top === null || time > top) top = time;
  });
  return { late: found, top };
}

describe('the late filter', () => {
  it('agrees with the definition', () => {
    let state = 7;
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let run = 0; run < 300; run++) {
      const rows = next(run % 3 === 0 ? 8192 : 40);
      const special = next(3);
      const times = Array.from({ length: rows }, (_, i) => {
        if (special === 1 && next(20) === 0) return null;
        if (special === 2 && next(50) === 0) return next(2) === 0 ? endOfTime : -endOfTime;
        return BigInt(i * 3 - next(60));
      });
      const before = next(3) === 0 ? null : BigInt(next(200) - 100);
      const lateness = BigInt(next(80));
      const split = splitLate(batch(times), 0, before, lateness);
      const expected = late(times, before, lateness);
      expect([...(split.late ?? [])]).toEqual(expected.late);
      expect(split.top).toBe(expected.top);
      if (split.late !== null) expect([...split.late, ...(split.timely ?? [])].sort((a, b) => a - b)).toEqual([...times.keys()]);
    }
  });

  it('says of each late row what it missed, and by how much', () => {
    const split = splitLate(batch([-endOfTime, 100n, 85n, -endOfTime]), 0, null, 10n);
    expect([...(split.late ?? [])]).toEqual([0, 2, 3]);
    expect([...(split.thresholds ?? [])]).toEqual([-endOfTime, 90n, 90n]);
    expect([...(split.behind ?? [])]).toEqual([endOfTime, 5n, endOfTime]);
  });

  it('knows the infinities of dates', () => {
    const days = { kind: 'fixed', type: { kind: 'date' }, data: Int32Array.of(5, 2 ** 31 - 1, -(2 ** 31) + 1, 4), validity: null } as const;
    const split = splitLate({ rows: 4, columns: [days] }, 0, null, 0n);
    expect([...(split.late ?? [])]).toEqual([2, 3]);
    expect(split.top).toBe(5n);
  });

  it('knows every unit of event time', () => {
    const day = eventTimeUnit({ kind: 'date' });
    const nanos = eventTimeUnit({ kind: 'timestamp_ns' });
    if (day === null || nanos === null) throw new Error('units are missing');
    expect([toMicros(-1n, day), toMicros(-1n, nanos), toMicros(1999n, nanos)]).toEqual([-86_400_000_000n, -1n, 1n]);
    expect([fromMicros(1n, day), fromMicros(-1n, day), fromMicros(1n, nanos)]).toEqual([1n, 0n, 1000n]);
    expect([latenessSteps(36 * 3_600_000, day), latenessSteps(1, nanos)]).toEqual([1n, 1_000_000n]);
    expect(eventTimeUnit({ kind: 'varchar' })).toBe(null);
  });
});

describe('windows of a plan', () => {
  const query = tumble('w', 's', 10_000);
  const { plan } = query;
  it('tell where the last one ends and which rows are in time', () => {
    expect(planReach(query)).toBe(10_000_000n);
    expect([0n, 9_999_999n, -1n].map((time) => lastWindowEnd(plan, time))).toEqual([10_000_000n, 10_000_000n, 0n]);
    expect(firstTimelyRow(plan, 10_000_000n, 20_000_000n)).toBe(20_000_000n);
    expect(firstTimelyRow(plan, 10_000_000n, 20_000_001n)).toBe(30_000_000n);
    expect(firstTimelyRow(plan, 0n, 20_000_001n)).toBe(20_000_001n);
  });
});

describe('a partition', () => {
  it('ends its stretch when it comes back from silence, so that a replay takes the same rows for late', () => {
    const unit = { numerator: 1n, denominator: 1n };
    const partition = new PartitionProgress('p', unit, 10n, 0);
    partition.position = 0;
    partition.beginStretch(0);
    partition.see(100n);
    partition.moveTo(1, 0, 5, 0);
    partition.raiseTo(200n);
    partition.beginStretch(0);
    partition.moveTo(2, 0, 3, 0);
    partition.raiseTo(150n);
    const stretches = partition.takeStretches();
    expect(stretches.map(({ from, to }) => [from.row, to.row, from.top])).toEqual([
      [0, 5, null],
      [5, 8, 210n],
    ]);
    expect([partition.watermark, partition.seen]).toEqual([200n, 100n]);
  });
});

describe('lanes', () => {
  it('hold together what is connected, and no more of them than there is work', () => {
    const sources = ['a', 'b', 'c', 'unread'].map((name) => source(name));
    const queries = [tumble('v', 'a', 1000), tumble('w', 'v', 1000), pass('x', 'b', 0), { ...pass('y', 'b', 0), reads: ['b', 'c'] }];
    const lanes = (count: number) =>
      assignLanes(catalog(sources, queries), count).map((lane) =>
        [...lane.sources.map((each) => each.name), ...lane.queries.map((each) => each.name)].join(' '),
      );
    expect(lanes(4)).toEqual(['b c x y', 'a v w']);
    expect(lanes(1)).toEqual(['a b c v w x y']);
  });
});
