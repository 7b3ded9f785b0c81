// biome-ignore-all lint/suspicious/noThenProperty: the plan's word for a branch's value
import { describe, expect, test } from 'vitest';
import type { Expression } from '../../engine/plan/expression.ts';
import { typeName } from '../../engine/plan/type-name.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { fixtureEnvironment } from './fixture-connectors.ts';

const table = `CREATE TABLE t (ts TIMESTAMP NOT NULL, i INTEGER, b BIGINT NOT NULL, s VARCHAR NOT NULL, d DECIMAL(10,2), m MAP(VARCHAR, DOUBLE),
  st STRUCT(a INTEGER, b VARCHAR), e ENUM('x', 'y'), l INTEGER[], PRIMARY KEY (s)) WITH (connector = generator, event_time = ts);\n`;

/** The expressions that a SELECT over `t` puts out. */
async function bind(select: string): Promise<readonly Expression[]> {
  const text = `${table}CREATE MATERIALIZED VIEW v AS SELECT ${select} FROM t;`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'x/q.sql', text }], fixtureEnvironment);
  expect(diagnostics).toEqual([]);
  const plan = catalog.queries[0]?.plan;
  if (plan?.kind !== 'project') throw new Error(`the root is ${plan?.kind}`);
  return plan.expressions;
}

async function bindOne(select: string): Promise<Expression> {
  return (await bind(`${select} AS x`))[0]!;
}

describe('constants are bound without loss', () => {
  const cases: readonly [string, string, unknown][] = [
    ['1', 'INTEGER', 1n],
    ['9007199254740993', 'BIGINT', 9_007_199_254_740_993n],
    ['170141183460469231731687303715884105727', 'HUGEINT', 2n ** 127n - 1n],
    ['(-170141183460469231731687303715884105727)', 'HUGEINT', -(2n ** 127n) + 1n],
    ['18446744073709551615::UBIGINT', 'UBIGINT', 2n ** 64n - 1n],
    ['-5::TINYINT', 'TINYINT', -5n],
    ['1.50', 'DECIMAL(3,2)', 150n],
    ['123456789012345678901234567890.12', 'DECIMAL(32,2)', 12_345_678_901_234_567_890_123_456_789_012n],
    ['0.1::DOUBLE', 'DOUBLE', 0.1],
    ['1e300', 'DOUBLE', 1e300],
    ["'inf'::DOUBLE", 'DOUBLE', Number.POSITIVE_INFINITY],
    ["'it''s é'", 'VARCHAR', "it's é"],
    ['true', 'BOOLEAN', true],
    ["DATE '2020-02-29'", 'DATE', 18_321n],
    ["TIMESTAMP '2020-01-01 00:00:00.123456'", 'TIMESTAMP', 1_577_836_800_123_456n],
    ["TIMESTAMP '1969-12-31 23:59:59.5'", 'TIMESTAMP', -500_000n],
    ["TIMESTAMPTZ '2020-01-01 00:00:00'", 'TIMESTAMP WITH TIME ZONE', 1_577_836_800_000_000n],
    ["TIME '12:30:01.5'", 'TIME', 45_001_500_000n],
    ["INTERVAL '1 month 2 days 3 seconds'", 'INTERVAL', { months: 1, days: 2, micros: 3_000_000n }],
    ['INTERVAL 5 MINUTE', 'INTERVAL', { months: 0, days: 0, micros: 300_000_000n }],
    ["INTERVAL '1 day'", 'INTERVAL', { months: 0, days: 1, micros: 0n }],
    ['NULL', 'INTEGER', null],
    ['NULL::VARCHAR', 'VARCHAR', null],
    ["'5'::INTEGER + 2 * 3", 'INTEGER', 11n],
  ];
  for (const [sql, type, value] of cases) {
    test(sql, async () => {
      const expression = await bindOne(sql);
      expect(expression).toMatchObject({ kind: 'constant', value, nullable: value === null });
      expect(typeName(expression.type)).toBe(type);
    });
  }
});

