import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { Cascade, type InputRow, Running } from './support/running-query.ts';

const second = 1_000_000n;

let compiler: Compiler;
beforeAll(() => {
  compiler = new Compiler({ cacheDirectory: null });
});
afterAll(async () => await compiler.close());

describe('results that change, row by row', () => {
  it('takes the old result back before it puts out the new one, and says nothing when nothing changes', async () => {
    const query = await Running.start(
      compiler,
      "emit = changes, state_ttl = '1 d'",
      'SELECT k, count(*) AS n, max(v) AS high FROM t GROUP BY k',
    );
    expect(query.push([1, 'a', 5], [2, 'b', 7])).toEqual(['+ a 1 5', '+ b 1 7']);
    expect(query.push([3, 'a', 4], [4, 'a', 9])).toEqual(['- a 1 5', '+ a 3 9']);
    expect(query.push([5, null, null])).toEqual(['+ NULL 1 NULL']);
    const same = await Running.start(compiler, "emit = changes, state_ttl = '1 d'", 'SELECT k, max(v) AS high FROM t GROUP BY k');
    expect(same.push([1, 'a', 5])).toEqual(['+ a 5']);
    expect(same.push([2, 'a', 3])).toEqual([]);
  });

  it('has one row of no rows, which the first row replaces', async () => {
    const query = await Running.start(compiler, 'emit = changes', 'SELECT count(*) AS n, sum(v) AS s FROM t');
    expect(query.advance(1)).toEqual(['+ 0 NULL']);
    expect(query.push([2, 'a', 5])).toEqual(['- 0 NULL', '+ 1 5']);
    expect(query.push([3, 'a', null])).toEqual(['- 1 5', '+ 2 5']);
  });

  it('puts out early results when the watermark passes a multiple of the period, and the rest at the end of the window', async () => {
    const query = await Running.start(
      compiler,
      "emit_early_every = '10 s'",
      "SELECT window_start, k, sum(v) AS s FROM tumble(t, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, k",
    );
    expect(query.push([1, 'a', 1])).toEqual([]);
    expect(query.advance(5)).toEqual([]);
    expect(query.push([6, 'a', 2])).toEqual([]);
    expect(query.advance(9)).toEqual([]);
    expect(query.push([10, 'a', 8])).toEqual([]);
    expect(query.advance(14)).toEqual(['+ 0s a 3']);
    expect(query.advance(20)).toEqual(['- 0s a 3', '+ 0s a 11']);
    expect(query.push([59, 'a', 4])).toEqual([]);
    expect(query.advance(65)).toEqual(['- 0s a 11', '+ 0s a 15']);
    expect(query.advance(120)).toEqual([]);
    expect(query.instance.counters().reduce((rows, each) => rows + each.stateRows, 0)).toBe(0);
  });

  it('forgets a group state_ttl after its last row, without taking it back', async () => {
    const query = await Running.start(compiler, "emit = changes, state_ttl = '1 min'", 'SELECT k, count(*) AS n FROM t GROUP BY k');
    expect(query.push([1, 'a', 1], [1, 'b', 1])).toEqual(['+ a 1', '+ b 1']);
    expect(query.advance(10)).toEqual([]);
    expect(query.push([40, 'b', 1])).toEqual(['- b 1', '+ b 2']);
    expect(query.advance(65)).toEqual([]);
    expect(query.push([66, 'a', 1], [66, 'b', 1])).toEqual(['- a 1', '+ a 2', '- b 2', '+ b 3']);
    expect(query.advance(130)).toEqual([]);
    expect(query.push([131, 'a', 1])).toEqual(['+ a 1']);
  });

  it('drops a group that no row is left of', async () => {
    const query = await Running.start(
      compiler,
      "emit = changes, state_ttl = '1 d'",
      'SELECT n, count(*) AS keys, min(k) AS least FROM (SELECT k, count(*) AS n FROM t GROUP BY k) GROUP BY n',
    );
    expect(query.push([1, 'b', 1])).toEqual(['+ 1 1 b']);
    expect(query.push([2, 'a', 1])).toEqual(['- 1 1 b', '+ 1 2 a']);
    expect(query.push([3, 'a', 1])).toEqual(['- 1 2 a', '+ 1 1 b', '+ 2 1 a']);
    expect(query.push([4, 'b', 1])).toEqual(['- 1 1 b', '- 2 1 a', '+ 2 2 a']);
  });

  it('HAVING shows a group while it holds', async () => {
    const query = await Running.start(
      compiler,
      "emit = changes, state_ttl = '1 d'",
      'SELECT k, count(*) AS n FROM t GROUP BY k HAVING count(*) BETWEEN 2 AND 3',
    );
    expect(query.push([1, 'a', 1])).toEqual([]);
    expect(query.push([2, 'a', 1])).toEqual(['+ a 2']);
    expect(query.push([3, 'a', 1])).toEqual(['- a 2', '+ a 3']);
    expect(query.push([4, 'a', 1])).toEqual(['- a 3']);
  });

  it('DISTINCT gives the first row of each key at once', async () => {
    const query = await Running.start(compiler, "state_ttl = '1 d', emit = final", 'SELECT DISTINCT ON (k) k, v FROM t');
    expect(query.push([1, 'a', 1], [2, 'a', 2], [3, 'b', null])).toEqual(['+ a 1', '+ b NULL']);
    expect(query.push([4, 'b', 3], [5, null, 4])).toEqual(['+ NULL 4']);
  });

  it('gives the groups of constant rows at the first watermark', async () => {
    const query = await Running.start(
      compiler,
      'emit = final',
      'SELECT ts, 0 AS n FROM t UNION ALL SELECT NULL, sum(a) FROM (VALUES (1), (2)) x(a)',
    );
    expect(query.push([1, 'a', 1])).toEqual(['+ 1s 0']);
    expect(query.advance(1)).toEqual(['+ NULL 3']);
    expect(query.advance(2)).toEqual([]);
  });

  it('keeps the strings that groups, shown results and kept rows refer to, and no others', async () => {
    const query = await Running.start(
      compiler,
      "emit = changes, state_ttl = '1 d'",
      'SELECT max(m) AS high, min(m) AS low, sum(n) AS n FROM (SELECT v, max(k) AS m, count(*) AS n FROM t GROUP BY v)',
    );
    const highest = new Map<number, string>();
    let last: string[] = [];
    for (let round = 0; round < 40; round++) {
      const rows = Array.from({ length: 8000 }, (_, row): InputRow => {
        const key = `key ${((round * 8000 + row) * 7919) % 1_000_003} of round ${round}`;
        const group = (row * 31 + round) % 97;
        const before = highest.get(group);
        if (before === undefined || key > before) highest.set(group, key);
        return [round, key, group];
      });
      last = query.push(...rows);
    }
    const sorted = [...highest.values()].sort();
    expect(last.at(-1)).toBe(`+ ${sorted.at(-1)} ${sorted[0]} 320000`);
    expect(query.instance.memoryBytes()).toBeLessThan(48 << 20);
  });

  it('ignores rows of groups that were final before a restart', async () => {
    const query = await Running.start(
      compiler,
      'emit = changes',
      "SELECT window_start, count(*) AS n FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end",
    );
    query.instance.resumeFrom(20n * second);
    expect(query.push([15, 'a', 1], [21, 'a', 1])).toEqual(['+ 20s 1']);
    expect(query.instance.oldestOpenStart()).not.toBeNull();
  });
});

