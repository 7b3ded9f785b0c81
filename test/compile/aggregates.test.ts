import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quantileErrorMax } from '../../kernels/quantile-sketch.ts';
import { compareRows } from '../oracle/compare-rows.ts';
import { aggregateRows, definitions } from './aggregate-table.ts';
import { WindowedQueries } from './support/windowed-query.ts';

const seed = Number(process.env.MILLRACE_SEED ?? 7);
/** Rows come up to 25 s behind the largest time before them. */
const lateness = 25_000_000n;

const groupsTogether = 6;

/** The calls agree with DuckDB's, all of them exact. `un` grows with arrival. */
const groups: Readonly<Record<string, readonly string[]>> = {
  lists: [
    'list(i ORDER BY un)',
    'array_agg(s ORDER BY un DESC)',
    'list(d ORDER BY d NULLS FIRST, un)',
    'list(h ORDER BY un)',
    'list(o ORDER BY un)',
  ],
  'lists of nested values': [
    'array_agg(l ORDER BY un)',
    'list(r ORDER BY un)',
    'list(m ORDER BY un)',
    'list(v ORDER BY un)',
    'list({a: i, b: s} ORDER BY un)',
  ],
  'lists with FILTER and order': [
    'list(n ORDER BY un) FILTER (WHERE o)',
    'list(e ORDER BY e DESC NULLS LAST, un)',
    'list(p ORDER BY p NULLS FIRST, un)',
    'list(c ORDER BY c, un)',
  ],
  'joined texts': [
    "string_agg(n, '-' ORDER BY un)",
    "group_concat(s, '|' ORDER BY d, un)",
    "string_agg(DISTINCT s, '|' ORDER BY s)",
    "string_agg(s, ', ' ORDER BY un) FILTER (WHERE i > 3)",
  ],
  distinct: [
    'count(DISTINCT s)',
    'count(DISTINCT d)',
    'count(DISTINCT l)',
    'count(DISTINCT r)',
    'count(DISTINCT (i, s))',
    'count(DISTINCT e)',
    'count(DISTINCT v)',
  ],
  'distinct with FILTER': [
    'count(DISTINCT s) FILTER (WHERE i > 0)',
    'count(DISTINCT s) FILTER (WHERE i <= 0)',
    'count(DISTINCT n)',
    'sum(DISTINCT i) FILTER (WHERE o)',
  ],
  'other distinct aggregates': [
    'sum(DISTINCT i)',
    'avg(DISTINCT y)',
    'max(DISTINCT s)',
    'stddev(DISTINCT y)',
    'median(DISTINCT i)',
    'list_sort(list(DISTINCT s))',
    'list(DISTINCT i ORDER BY i DESC)',
  ],
  'by an order': [
    'first(s ORDER BY un DESC)',
    'last(d ORDER BY un)',
    'arg_max(s, i ORDER BY un)',
    'any_value(s ORDER BY un)',
    'first(l ORDER BY un)',
  ],
  'smallest and largest': [
    'min(v)',
    'max(v)',
    'min(e)',
    'max(e)',
    'min(l)',
    'max(l)',
    'min(r)',
    'max(m)',
    'arg_min(l, un)',
    'arg_max(n, e ORDER BY un)',
  ],
  'continuous quantiles': [
    'quantile_cont(x, 0.9)',
    'quantile_cont(d, 0.5)',
    'quantile_cont(i, 0.25)',
    'quantile_cont(b, 0.75)',
    'quantile_cont(u, 0.5)',
    'quantile_cont(x, [0, 0.1, 0.99, 1])',
    'quantile_cont(x, 0.25 ORDER BY x DESC)',
  ],
  'continuous quantiles of other types': [
    'quantile_cont(f, 0.3)',
    'quantile_cont(p, 0.9)',
    'quantile_cont(q, 0.33)',
    'quantile_cont(w, 0.5)',
    'quantile_cont(h, 0.5)',
    'quantile_cont(c, 0.5)',
    'quantile_cont(dt, 0.4)',
  ],
  'discrete quantiles': [
    'quantile_disc(x, [0.1, 0.5, 0.99])',
    'quantile_disc(s, 0.5)',
    'quantile_disc(i, 0.9)',
    'quantile_disc(v, 0.5)',
    'quantile_disc(h, 0.5)',
    'quantile_disc(e, 0.5)',
    'quantile_disc(l, 0.5)',
    'quantile_disc(l, [0.5])',
    'quantile_disc(n, 0.25 ORDER BY n DESC)',
  ],
  medians: ['median(i)', 'median(d)', 'median(s)', 'median(dt)', 'median(p)', 'median(c)', 'median(f)', 'mad(x)', 'mad(p)', 'mad(f)'],
  counts: ['histogram(s)', 'histogram(i)', 'entropy(s)', 'entropy(i)', 'count(l)', 'count(r)'],
  'two variables': [
    'covar_pop(y, x)',
    'covar_samp(y, x)',
    'corr(y, x)',
    'regr_count(y, x)',
    'regr_avgx(y, x)',
    'regr_avgy(y, x)',
    'regr_sxx(y, x)',
    'regr_syy(y, x)',
    'regr_sxy(y, x)',
    'regr_slope(y, x)',
    'regr_intercept(y, x)',
    'regr_r2(y, x)',
  ],
  'one variable': ['skewness(y)', 'sem(y)', 'fsum(y)', 'kahan_sum(x)', 'favg(y)', 'product(y)'],
  bits: ['bit_and(i)', 'bit_or(b)', 'bit_xor(u)', 'bit_xor(h)', 'bit_and(m8)'],
  'functions of lists': [
    'list_sum(list(i))',
    'list_max(array_agg(x))',
    'len(list(i))',
    'list(i ORDER BY un)[1]',
    'list(i ORDER BY un)[2:3]',
    "list_contains(list(s), 'a')",
    'list(r ORDER BY un)[1].z',
  ],
};