describe('expressions are bound as the plan has them', () => {
  test('BETWEEN is two comparisons', async () => {
    const expression = await bindOne('b BETWEEN 3 AND 5');
    expect(expression).toMatchObject({
      kind: 'and',
      nullable: false,
      children: [
        { kind: 'compare', operator: '>=', left: { kind: 'column' }, right: { kind: 'constant', value: 3n, type: { kind: 'bigint' } } },
        { kind: 'compare', operator: '<=', right: { kind: 'constant', value: 5n } },
      ],
    });
  });
  test('CASE with an operand compares it in each branch', async () => {
    const expression = await bindOne("CASE i WHEN 1 THEN 'a' WHEN 2 THEN 'b' END");
    expect(expression).toMatchObject({
      kind: 'case',
      type: { kind: 'varchar' },
      nullable: true,
      branches: [
        { when: { kind: 'compare', operator: '=', right: { value: 1n } }, then: { kind: 'constant', value: 'a' } },
        { when: { right: { value: 2n } }, then: { value: 'b' } },
      ],
      otherwise: { kind: 'constant', value: null, type: { kind: 'varchar' } },
    });
  });
  test('NULLIF is a case', async () => {
    expect(await bindOne('nullif(b, 3)')).toMatchObject({
      kind: 'case',
      nullable: true,
      otherwise: { kind: 'column' },
      branches: [{ then: { value: null } }],
    });
  });
  test('COALESCE, IN, NOT IN, IS DISTINCT FROM, IS NULL', async () => {
    const [coalesce, inside, outside, distinct, isNull] = await bind(
      'coalesce(i, b) AS a, i IN (1, 2) AS c, i NOT IN (1, b) AS e, i IS DISTINCT FROM b AS g, i IS NULL AS h',
    );
    expect(coalesce).toMatchObject({ kind: 'coalesce', nullable: false, children: [{ kind: 'cast' }, { kind: 'column' }] });
    expect(inside).toMatchObject({ kind: 'in', negated: false, list: [{ value: 1n }, { value: 2n }], nullable: true });
    expect(outside).toMatchObject({ kind: 'in', negated: true, child: { kind: 'cast', type: { kind: 'bigint' } } });
    expect(distinct).toMatchObject({ kind: 'compare', operator: 'is_distinct', nullable: false });
    expect(isNull).toMatchObject({ kind: 'is_null', nullable: false });
  });
  test('LIKE, map, struct and list access are calls by their bound names', async () => {
    const list = await bind("s LIKE 'a%' AS a, m['k'] AS c, st.b AS e, l[1] AS g, s NOT ILIKE '%x' AS h");
    expect(list.map((each) => (each.kind === 'call' ? each.name : each.kind))).toEqual([
      '~~',
      'map_extract_value',
      'struct_extract',
      'array_extract',
      '!~~*',
    ]);
    expect(list.map((each) => typeName(each.type))).toEqual(['BOOLEAN', 'DOUBLE', 'VARCHAR', 'INTEGER', 'BOOLEAN']);
  });
  test('structs, maps and lists are calls over constants', async () => {
    const list = await bind("{'a': 1, 'b': 'x'} AS a, MAP {'k': 1} AS c, [1, 2] AS e");
    expect(list.map((each) => (each.kind === 'call' ? each.name : each.kind))).toEqual(['struct_pack', 'map', 'list_value']);
    expect(list.map((each) => typeName(each.type))).toEqual(['STRUCT("a" INTEGER, "b" VARCHAR)', 'MAP(VARCHAR, INTEGER)', 'INTEGER[]']);
  });
  test('decimals keep width and scale; division is of doubles', async () => {
    const list = await bind('d * d AS a, d + 1 AS c, i / 2 AS e, i // 2 AS g');
    expect(list.map((each) => typeName(each.type))).toEqual(['DECIMAL(18,4)', 'DECIMAL(13,2)', 'DOUBLE', 'INTEGER']);
  });
  test('split_part is one call again', async () => {
    expect(await bindOne("split_part(s, '/', 2)")).toMatchObject({
      kind: 'call',
      name: 'split_part',
      nullable: false,
      args: [{ kind: 'column' }, { value: '/' }, { value: 2n }],
    });
  });
  test('a try cast may be NULL where a cast may not', async () => {
    const [attempt, cast] = await bind('TRY_CAST(s AS INTEGER) AS a, CAST(b AS DOUBLE) AS c');
    expect(attempt).toMatchObject({ kind: 'cast', try: true, nullable: true });
    expect(cast).toMatchObject({ kind: 'cast', try: false, nullable: false });
  });
  test('NOT NULL and PRIMARY KEY of a source survive', async () => {
    const list = await bind('ts, i, b, s, e');
    expect(list.map((each) => each.nullable)).toEqual([false, true, false, false, true]);
    expect(list[4]?.type).toEqual({ kind: 'enum', values: ['x', 'y'] });
  });
  test('expressions know where they stand', async () => {
    const [sum] = await bind('b + 12345 AS a');
    if (sum?.kind !== 'call') throw new Error('not a call');
    const text = `${table}CREATE MATERIALIZED VIEW v AS SELECT b + 12345 AS a FROM t;`;
    expect(sum.args.map((each) => text.slice(each.span?.start, each.span?.end))).toEqual(['b', '12345']);
  });
});
