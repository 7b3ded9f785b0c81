import { describe, expect, it } from 'vitest';
import { connectors } from '../../../connectors/registry.ts';
import { sinks } from '../../../connectors/sinks.ts';
import { checkGroup } from '../../../engine/run/group/check-group.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';

function topic(name: string, key: string | null): string {
  return `CREATE TABLE ${name} (ts TIMESTAMP, host VARCHAR, zone VARCHAR, v BIGINT) WITH (connector = kafka, brokers = 'b:1', topic = ${name},
    event_time = ts, max_lateness = '1 s'${key === null ? '' : `, partition_key = '${key}'`});`;
}

async function check(sql: string): Promise<void> {
  const text = `${topic('a', 'host')} ${topic('b', 'host')} ${topic('plain', null)}
    CREATE TABLE made (ts TIMESTAMP, host VARCHAR, name VARCHAR, value DOUBLE) WITH (connector = generator, stream = metrics, event_time = ts);
    CREATE TABLE sent (v BIGINT) WITH (role = sink, connector = kafka, brokers = 'b:1', topic = sent);
    CREATE TABLE far (v BIGINT) WITH (role = sink, connector = kafka, brokers = 'c:1', topic = far);
    CREATE TABLE out (v BIGINT) WITH (role = sink, connector = file, path = 'x', format = csv); ${sql}`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q/all.sql', text }] as never, { connectors, sinks });
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  checkGroup(catalog, [{ host: 'b', port: 1 }]);
}

const windowed = (table: string, keys: string) =>
  `CREATE MATERIALIZED VIEW w AS SELECT window_start, ${keys}, count(*) AS n FROM TUMBLE(${table}, ts, INTERVAL '1 second') GROUP BY window_start, ${keys};`;

describe('a group runs', () => {
  it.each([
    ['rows as they come', 'CREATE MATERIALIZED VIEW p AS SELECT ts, v FROM plain WHERE v > 1;'],
    ['rows that go to a topic', 'INSERT INTO sent SELECT v FROM plain;'],
    ['groups by the key of the partitions', windowed('a', 'host')],
    ['groups by it and more', windowed('a', 'host, zone')],
    [
      'a view over a view',
      `${windowed('a', 'host')} CREATE MATERIALIZED VIEW x AS SELECT host, window_start, max(n) AS m FROM TUMBLE(w, window_start, INTERVAL '1 minute') GROUP BY host, window_start;`,
    ],
    [
      'joins of two topics by their keys',
      `CREATE MATERIALIZED VIEW j AS SELECT a.ts AS ts, a.host AS host, a.v + b.v AS v FROM a JOIN b ON a.host = b.host AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second';`,
    ],
    ['groups of which the partitions say nothing', windowed('plain', 'host')],
    ['groups by another column', windowed('a', 'zone')],
    [
      'joins by another column',
      `CREATE MATERIALIZED VIEW j AS SELECT a.ts AS ts, a.v + b.v AS v FROM a JOIN b ON a.zone = b.zone AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second';`,
    ],
  ])('%s', async (_, sql) => {
    await expect(check(sql)).resolves.toBeUndefined();
  });

  it.each([
    [
      'rows that come from no stream',
      "CREATE MATERIALIZED VIEW u AS SELECT ts, v FROM plain UNION ALL SELECT TIMESTAMP '2026-01-01', 1;",
      /E0616.*"u" has rows that come from no stream/,
    ],
    ['sources that are no topics', 'CREATE MATERIALIZED VIEW g AS SELECT ts, host FROM made;', /E0615.*"made"/],
    ['topics of another cluster', 'INSERT INTO far SELECT v FROM plain;', /E0617.*"far": its brokers/],
    ['sinks that are no topics', 'INSERT INTO out SELECT v FROM plain;', /E0617.*"out"/],
  ])('no %s', async (_, sql, wanted) => {
    const fault = await check(sql).then(
      () => null,
      (error: Error & { code?: string; hint?: string }) => error,
    );
    expect(`${fault?.code}: ${fault?.message}; ${fault?.hint}`).toMatch(wanted);
  });
});
