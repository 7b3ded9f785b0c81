import { describe, expect, it } from 'vitest';
import { median, scoreEvents } from '../../engine/backtest/events.ts';

const minute = 60_000_000n;

function series(alarms: readonly number[], windows: readonly (readonly [number, number])[], skippedRows = 0, rows = 1_441) {
  const marks = new Uint8Array(rows);
  for (const row of alarms) marks[row] = 1;
  return { times: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row) * minute), alarms: marks, windows, skippedRows };
}

describe('events', () => {
  it('are counted over all series: precision by alarm, recall by event', () => {
    const got = scoreEvents([
      series(
        [5, 103, 104, 900],
        [
          [100, 110],
          [300, 310],
        ],
      ),
      series([201], [[200, 202]]),
    ]);
    expect(got).toMatchObject({ alarms: 5, trueAlarms: 3, events: 3, eventsFound: 2, precision: 0.6, recall: 2 / 3 });
    expect([...got.delays]).toEqual([180, 60]);
    expect(got).toMatchObject({ delayMedian: 120, alarmsPerDay: 2.5 });
  });

  it('do not judge what is skipped, and give null where nothing can be said', () => {
    const got = scoreEvents([
      series(
        [5, 50],
        [
          [2, 9],
          [40, 60],
        ],
        45,
      ),
    ]);
    expect(got).toMatchObject({ alarms: 1, events: 1, eventsFound: 1, precision: 1, delayMedian: 300 });
    expect(scoreEvents([])).toMatchObject({ precision: null, recall: null, delayMedian: null, alarmsPerDay: null });
    expect(median([3, 1, 2])).toBe(2);
  });
});
