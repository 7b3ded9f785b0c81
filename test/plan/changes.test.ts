import { describe, expect, test } from 'vitest';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { printPlan } from '../../engine/plan/print-plan.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { fixtureEnvironment } from './fixture-connectors.ts';

const tables = `CREATE TABLE s (ts TIMESTAMP NOT NULL, svc VARCHAR, id BIGINT, ms DOUBLE) WITH (connector = generator, event_time = ts);
CREATE TABLE other (ts TIMESTAMP NOT NULL, svc VARCHAR, id BIGINT) WITH (connector = generator, event_time = ts);
CREATE TABLE owners (svc VARCHAR, owner VARCHAR, PRIMARY KEY (svc)) WITH (connector = file, path = 'x', kind = lookup);
CREATE MATERIALIZED VIEW counts WITH (state_ttl = '1 d') AS SELECT svc, count(*) AS n FROM s GROUP BY svc;
CREATE MATERIALIZED VIEW early WITH (emit_early_every = '10 s') AS
  SELECT window_start, svc, count(*) AS n FROM tumble(s, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, svc;
`;

async function query(body: string, options = ''): Promise<QueryDefinition & { readonly codes: readonly string[] }> {
  const text = `${tables}CREATE MATERIALIZED VIEW v ${options === '' ? '' : `WITH (${options}) `}AS ${body};`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q/v.sql', text }], fixtureEnvironment);
  const found = catalog.queries.find((each) => each.name === 'v');
  if (found === undefined) throw new Error(diagnostics.map((each) => each.message).join('\n'));
  return { ...found, codes: diagnostics.map((each) => each.code) };
}

const window = "tumble(s, ts, INTERVAL '1 minute')";
const perWindow = `SELECT window_end, svc, count(*) AS n FROM ${window} GROUP BY window_start, window_end, svc`;

