import { join } from 'node:path';
import { type AlarmedSeries, nabProfiles, nabScore } from '../../engine/backtest/nab-score.ts';
import { compileModel, cpuMicros, dataOptions, openDuckDb } from './shared.ts';

interface Series {
  readonly name: string;
  /** Microseconds since 1970. */
  readonly times: readonly bigint[];
  readonly values: readonly number[];
  readonly windows: readonly number[];
  readonly probation: number;
}

interface Scored {
  readonly scores: Float64Array;
  readonly held: Float64Array;
  readonly alarms: readonly number[];
}

interface Detector {
  readonly name: string;
  readonly bytes: number;
  run(series: Series): Scored;
}

/** Deviations in a row beyond which the rival alarms: four standard deviations of the first rows. */
const frozenDeviations = 4;

/**
 * Detectors over the labelled series of det_nab.parquet: NAB's score of their alarms, with what is in the code and nothing fitted on the
 * folder; CPU time a point, state a series. Rows of our detector go to a Parquet file: series, ts, score, alarm.
 */
export async function detection(args: string[]): Promise<void> {
  const { data, out } = dataOptions(args, 'detection', 'det_nab.parquet');
  const series = await readSeries(join(data, 'det_nab.parquet'));
  const points = series.reduce((sum, { values }) => sum + values.length, 0);
  const detectors = [await defaultDetector(), frozenDetector()];
  process.stdout.write(`${series.length} series, ${points} points\n\n`);
  process.stdout.write('detector            NAB standard  low FP  low FN  found   false   us/point  bytes/series\n');
  for (const detector of detectors) {
    const scored: Scored[] = [];
    const micros = cpuMicros(() => {
      for (const each of series) scored.push(detector.run(each));
    });
    const alarmed = series.map((each, k): AlarmedSeries => ({ ...windowsOf(each), alarms: (scored[k] as Scored).alarms }));
    const [standard, lowFalse, lowMisses] = Object.values(nabProfiles).map((profile) => nabScore(alarmed, profile));
    const cells = [standard, lowFalse, lowMisses].map((each) => (each?.score ?? Number.NaN).toFixed(1).padStart(7));
    const found = `${standard?.found}/${standard?.windows}`.padStart(7);
    const cost = `${(micros / points).toFixed(2).padStart(8)} ${String(detector.bytes).padStart(12)}`;
    process.stdout.write(
      `${detector.name.padEnd(24)} ${cells.join(' ')} ${found} ${String(standard?.falseAlarms).padStart(7)}   ${cost}\n`,
    );
    if (out !== null && detector === detectors[0]) await write(out, series, scored);
  }
}

async function readSeries(path: string): Promise<Series[]> {
  const connection = await openDuckDb();
  const rows = await connection.runAndReadAll(`SELECT series, list(epoch_us(ts) ORDER BY ts), list(value ORDER BY ts),
    list(window_id ORDER BY ts), count(*) FILTER (WHERE probation) FROM '${path.replaceAll("'", "''")}' GROUP BY series ORDER BY series`);
  const items = (value: unknown) => (value as { items: unknown[] }).items;
  return rows.getRows().map(([name, times, values, windows, probation]) => ({
    name: String(name),
    times: items(times) as bigint[],
    values: items(values) as number[],
    windows: items(windows).map(Number),
    probation: Number(probation),
  }));
}

function windowsOf({ windows, probation }: Series): Omit<AlarmedSeries, 'alarms'> {
  const bounds = new Map<number, [number, number]>();
  windows.forEach((window, row) => {
    if (window < 0) return;
    bounds.set(window, [bounds.get(window)?.[0] ?? row, row]);
  });
  return { windows: [...bounds.values()], probation };
}

interface AnomalyKernel {
  openAnomalyScore(theta: number, minEffect: number): number;
  stepAnomalyScore(state: number, value: number, micros: bigint): void;
  closeAnomalyScore(state: number): void;
  bytesAnomalyScore(state: number): number;
}

async function defaultDetector(): Promise<Detector> {
  const names = ['openAnomalyScore', 'stepAnomalyScore', 'closeAnomalyScore', 'bytesAnomalyScore'];
  const kernel = await compileModel<AnomalyKernel>('anomaly-score', names);
  return {
    name: 'anomaly()',
    bytes: kernel.bytesAnomalyScore(kernel.openAnomalyScore(2, 0)),
    run({ times, values }) {
      const state = kernel.openAnomalyScore(2, 0);
      const results = new Float64Array(kernel.memory.buffer, state, 3);
      const [scores, held] = [new Float64Array(values.length), new Float64Array(values.length)];
      const alarms: number[] = [];
      values.forEach((value, row) => {
        kernel.stepAnomalyScore(state, value, times[row] as bigint);
        scores[row] = results[0] as number;
        held[row] = results[1] as number;
        if (results[2] === 1) alarms.push(row);
      });
      kernel.closeAnomalyScore(state);
      return { scores, held, alarms };
    },
  };
}

/** Distance from the mean of the first rows, in their standard deviations; alarms where it first passes the bar. */
function frozenDetector(): Detector {
  return {
    name: 'frozen mean |z| > 4',
    bytes: 16,
    run({ values, probation }) {
      const first = values.slice(0, probation);
      const level = first.reduce((sum, value) => sum + value, 0) / first.length;
      const deviation = Math.sqrt(first.reduce((sum, value) => sum + (value - level) ** 2, 0) / first.length) || 1;
      const scores = Float64Array.from(values, (value) => Math.abs(value - level) / deviation);
      const isOver = (row: number) => (scores[row] as number) > frozenDeviations;
      const alarms = values.flatMap((_, row) => (isOver(row) && !(row > 0 && isOver(row - 1)) ? [row] : []));
      return { scores, held: scores, alarms };
    },
  };
}

async function write(path: string, series: readonly Series[], scored: readonly Scored[]): Promise<void> {
  const connection = await openDuckDb();
  await connection.run('CREATE TABLE rows (series VARCHAR, micros BIGINT, score DOUBLE, alarm BOOLEAN)');
  const appender = await connection.createAppender('rows');
  series.forEach(({ name, times }, k) => {
    const { held, alarms } = scored[k] as Scored;
    const alarmed = new Set(alarms);
    times.forEach((time, row) => {
      appender.appendVarchar(name);
      appender.appendBigInt(time);
      const score = held[row] as number;
      if (Number.isNaN(score)) appender.appendNull();
      else appender.appendDouble(score);
      appender.appendBoolean(alarmed.has(row));
      appender.endRow();
    });
  });
  appender.closeSync();
  await connection.run(
    `COPY (SELECT series, make_timestamp(micros) AS ts, score, alarm FROM rows) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
  );
}
