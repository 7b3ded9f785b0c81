import type { Batch } from '../../connectors/batch.ts';
import { BacktestError } from './backtest-error.ts';
import { type ColumnPath, ColumnValues } from './column-values.ts';
import type { ResultColumns } from './result-columns.ts';
import { SeriesRows } from './series-rows.ts';

/** Rows of a result that are kept: 50 bytes each. */
export const resultRowsMax = 20_000_000;
export const seriesMax = 10_000;

/** Rows of a query's result, by series. Rows without a time are counted and left out. */
export class CollectedResults {
  readonly #columns: ResultColumns;
  /** A row whose score is at least this alarms, where there is no column that says so. */
  readonly #threshold: number | null;
  readonly #series = new Map<string, SeriesRows>();
  rows = 0;
  rowsWithoutTime = 0;

  constructor(columns: ResultColumns, threshold: number | null) {
    this.#columns = columns;
    this.#threshold = threshold;
  }

  /** Throws BacktestError beyond a limit. */
  add(batch: Batch): void {
    const { keys, time, value, score, alarm, band, forecast } = this.#columns;
    const of = (path: ColumnPath | null | undefined) => (path == null ? null : new ColumnValues(batch, path));
    const times = new ColumnValues(batch, time);
    const names = keys.map((path) => new ColumnValues(batch, path));
    const [values, scores, alarms] = [of(value), of(score), of(alarm)];
    const [lower, upper] = [of(band?.lower), of(band?.upper)];
    const [means, lows, highs] = [of(forecast?.mean), of(forecast?.lower), of(forecast?.upper)];
    for (let row = 0; row < batch.rows; row++) {
      const micros = times.micros(row);
      if (micros === null) {
        this.rowsWithoutTime++;
        continue;
      }
      const series = this.#seriesOf(names.map((name) => name.text(row)).join('/'));
      const scored = scores?.number(row) ?? Number.NaN;
      series.add(micros, {
        values: values?.number(row) ?? Number.NaN,
        scores: scored,
        lower: lower?.number(row) ?? Number.NaN,
        upper: upper?.number(row) ?? Number.NaN,
        alarm: alarms === null ? this.#threshold !== null && scored >= this.#threshold : alarms.number(row) > 0,
      });
      const mean = means?.list(row) ?? null;
      if (mean !== null) series.addForecast({ time: micros, mean, lower: lows?.list(row) ?? null, upper: highs?.list(row) ?? null });
    }
    this.rows += batch.rows;
    if (this.rows > resultRowsMax)
      throw new BacktestError(`the result has more than ${resultRowsMax} rows`, 'take fewer series or a shorter time: --where CONDITION');
  }

  /** To be called once. */
  finish(): SeriesRows[] {
    const all = [...this.#series.values()];
    for (const series of all) series.finish();
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #seriesOf(name: string): SeriesRows {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    if (this.#series.size === seriesMax)
      throw new BacktestError(
        `the result has more than ${seriesMax} series`,
        'name the columns that tell them apart: --series NAME,NAME; or take fewer: --where CONDITION',
      );
    const series = new SeriesRows(name);
    this.#series.set(name, series);
    return series;
  }
}
