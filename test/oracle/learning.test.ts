import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { type AnomalyScore, AnomalyScorer } from '../../kernels/models/anomaly-score.ts';
import { BreachForecaster, type BreachResult } from '../../kernels/models/breach.ts';
import { Forecaster, type ForecastResult } from '../../kernels/models/forecast.ts';
import { type Changepoint, ChangepointDetector } from '../../kernels/models/changepoint.ts';
import { Counter, type CounterStep } from '../../kernels/models/counter.ts';
import { DriftSpot, type DriftSpotScore } from '../../kernels/models/drift-spot.ts';
import { type Ewma, EwmaModel } from '../../kernels/models/ewma.ts';
import { type HostAnomaly, HostAnomalyScorer } from '../../kernels/models/host-anomaly.ts';
import { Iforest, type IforestResult } from '../../kernels/models/iforest.ts';
import { IforestScorer } from '../../kernels/models/iforest-score.ts';
import { type LogTemplate, LogTemplates } from '../../kernels/models/log-template.ts';
import { RobustZscore } from '../../kernels/models/robust-zscore.ts';
import { Zscore } from '../../kernels/models/zscore.ts';
import type { Row } from './compare-rows.ts';
import { CaseReference, judge, prepareCase, type Values } from './run-case.ts';
import { engineCase } from './run-engine-case.ts';
import { streamCase } from './stream-case.ts';

const columns = { ts: 'TIMESTAMP', k: 'BIGINT', v: 'DOUBLE', uid: 'BIGINT' };
const kept = "state_ttl = '30000 d'";
const window = 'WINDOW w AS (PARTITION BY k ORDER BY ts, uid)';

/** Three series of some 700 rows, in disorder, with waves, spikes, a step, gaps, NULLs, what is no number, and rows without a time. */
const rows = `SELECT CASE WHEN arrival % 97 <> 13 THEN TIMESTAMP '2025-01-01' + to_seconds((arrival * 30 - (arrival * 7919) % 9)::INTEGER) END AS ts,
  arrival % 3 AS k, arrival AS uid, arrival,
  CASE WHEN arrival % 41 = 5 THEN NULL WHEN arrival % 53 = 7 THEN 'nan'::DOUBLE WHEN arrival % 211 = 9 THEN 'inf'::DOUBLE
    WHEN arrival % 3 = 2 THEN 7 WHEN arrival % 389 = 11 THEN 500
    ELSE 20 + 5 * sin(arrival / 200) + (hash(arrival) % 1000) / 500 + CASE WHEN arrival > 1500 THEN 4 ELSE 0 END END AS v
  FROM range(2100) r(arrival)`;

interface Learnt {
  step(value: number | null, micros: bigint, uid: number): unknown;
}

interface LearntRows {
  step(values: readonly (number | null)[]): unknown;
}

/** Of several columns, made of the value and the row's number; nothing of a row without a time. */
function severalOf(learnt: LearntRows, of: (value: number | null, uid: number) => readonly (number | null)[]) {
  return {
    step(value: number | null, micros: bigint, uid: number): unknown {
      const values = of(value, uid);
      return learnt.step(micros === 0n ? values.map(() => null) : values);
    },
  };
}

/** By the definition: the rows of each series in the order of their time, those without one last. */
function expected(values: Values, make: () => Learnt, of: (result: unknown) => unknown[]): Row[] {
  const models = new Map<unknown, Learnt>();
  const latest = 2n ** 63n;
  const ordered = [...values].sort((a, b) => {
    const [left, right] = [micros(a[0]) ?? latest, micros(b[0]) ?? latest];
    return left < right ? -1 : left > right ? 1 : Number((a[3] as bigint) - (b[3] as bigint));
  });
  return ordered.map(([ts, k, v, uid]) => {
    const model = models.get(k) ?? make();
    models.set(k, model);
    const time = micros(ts);
    return [uid, ...of(model.step(time === null ? null : (v as number | null), time ?? 0n, Number(uid)))];
  });
}

function fields(found: unknown): unknown[] {
  if (found === null) return Array.from({ length: 8 }, () => null);
  const { score, alarm, expected: mean, lower, upper, type, severity, confidence } = found as AnomalyScore;
  return [score, alarm, mean, lower, upper, type, severity, confidence];
}

