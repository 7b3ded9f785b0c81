import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { type AnomalyScore, AnomalyScorer } from '../../kernels/models/anomaly-score.ts';
import { BreachForecaster, type BreachResult } from '../../kernels/models/breach.ts';
import { Forecaster, type ForecastResult } from '../../kernels/models/forecast.ts';
import { Counter, type CounterStep } from '../../kernels/models/counter.ts';
import { DriftSpot, type DriftSpotScore } from '../../kernels/models/drift-spot.ts';
import { type Ewma, EwmaModel } from '../../kernels/models/ewma.ts';
import { type HostAnomaly, HostAnomalyScorer } from '../../kernels/models/host-anomaly.ts';
import { RobustZscore } from '../../kernels/models/robust-zscore.ts';
import { checkLearnt, expected, severalOf, window } from './learning-case.ts';

const hour = 3_600_000_000n;

function fields(found: unknown): unknown[] {
  if (found === null) return Array.from({ length: 8 }, () => null);
  const { score, alarm, expected: mean, lower, upper, type, severity, confidence } = found as AnomalyScore;
  return [score, alarm, mean, lower, upper, type, severity, confidence];
}

describe('functions that learn give what their definition gives over the rows of each series in order', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());

  it('anomaly_score', async () => {
    await checkLearnt(compiler, `SELECT uid, anomaly_score(v, array_agg(v) OVER w) AS score FROM t ${window}`, (values) =>
      expected(
        values,
        () => new AnomalyScorer(),
        (found) => [(found as AnomalyScore | null)?.score ?? null],
      ),
    );
  });

  it('anomaly, whole and by its fields, with parameters', async () => {
    const call = 'anomaly(v, array_agg(v) OVER w, sensitivity := 1.5, min_effect := 0.25)';
    const names = ['score', 'is_alarm', 'expected', 'lower', 'upper', 'type', 'severity', 'confidence'];
    await checkLearnt(
      compiler,
      `SELECT uid, ${names.map((name) => `a.${name}`).join(', ')} FROM (SELECT uid, ${call} AS a FROM t ${window})`,
      (values) => expected(values, () => new AnomalyScorer({ theta: 1.5, minEffect: 0.25 }), fields),
    );
    await checkLearnt(
      compiler,
      `SELECT uid, (${call}).type AS type, anomaly_score(v, array_agg(v) OVER w) AS score FROM t ${window}`,
      (values) => {
        const plain = expected(
          values,
          () => new AnomalyScorer(),
          (found) => [(found as AnomalyScore | null)?.score ?? null],
        );
        const scores = new Map(plain.map(([uid, score]) => [uid, score]));
        const typed = expected(values, () => new AnomalyScorer({ theta: 1.5, minEffect: 0.25 }), fields);
        return typed.map((row) => [row[0], row[6], scores.get(row[0])]);
      },
    );
  });

  it('forecast, whole and by its fields', async () => {
    const call =
      "forecast(v, array_agg(v) OVER w, points := 200, step := INTERVAL '90 seconds', every := INTERVAL '1 hour', horizon := 12)";
    const options = { points: 200, stepMicros: 90_000_000n, everyMicros: hour, horizon: 12, method: 'bank' } as const;
    const list = (part: Float64Array) => (Number.isNaN(part[0]) ? null : [...part].filter((value) => !Number.isNaN(value)));
    await checkLearnt(
      compiler,
      `SELECT uid, f.status, f.trend, f.season_strength, f.mean[1], len(f.mean), f.lower[len(f.lower)], f.upper[3]
        FROM (SELECT uid, ${call} AS f FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new Forecaster(options),
          (found) => {
            const { status, trend, seasonStrength, mean, lower, upper } = found as ForecastResult;
            const strength = Number.isNaN(seasonStrength) ? null : seasonStrength;
            return [
              status,
              trend,
              strength,
              list(mean)?.[0] ?? null,
              list(mean)?.length ?? null,
              list(lower)?.at(-1) ?? null,
              list(upper)?.[2] ?? null,
            ];
          },
        ),
    );
  });

  it('breach of an upper and of a lower threshold', async () => {
    for (const [bound, threshold] of [
      ['upper', 27],
      ['lower', 15],
    ] as const) {
      const call = `breach(v, array_agg(v) OVER w, ${threshold}, points := 200, step := INTERVAL '90 seconds', horizon := 40, bound := '${bound}')`;
      const options = { points: 200, stepMicros: 90_000_000n, everyMicros: hour, horizon: 40, threshold, bound };
      await checkLearnt(
        compiler,
        `SELECT uid, b.status, b.probability, b.risk, b.minutes_until FROM (SELECT uid, ${call} AS b FROM t ${window})`,
        (values) =>
          expected(
            values,
            () => new BreachForecaster(options),
            (found) => {
              const { status, probability, risk, minutesUntil } = found as BreachResult;
              return [status, ...[probability, risk, minutesUntil].map((value) => (Number.isNaN(value) ? null : value))];
            },
          ),
      );
    }
  });

  it('drift_spot', async () => {
    await checkLearnt(
      compiler,
      `SELECT uid, d.score, d.is_alarm FROM (SELECT uid, drift_spot(v, array_agg(v) OVER w, sensitivity := 3) AS d FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new DriftSpot({ theta: 3 }),
          (found) => [(found as DriftSpotScore | null)?.score ?? null, (found as DriftSpotScore | null)?.alarm ?? null],
        ),
    );
  });

  it('host_anomaly, of a list of columns', async () => {
    const list = '[v, v * v, CASE WHEN uid % 7 <> 0 THEN uid % 11 END, 3]';
    const columnsOf = (value: number | null, uid: number) => [
      value,
      value === null ? null : value * value,
      uid % 7 === 0 ? null : uid % 11,
      3,
    ];
    await checkLearnt(
      compiler,
      `SELECT uid, h.score, h.held_score, h.is_alarm, h.reference_distance, len(h.contributions), h.contributions[1], h.contributions[3]
        FROM (SELECT uid, host_anomaly(${list}, array_agg(${list}) OVER w, reference_rows := 300) AS h FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => severalOf(new HostAnomalyScorer({ channels: 4, frozenRows: 300 }), columnsOf),
          (found) => {
            const { score, held, alarm, frozen, contributions } = (found ?? {}) as Partial<HostAnomaly>;
            const parts = contributions ?? [];
            return [score, held, alarm, frozen, contributions?.length, parts[0], parts[2]].map((each) => each ?? null);
          },
        ),
    );
  });

  it('ewma, robust_zscore, rate and increase', async () => {
    await checkLearnt(
      compiler,
      `SELECT uid, e.mean, e.deviation, e.z FROM (SELECT uid, ewma(v, array_agg(v) OVER w, alpha := 0.2) AS e FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new EwmaModel(0.2),
          (found) => [(found as Ewma | null)?.mean ?? null, (found as Ewma | null)?.deviation ?? null, (found as Ewma | null)?.z ?? null],
        ),
    );
    await checkLearnt(compiler, `SELECT uid, robust_zscore(v, array_agg(v) OVER w, rows := 31) AS z FROM t ${window}`, (values) =>
      expected(
        values,
        () => new RobustZscore(31),
        (found) => [found],
      ),
    );
    await checkLearnt(
      compiler,
      `SELECT uid, rate(v, array_agg(v) OVER w) AS r, increase(v, array_agg(v) OVER w) AS i FROM t ${window}`,
      (values) =>
        expected(
          values,
          () => new Counter(),
          (found) => [(found as CounterStep | null)?.rate ?? null, (found as CounterStep | null)?.increase ?? null],
        ),
    );
  });
});