/** Body, options, whether its rows change, and the names of its key. */
const cases: Readonly<Record<string, readonly [string, string, boolean, readonly string[] | null]>> = {
  'a filter of a source': ['SELECT svc, ms FROM s WHERE ms > 5', '', false, null],
  'a window, of which the end alone is left': [perWindow, '', false, ['window_end', 'svc']],
  'a window with changes': [perWindow, 'emit = changes', true, ['window_end', 'svc']],
  'a window with early results': [perWindow, "emit_early_every = '10 s'", true, ['window_end', 'svc']],
  'a window without one of its keys': [`SELECT window_end, n FROM (${perWindow})`, 'emit = changes', true, null],
  'one group': ['SELECT count(*) AS n, max(ms) AS top FROM s', '', true, []],
  'groups under another name and type': [
    'SELECT svc AS u, id::VARCHAR AS i, count(*) AS n FROM s GROUP BY svc, id',
    "state_ttl = '1 d'",
    true,
    ['u', 'i'],
  ],
  DISTINCT: ['SELECT DISTINCT svc, id FROM s', "state_ttl = '1 d'", false, ['svc', 'id']],
  'the last of each key': [
    'SELECT svc, ms, ts FROM s QUALIFY row_number() OVER (PARTITION BY svc ORDER BY ts DESC) = 1',
    "state_ttl = '1 d'",
    true,
    ['svc'],
  ],
  'the first of each key': [
    'SELECT svc, ms, ts FROM s QUALIFY row_number() OVER (PARTITION BY svc ORDER BY ts) = 1',
    "state_ttl = '1 d'",
    false,
    ['svc'],
  ],
  'the top three': [
    'SELECT svc, ms, row_number() OVER (PARTITION BY svc ORDER BY ms DESC, id) AS rn FROM s QUALIFY rn <= 3',
    "state_ttl = '1 d'",
    true,
    ['svc', 'rn'],
  ],
  'the top three of a window': [
    `SELECT window_start, svc, ms, row_number() OVER (PARTITION BY window_start ORDER BY ms DESC, id) AS rn FROM ${window} QUALIFY rn <= 3`,
    '',
    false,
    ['window_start', 'rn'],
  ],
  'the same with changes': [
    `SELECT window_start, svc, ms, row_number() OVER (PARTITION BY window_start ORDER BY ms DESC, id) AS rn FROM ${window} QUALIFY rn <= 3`,
    'emit = changes',
    true,
    ['window_start', 'rn'],
  ],
  'rows in the order of time': [
    'SELECT svc, avg(ms) OVER (PARTITION BY svc ORDER BY ts ROWS 10 PRECEDING) AS m FROM s',
    'emit = changes',
    false,
    null,
  ],
  'the row after': ['SELECT svc, lead(ms) OVER (PARTITION BY svc ORDER BY ts) AS next FROM s', "state_ttl = '1 d'", true, null],
  'an interval join': [
    "SELECT s.id AS a, other.id AS b FROM s JOIN other ON s.svc = other.svc AND s.ts BETWEEN other.ts AND other.ts + INTERVAL '5 minutes'",
    'emit = changes',
    false,
    null,
  ],
  'a join without a limit': ['SELECT s.id AS a, other.id AS b FROM s JOIN other ON s.svc = other.svc', "state_ttl = '1 d'", false, null],
  'the same, with what has no partner': [
    'SELECT s.id AS a, other.id AS b FROM s LEFT JOIN other ON s.svc = other.svc',
    "state_ttl = '1 d'",
    true,
    null,
  ],
  'rows that have a partner': ['SELECT id FROM s WHERE svc IN (SELECT svc FROM other)', "state_ttl = '1 d'", false, null],
  'rows that have none': [
    'SELECT id FROM s WHERE NOT EXISTS (SELECT 1 FROM other WHERE other.svc = s.svc)',
    "state_ttl = '1 d'",
    true,
    null,
  ],
  'two views joined by their keys': [
    'SELECT c.svc, c.n, e.window_start, e.n AS m FROM counts AS c JOIN early AS e ON c.svc = e.svc',
    "state_ttl = '1 d'",
    true,
    ['svc', 'window_start'],
  ],
  'a view that changes, with a lookup': [
    'SELECT c.svc, n, owner FROM counts AS c LEFT JOIN owners ON c.svc = owners.svc',
    '',
    true,
    ['svc'],
  ],
  'a filter of a view that changes': ['SELECT n, svc FROM counts WHERE n > 5', '', true, ['svc']],
  'a union': ['SELECT svc, n FROM counts UNION ALL SELECT svc, id FROM other', '', true, null],
  'windows of early results, final again': [
    "SELECT e.window_start, e.window_end, max(n) AS top FROM (SELECT t.window_start, t.window_end, n FROM tumble(early_time, w, INTERVAL '5 minutes') AS t) AS e GROUP BY ALL",
    '',
    false,
    ['window_start'],
  ],
};

describe('what changes, and what tells rows apart', () => {
  for (const [name, [body, options, changes, key]] of Object.entries(cases)) {
    test(name, async () => {
      const text = body.includes('early_time') ? `WITH early_time AS (SELECT window_start AS w, n FROM early) ${body}` : body;
      const found = await query(text, options);
      expect(found.codes).toEqual([]);
      expect([found.resultChanges, found.resultKey?.map((index) => found.schema[index]?.name) ?? null]).toEqual([changes, key]);
      expect(found.changes).toHaveLength(found.plan.id + 1);
    });
  }

  test('is what explain says of each operator', async () => {
    const found = await query('SELECT svc, max(n) AS top FROM counts GROUP BY svc', "state_ttl = '1 d'");
    expect(printPlan(found)).toMatchInlineSnapshot(`
      "Project  svc, top            changes; key: svc
      └ Aggregate  max(n) by svc   bounded: groups are forgotten 1 d after their last row; changes: a later row of a group changes its result; key: svc
        └ Scan  counts (svc, n)    changes: rows of counts are taken back; key: svc"
    `);
  });

  test('emit_early_every is of no use where nothing waits', async () => {
    expect((await query('SELECT svc, ms FROM s', "emit_early_every = '10 s'")).codes).toEqual(['W0110']);
  });
});
