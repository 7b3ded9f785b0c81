import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bufferRows } from '../../engine/backtest/buffer-rows.ts';
import { nabProfiles, nabScore } from '../../engine/backtest/nab-score.ts';
import { volumeUnderSurface } from '../../engine/backtest/volume-under-surface.ts';
import { type Detector, defaultDetector, driftSpotDetector, frozenDetector, type Scored } from './detection/detectors.ts';
import { measureHosts } from './detection/hosts.ts';
import { type LabelledSeries, readKpi, readNab } from './detection/labelled-series.ts';
import { cpuMicros, dataOptions, mean, openDuckDb, quoted } from './shared.ts';

interface WrittenSeries extends Pick<Scored, 'held' | 'alarms'> {
  readonly name: string;
  readonly times: readonly bigint[];
}

/**
 * Detectors over the labelled series of det_nab.parquet, and where they are there those of det_kpi.parquet and the hosts of
 * det_smd.parquet: NAB's score of alarms and VUS-PR of scores, with what is in the code and nothing fitted on the folder; CPU time,
 * state. Rows of our detectors go to a Parquet file: series, ts, score (held after a peak), alarm.
 */
export async function detection(args: string[]): Promise<void> {
  const { data, out } = dataOptions(args, 'detection', 'det_nab.parquet');
  const detectors = [await defaultDetector(), await driftSpotDetector(), frozenDetector()];
  const written: WrittenSeries[] = [];
  const file = (name: string) => (existsSync(join(data, name)) ? join(data, name) : null);
  written.push(...measureSeries('NAB', await readNab(join(data, 'det_nab.parquet')), detectors));
  const kpi = file('det_kpi.parquet');
  if (kpi !== null) written.push(...measureSeries('KPI', await readKpi(kpi), detectors));
  const hosts = file('det_smd.parquet');
  if (hosts !== null) written.push(...(await measureHosts(hosts)));
  if (out !== null) await write(out, written);
}

/** Prints a table; gives what the first detector said. */
function measureSeries(set: string, series: readonly LabelledSeries[], detectors: readonly Detector[]): WrittenSeries[] {
  const points = series.reduce((sum, { values }) => sum + values.length, 0);
  const buffers = series.map(({ values }) => bufferRows(Float64Array.from(values)));
  process.stdout.write(`\n${set}: ${series.length} series, ${points} points\n\n`);
  process.stdout.write(
    'detector               NAB: standard  low FP  low FN   found  false   VUS-PR: now   held   us/point  bytes/series\n',
  );
  let first: WrittenSeries[] = [];
  for (const detector of detectors) {
    const scored: Scored[] = [];
    const micros = cpuMicros(() => {
      for (const each of series) scored.push(detector.run(each));
    });
    if (detector === detectors[0]) first = series.map(({ name, times }, k) => ({ name, times, ...(scored[k] as Scored) }));
    const alarmed = series.map(({ windows, probation }, k) => ({ windows, probation, alarms: (scored[k] as Scored).alarms }));
    const [standard, ...others] = Object.values(nabProfiles).map((profile) => nabScore(alarmed, profile)) as [
      ReturnType<typeof nabScore>,
      ...ReturnType<typeof nabScore>[],
    ];
    const surfaces = [scored.map(({ scores }) => scores), scored.map(({ held }) => held)].map((scores) =>
      surfaceOf(series, scores, buffers),
    );
    const cells = [
      standard.score.toFixed(1).padStart(13),
      ...others.map(({ score }) => score.toFixed(1).padStart(7)),
      `${standard.found}/${standard.windows}`.padStart(7),
      String(standard.falseAlarms).padStart(6),
      (surfaces[0] as number).toFixed(3).padStart(13),
      (surfaces[1] as number).toFixed(3).padStart(6),
      (micros / points).toFixed(2).padStart(10),
      String(detector.bytes).padStart(13),
    ];
    process.stdout.write(`${detector.name.padEnd(22)} ${cells.join(' ')}\n`);
  }
  return first;
}

/** Mean over the series with an event. Rows of the probation are left out. */
function surfaceOf(series: readonly LabelledSeries[], scores: readonly Float64Array[], buffers: readonly number[]): number {
  const surfaces = series.map(({ labels, probation }, k) =>
    volumeUnderSurface((scores[k] as Float64Array).subarray(probation), labels.subarray(probation), buffers[k] as number),
  );
  return mean(surfaces.filter((each) => each !== null));
}

async function write(path: string, series: readonly WrittenSeries[]): Promise<void> {
  const connection = await openDuckDb();
  await connection.run('CREATE TABLE rows (series VARCHAR, micros BIGINT, score DOUBLE, alarm BOOLEAN)');
  const appender = await connection.createAppender('rows');
  for (const { name, times, held, alarms } of series) {
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
  }
  appender.closeSync();
  await connection.run(`COPY (SELECT series, make_timestamp(micros) AS ts, score, alarm FROM rows) TO ${quoted(path)} (FORMAT parquet)`);
}
