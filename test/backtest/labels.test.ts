import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../engine/backtest/place-labels.ts';
import { SeriesRows } from '../../engine/backtest/series-rows.ts';

/** A row every ten microseconds. */
function series(name: string, rows: number): SeriesRows {
  const made = new SeriesRows(name);
  for (let row = 0; row < rows; row++)
    made.add(BigInt(row * 10), { values: 0, scores: Number.NaN, lower: Number.NaN, upper: Number.NaN, alarm: false });
  made.finish();
  return made;
}

const time = (name: string | null, start: number, end: number) => ({ series: name, start: BigInt(start), end: BigInt(end) });

describe('labels', () => {
  it('become rows; those between two rows are of the next', () => {
    const labels = { times: [time('a', 20, 40), time('a', 55, 56), time('a', 70, 70)], series: new Set(['a']) };
    const { windows, warnings } = placeLabels(labels, [series('a', 10)]);
    expect(windows.get('a')).toEqual([
      [2, 4],
      [6, 7],
    ]);
    expect(warnings).toEqual([]);
  });

  it('without a name are of the only series', () => {
    expect(placeLabels({ times: [time(null, 0, 5)], series: new Set() }, [series('', 10)]).windows.get('')).toEqual([[0, 0]]);
    expect(() => placeLabels({ times: [time(null, 0, 5)], series: new Set() }, [series('a', 1), series('b', 1)])).toThrow('name no series');
  });

  it('outside of the data, of unknown series, and series without labels are told of', () => {
    const labels = { times: [time('a', 0, 0), time('a', 500, 600), time('c', 0, 0)], series: new Set(['a', 'c']) };
    expect(placeLabels(labels, [series('a', 10), series('b', 10)]).warnings).toEqual([
      'labels of 1 series that are not in the result are left out: "c"',
      '1 of 2 labels lie before or after the rows of their series, and are left out',
      '1 series have no labels; alarms in them count as false',
    ]);
    expect(() => placeLabels({ times: [time('a', 500, 600)], series: new Set(['a']) }, [series('a', 10)])).toThrow(
      'no labelled time lies in the data',
    );
    expect(() => placeLabels({ times: [], series: new Set(['c']) }, [series('a', 10)])).toThrow('the labels name "c"');
  });
});