function micros(value: unknown): bigint | null {
  return value === null ? null : typeof value === 'bigint' ? value : (value as { micros: bigint }).micros;
}

describe('functions that learn give what their definition gives over the rows of each series in order', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());

  const check = async (body: string, expect_: (values: Values) => Row[]): Promise<void> => {
    const each = { columns, views: [{ name: 'learnt', stored: true, body: body.replace(/\s+/g, ' '), options: kept }] };
    const prepared = await prepareCase(compiler, each);
    expect([...prepared.refused]).toEqual([]);
    const reference = await CaseReference.create(each);
    const tables = await reference.load({ t: rows });
    const right = expect_(tables.t as Values);
    for (const batchRows of [1, 7, 8192]) {
      const got = await streamCase(prepared, tables, { batchRows, seed: 1 });
      expect(judge(got.get('learnt'), right), `batches of ${batchRows}`).toBeNull();
    }
    const imaged = await streamCase(prepared, tables, { batchRows: 100, seed: 2, images: 0.3 });
    expect(judge(imaged.get('learnt'), right), 'images of memory').toBeNull();
    for (const lanes of [1, 3]) {
      const got = await engineCase(prepared, tables, { lanes, partitions: 1, batchRows: 50, pauseEvery: 300, cuts: [900] });
      expect(judge(got.get('learnt'), right), `an engine with ${lanes} lanes and a restart`).toBeNull();
    }
    reference.close();
  };

  it('anomaly_score', async () => {
    await check(`SELECT uid, anomaly_score(v, array_agg(v) OVER w) AS score FROM t ${window}`, (values) =>
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
    await check(`SELECT uid, ${names.map((name) => `a.${name}`).join(', ')} FROM (SELECT uid, ${call} AS a FROM t ${window})`, (values) =>
      expected(values, () => new AnomalyScorer({ theta: 1.5, minEffect: 0.25 }), fields),
    );
    await check(`SELECT uid, (${call}).type AS type, anomaly_score(v, array_agg(v) OVER w) AS score FROM t ${window}`, (values) => {
      const plain = expected(
        values,
        () => new AnomalyScorer(),
        (found) => [(found as AnomalyScore | null)?.score ?? null],
      );
      const scores = new Map(plain.map(([uid, score]) => [uid, score]));
      const typed = expected(values, () => new AnomalyScorer({ theta: 1.5, minEffect: 0.25 }), fields);
      return typed.map((row) => [row[0], row[6], scores.get(row[0])]);
    });
  });

  const hour = 3_600_000_000n;
  it('forecast, whole and by its fields', async () => {
    const call =
      "forecast(v, array_agg(v) OVER w, points := 200, step := INTERVAL '90 seconds', every := INTERVAL '1 hour', horizon := 12)";
    const options = { points: 200, stepMicros: 90_000_000n, everyMicros: hour, horizon: 12, method: 'bank' } as const;
    const list = (part: Float64Array) => (Number.isNaN(part[0]) ? null : [...part].filter((value) => !Number.isNaN(value)));
    await check(
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
      await check(
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
    await check(
      `SELECT uid, d.score, d.is_alarm FROM (SELECT uid, drift_spot(v, array_agg(v) OVER w, sensitivity := 3) AS d FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new DriftSpot({ theta: 3 }),
          (found) => [(found as DriftSpotScore | null)?.score ?? null, (found as DriftSpotScore | null)?.alarm ?? null],
        ),
    );
  });

  it('changepoint', async () => {
    await check(
      `SELECT uid, c.score, c.is_change, c.direction, c.minutes_ago, c.level_before, c.level_after
        FROM (SELECT uid, changepoint(v, array_agg(v) OVER w, sensitivity := 1.5) AS c FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new ChangepointDetector(1.5),
          (found) => {
            const { score, change, direction, minutesAgo, before, after } = (found ?? {}) as Partial<Changepoint>;
            return [score, change, direction, minutesAgo, before, after].map((each) => each ?? null);
          },
        ),
    );
  });

  it('log_template, of texts', async () => {
    const message = `CASE uid % 5 WHEN 0 THEN 'user ' || chr((97 + uid % 7)::INTEGER) || ' has left' WHEN 1 THEN 'disk ' || uid || ' is full'
      WHEN 2 THEN 'word' || chr((97 + uid % 26)::INTEGER) || ' alone' WHEN 3 THEN '' END`;
    const letter = (code: number) => String.fromCharCode(97 + code);
    const messageOf = (uid: number) =>
      [`user ${letter(uid % 7)} has left`, `disk ${uid} is full`, `word${letter(uid % 26)} alone`, '', null][uid % 5] as string | null;
    const call = `log_template(${message}, array_agg(${message}) OVER w, templates := 20, learning := INTERVAL '1 hour', burst_rows := 2)`;
    await check(
      `SELECT uid, l.template, l.id, l.count, l.is_new, l.is_burst, l.usual_rate, l.forgotten FROM (SELECT uid, ${call} AS l FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => {
            const model = new LogTemplates({ templates: 20, learningMicros: hour, burstRows: 2 });
            return { step: (_, time, uid) => model.step(time === 0n ? null : messageOf(uid), time) };
          },
          (found) => {
            const { template, id, count, isNew, isBurst, usual, forgotten } = (found ?? {}) as Partial<LogTemplate>;
            return [template, id, count, isNew, isBurst, usual, forgotten].map((each) => each ?? null);
          },
        ),
    );
  });

  it('zscore', async () => {
    await check(`SELECT uid, zscore(v, array_agg(v) OVER w, rows := 31) AS z FROM t ${window}`, (values) =>
      expected(
        values,
        () => new Zscore(31),
        (found) => [found],
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
    await check(
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

  it('iforest_score, of a number and of a list of columns', async () => {
    const of = (found: unknown) => [found];
    const small = 'trees := 20, sample := 32, refit_rows := 150, history_rows := 200, seed := 7';
    const options = { trees: 20, sample: 32, refitRows: 150, historyRows: 200, seed: 7 };
    const columnsOf = (value: number | null, uid: number) => [value, uid % 11, 3];
    const one = (value: number | null) => [value];
    await check(`SELECT uid, iforest_score(v, array_agg(v) OVER w, ${small}) AS s FROM t ${window}`, (values) =>
      expected(values, () => severalOf(new IforestScorer(1, options), one), of),
    );
    await check(
      `SELECT uid, iforest_score([v, uid % 11, 3], array_agg([v, uid % 11, 3]) OVER w, ${small}) AS s FROM t ${window}`,
      (values) => expected(values, () => severalOf(new IforestScorer(3, options), columnsOf), of),
    );
  });

  it('iforest, whole and by its fields', async () => {
    const names = ['score', 'is_anomaly', 'expected', 'lower', 'upper', 'confidence', 'type', 'severity'];
    const call = 'iforest(v, array_agg(v) OVER w, trees := 20, sample := 32, refit_rows := 300, contamination := 0.05)';
    await check(`SELECT uid, ${names.map((name) => `f.${name}`).join(', ')} FROM (SELECT uid, ${call} AS f FROM t ${window})`, (values) =>
      expected(
        values,
        () => new Iforest({ trees: 20, sample: 32, refitRows: 300, contamination: 0.05 }),
        (found) => {
          const { score, isAnomaly, expected: mean, lower, upper, confidence, type, severity } = (found ?? {}) as Partial<IforestResult>;
          return [score, isAnomaly, mean, lower, upper, confidence, type, severity].map((each) => each ?? null);
        },
      ),
    );
  });

  it('ewma, robust_zscore, rate and increase', async () => {
    await check(
      `SELECT uid, e.mean, e.deviation, e.z FROM (SELECT uid, ewma(v, array_agg(v) OVER w, alpha := 0.2) AS e FROM t ${window})`,
      (values) =>
        expected(
          values,
          () => new EwmaModel(0.2),
          (found) => [(found as Ewma | null)?.mean ?? null, (found as Ewma | null)?.deviation ?? null, (found as Ewma | null)?.z ?? null],
        ),
    );
    await check(`SELECT uid, robust_zscore(v, array_agg(v) OVER w, rows := 31) AS z FROM t ${window}`, (values) =>
      expected(
        values,
        () => new RobustZscore(31),
        (found) => [found],
      ),
    );
    await check(`SELECT uid, rate(v, array_agg(v) OVER w) AS r, increase(v, array_agg(v) OVER w) AS i FROM t ${window}`, (values) =>
      expected(
        values,
        () => new Counter(),
        (found) => [(found as CounterStep | null)?.rate ?? null, (found as CounterStep | null)?.increase ?? null],
      ),
    );
  });
});
