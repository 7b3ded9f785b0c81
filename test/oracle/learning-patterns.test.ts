import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { type Changepoint, ChangepointDetector } from '../../kernels/models/changepoint.ts';
import { Iforest, type IforestResult } from '../../kernels/models/iforest.ts';
import { IforestScorer } from '../../kernels/models/iforest-score.ts';
import { type LogTemplate, LogTemplates } from '../../kernels/models/log-template.ts';
import { Zscore } from '../../kernels/models/zscore.ts';
import { checkLearnt, expected, severalOf, window } from './learning-case.ts';

const hour = 3_600_000_000n;

describe('changes, patterns and forests that are learnt are what their definitions say', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());

  it('changepoint', async () => {
    await checkLearnt(
      compiler,
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
    await checkLearnt(
      compiler,
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
    await checkLearnt(compiler, `SELECT uid, zscore(v, array_agg(v) OVER w, rows := 31) AS z FROM t ${window}`, (values) =>
      expected(
        values,
        () => new Zscore(31),
        (found) => [found],
      ),
    );
  });

  it('iforest_score, of a number and of a list of columns', async () => {
    const of = (found: unknown) => [found];
    const small = 'trees := 20, sample := 32, refit_rows := 150, history_rows := 200, seed := 7';
    const options = { trees: 20, sample: 32, refitRows: 150, historyRows: 200, seed: 7 };
    const columnsOf = (value: number | null, uid: number) => [value, uid % 11, 3];
    const one = (value: number | null) => [value];
    await checkLearnt(compiler, `SELECT uid, iforest_score(v, array_agg(v) OVER w, ${small}) AS s FROM t ${window}`, (values) =>
      expected(values, () => severalOf(new IforestScorer(1, options), one), of),
    );
    await checkLearnt(
      compiler,
      `SELECT uid, iforest_score([v, uid % 11, 3], array_agg([v, uid % 11, 3]) OVER w, ${small}) AS s FROM t ${window}`,
      (values) => expected(values, () => severalOf(new IforestScorer(3, options), columnsOf), of),
    );
  });

  it('iforest, whole and by its fields', async () => {
    const names = ['score', 'is_anomaly', 'expected', 'lower', 'upper', 'confidence', 'type', 'severity'];
    const call = 'iforest(v, array_agg(v) OVER w, trees := 20, sample := 32, refit_rows := 300, contamination := 0.05)';
    await checkLearnt(
      compiler,
      `SELECT uid, ${names.map((name) => `f.${name}`).join(', ')} FROM (SELECT uid, ${call} AS f FROM t ${window})`,
      (values) =>
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
});