const windows = {
  tumble: "tumble(t, ts, INTERVAL '10 seconds')",
  hop: "hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds')",
};

const keyed: Readonly<Record<string, string>> = {
  'a list': 'l',
  'a struct': 'r',
  'a map': 'm',
  'an enum': 'e',
  'a list of texts': '[s, n[1]]',
  'a struct with doubles': "{'a': floor(x / 400), 'b': o}",
  'an interval': 'CASE WHEN o THEN INTERVAL 1 MONTH ELSE INTERVAL 3 DAY END',
};

describe('aggregates agree with DuckDB', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(definitions, aggregateRows(3_001, seed));
  });
  afterAll(() => stream.close());

  // One module for many calls: compiling is what takes time. Sums of powers lose digits where they cancel, in either order of adding.
  const names = Object.keys(groups);
  for (const [window, from] of Object.entries(windows)) {
    for (let first = 0; first < names.length; first += groupsTogether) {
      const together = names.slice(first, first + groupsTogether);
      it(`${together.join('; ')}: ${window}`, async () => {
        const calls = together.flatMap((name) => groups[name] as readonly string[]);
        const body = `SELECT window_start, g, ${calls.join(', ')} FROM ${from} GROUP BY window_start, window_end, g`;
        expect(await stream.compare(body, { batchRows: 700, lateness })).toEqual([]);
      });
    }
  }

  it.each([1, 64, 3_001])('in batches of %d', async (batchRows) => {
    const calls = ['list(s ORDER BY un)', 'count(DISTINCT n)', 'quantile_cont(x, 0.9)', 'histogram(i)', 'max(l)'];
    const body = `SELECT window_start, g, ${calls.join(', ')} FROM ${windows.hop} GROUP BY window_start, window_end, g`;
    expect(await stream.compare(body, { batchRows, lateness })).toEqual([]);
  });

  it.each(Object.entries(keyed))('grouped by %s', async (_name, key) => {
    const body = `SELECT window_start, ${key} AS k, count(*), max(n), list(un ORDER BY un) FROM ${windows.tumble} GROUP BY window_start, window_end, k`;
    expect(await stream.compare(body, { batchRows: 700, lateness })).toEqual([]);
  });

  it('without ORDER BY: the values of a list, whatever their order', async () => {
    const body = `SELECT window_start, g, list_sort(list(i)), list_sort(array_agg(n)), list_sort(string_split(string_agg(n, ','), ',')), list_sort(list(DISTINCT l)) FROM ${windows.hop} GROUP BY window_start, window_end, g`;
    expect(await stream.compare(body, { batchRows: 700, lateness })).toEqual([]);
  });

  it.each(Object.entries(windows))('sketches are within their stated error: %s', async (_window, from) => {
    const select = (calls: readonly string[]) =>
      `SELECT window_start, g, ${calls.map((call, k) => `${call} AS c${k}`).join(', ')} FROM ${from} GROUP BY window_start, window_end, g`;
    const exact = ['x', 'y', 'd'].flatMap((column) => [0.5, 0.9, 0.99].map((q) => [column, q] as const));
    const program = await stream.program(
      select([
        ...exact.map(([column, q]) => `approx_quantile(${column}, ${q})`),
        'approx_quantile(x, [0.25, 0.75])[1]',
        'approx_count_distinct(n)',
        'approx_count_distinct(l)',
      ]),
    );
    const { rows } = await stream.stream(program, { batchRows: 700, lateness });
    const expected = await stream.expected(
      select([
        ...exact.map(([column, q]) => `quantile_disc(${column}, ${q})`),
        'quantile_disc(x, 0.25)',
        'count(DISTINCT n)',
        'count(DISTINCT l)',
      ]),
    );
    expect(compareRows(rows, expected, quantileErrorMax)).toEqual([]);
  });

  it('nested columns and results in a cascade', async () => {
    const inner = `SELECT window_start, g, list(n ORDER BY un) AS names, {'a': max(i), 'b': min(s)} AS pair FROM ${windows.tumble} GROUP BY window_start, window_end, g`;
    const body = `WITH a AS (${inner}) SELECT window_start, max(len(names)), max(pair.b), list(pair ORDER BY g, names), max(names), count(DISTINCT names) FROM tumble(a, window_start, INTERVAL '1 minute') GROUP BY window_start, window_end`;
    expect(await stream.compare(body, { batchRows: 700, lateness })).toEqual([]);
  });

  it('memory that groups own is used again, and strings that nobody keeps go', async () => {
    const calls = ["list('text ' || un::VARCHAR || repeat('x', 200))", 'count(DISTINCT un)', "string_agg(n, ',')", 'quantile_cont(x, 0.5)'];
    const body = `SELECT window_start, g, ${calls.map((call, k) => `${call} AS c${k}`).join(', ')} FROM ${windows.hop} GROUP BY window_start, window_end, g`;
    const program = await stream.program(body);
    const once = await stream.stream(program, { batchRows: 64, lateness });
    expect(once.instance.memoryBytes()).toBeLessThan(48 << 20);
  });
});