describe('views over views that change', () => {
  const lower = `CREATE MATERIALIZED VIEW a WITH (emit = changes) AS SELECT window_start AS w, k, count(*) AS n, max(v) AS high
    FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k;`;

  it('a final window over early results counts each row once', async () => {
    const cascade = await Cascade.start(
      compiler,
      `${lower} CREATE MATERIALIZED VIEW b WITH (emit = final) AS SELECT window_start, sum(n) AS n, max(high) AS high, count(*) AS parts
        FROM tumble(a, w, INTERVAL '20 seconds') GROUP BY window_start, window_end;`,
    );
    expect(cascade.push([1, 'a', 5], [2, 'b', 7])).toEqual([]);
    expect(cascade.push([3, 'a', 1], [12, 'a', 9], [31, 'a', 3])).toEqual([]);
    expect(cascade.advance(31)).toEqual(['+ 0s 4 9 3']);
    expect(cascade.advance(60)).toEqual(['+ 20s 1 3 1']);
  });

  it('a changing aggregate over a view that changes takes its old rows back', async () => {
    const cascade = await Cascade.start(
      compiler,
      `CREATE MATERIALIZED VIEW a WITH (emit = changes, state_ttl = '1 d') AS SELECT k, count(*) AS n, max(v) AS high FROM t GROUP BY k;
       CREATE MATERIALIZED VIEW b WITH (emit = changes, state_ttl = '1 d') AS SELECT n % 2 AS odd, count(*) AS keys, max(high) AS high FROM a GROUP BY odd;`,
    );
    expect(cascade.push([1, 'a', 5], [1, 'b', 7])).toEqual(['+ 1 2 7']);
    expect(cascade.push([2, 'b', 2])).toEqual(['- 1 2 7', '+ 1 1 5', '+ 0 1 7']);
    expect(cascade.push([3, 'b', 2])).toEqual(['- 0 1 7', '- 1 1 5', '+ 1 2 7']);
  });
});
