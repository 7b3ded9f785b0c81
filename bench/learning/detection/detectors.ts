import { compileModel } from '../shared.ts';
import type { LabelledSeries } from './labelled-series.ts';

export interface Scored {
  /** Of the row at hand; NaN where the detector says nothing. */
  readonly scores: Float64Array;
  /** The same, fading after a peak. */
  readonly held: Float64Array;
  /** Rows. */
  readonly alarms: readonly number[];
}

export interface Detector {
  readonly name: string;
  /** Of one series' state. */
  readonly bytes: number;
  run(series: LabelledSeries): Scored;
}

/** One threshold for all series, fixed here. */
const anomalyTheta = 2;
const driftSpotTheta = 4;
/** Deviations in a row beyond which the frozen rival alarms. */
const frozenDeviations = 4;
/** Points in which the rivals' scores fade to 1/e, as the default detector's do. */
const holdPoints = 150;

interface AnomalyKernel {
  openAnomalyScore(theta: number, minEffect: number): number;
  stepAnomalyScore(state: number, value: number, micros: bigint): void;
  closeAnomalyScore(state: number): void;
  bytesAnomalyScore(state: number): number;
}

export async function defaultDetector(): Promise<Detector> {
  const names = ['openAnomalyScore', 'stepAnomalyScore', 'closeAnomalyScore', 'bytesAnomalyScore'];
  const kernel = await compileModel<AnomalyKernel>('anomaly-score', names);
  return {
    name: 'anomaly()',
    bytes: kernel.bytesAnomalyScore(kernel.openAnomalyScore(anomalyTheta, 0)),
    run({ times, values }) {
      const state = kernel.openAnomalyScore(anomalyTheta, 0);
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

interface DriftSpotKernel {
  openDriftSpot(theta: number): number;
  stepDriftSpot(state: number, value: number, micros: bigint): void;
  closeDriftSpot(state: number): void;
  bytesDriftSpot(state: number): number;
}

export async function driftSpotDetector(): Promise<Detector> {
  const names = ['openDriftSpot', 'stepDriftSpot', 'closeDriftSpot', 'bytesDriftSpot'];
  const kernel = await compileModel<DriftSpotKernel>('drift-spot', names);
  return {
    name: 'drift SPOT',
    bytes: kernel.bytesDriftSpot(kernel.openDriftSpot(driftSpotTheta)),
    run({ times, values }) {
      const state = kernel.openDriftSpot(driftSpotTheta);
      const results = new Float64Array(kernel.memory.buffer, state, 2);
      const scores = new Float64Array(values.length);
      const alarms: number[] = [];
      values.forEach((value, row) => {
        kernel.stepDriftSpot(state, value, times[row] as bigint);
        scores[row] = results[0] as number;
        if (results[1] === 1) alarms.push(row);
      });
      kernel.closeDriftSpot(state);
      return { scores, held: hold(scores, holdPoints), alarms };
    },
  };
}

/** Distance from the mean of the first rows, in their standard deviations; alarms where it first passes the bar. */
export function frozenDetector(): Detector {
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
      return { scores, held: hold(scores, holdPoints), alarms };
    },
  };
}

export function hold(scores: Float64Array, points: number): Float64Array {
  let peak = 0;
  return scores.map((score) => {
    peak = Math.max(peak * (1 - 1 / points), Number.isNaN(score) ? 0 : score);
    return peak;
  });
}
