import { beforeAll, describe, expect, it } from 'vitest';
import { connectors } from '../../../connectors/registry.ts';
import { sinks } from '../../../connectors/sinks.ts';
import { type GroupOutlook, lookAtEdges } from '../../../engine/run/group/look-at-edges.ts';
import type { Catalog } from '../../../engine/plan/catalog.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';

const topic = (name: string, key: string) => `CREATE TABLE ${name} (ts TIMESTAMP, host VARCHAR, zone VARCHAR, v BIGINT) WITH (
  connector = kafka, brokers = 'b:1', topic = ${name}, event_time = ts, max_lateness = '1 s'${key});`;

const windowed = (
  name: string,
  table: string,
  keys: string,
) => `CREATE MATERIALIZED VIEW ${name} AS SELECT window_start, ${keys}, count(*) AS n
  FROM TUMBLE(${table}, ts, INTERVAL '1 second') GROUP BY window_start, ${keys};`;

const text = `${topic('a', ", partition_key = 'host'")} ${topic('b', '')}
CREATE TABLE made (ts TIMESTAMP, host VARCHAR, name VARCHAR, value DOUBLE) WITH (connector = generator, stream = metrics, event_time = ts);
${windowed('by_host', 'a', 'host')}
${windowed('by_zone', 'a', 'zone')}
CREATE MATERIALIZED VIEW odd AS SELECT window_start, upper(zone) AS upper, sum(n)::BIGINT AS n
  FROM TUMBLE(by_zone, window_start, INTERVAL '1 minute') GROUP BY window_start, upper;
CREATE MATERIALIZED VIEW met AS SELECT a.ts AS ts, a.v + b.v AS v FROM a JOIN b ON a.zone = b.zone AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second';
CREATE MATERIALIZED VIEW running AS SELECT ts, v, count(*) OVER (ORDER BY ts, v ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS four FROM b;
CREATE MATERIALIZED VIEW joined AS SELECT ts, v FROM b UNION ALL SELECT TIMESTAMP '2026-01-01', 1;
CREATE MATERIALIZED VIEW passed AS SELECT ts, host FROM made;`;

describe('what goes through topics between the lanes of a group, before it starts', () => {
  let catalog: Catalog;
  let outlook: Map<string, GroupOutlook>;

  beforeAll(async () => {
    const loaded = await loadCatalog([{ path: 'q/all.sql', text }] as never, { connectors, sinks });
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    catalog = loaded.catalog;
    outlook = new Map((await lookAtEdges(catalog, 'g', 4)).map((each) => [each.query.name, each]));
  });

  const edges = (name: string) =>
    outlook.get(name)!.edges.map(({ topic: full, operator, ...edge }) => {
      expect(full).toMatch(new RegExp(`^g\\.${name}-[12]\\.[0-9a-f]{8}$`));
      return { ...edge, operator: operator?.kind };
    });

  it('names keys and the operator that rows meet in', () => {
    expect(edges('by_host')).toEqual([]);
    expect(edges('by_zone')).toEqual([{ reads: ['a'], partial: true, keys: ['zone'], home: null, operator: 'aggregate' }]);
    expect(edges('odd')).toMatchObject([{ reads: ['by_zone'], partial: true, keys: ['upper(zone)'], operator: 'aggregate' }]);
    expect(edges('met')).toEqual([
      { reads: ['a'], partial: false, keys: ['zone'], home: null, operator: 'join' },
      { reads: ['b'], partial: false, keys: ['zone'], home: null, operator: 'join' },
    ]);
    expect(edges('running')).toEqual([{ reads: ['b'], partial: false, keys: [], home: expect.any(Number), operator: 'over' }]);
  });

  it('says all that no group can run, and goes on with the others', () => {
    const codes = [...outlook.values()].flatMap(({ query, refused }) => refused.map(({ code }) => `${query.name} ${code}`));
    expect(codes).toEqual(['joined E0616', 'passed E0615']);
  });

  it('is the same each time, and nothing with one lane', async () => {
    const topics = async (lanes: number) =>
      (await lookAtEdges(catalog, 'g', lanes)).flatMap((each) => each.edges.map((edge) => edge.topic));
    expect(await topics(4)).toEqual(await topics(4));
    expect(await topics(1)).toEqual([]);
  });
});
