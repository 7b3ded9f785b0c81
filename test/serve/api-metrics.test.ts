import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { metrics } from '../../engine/serve/metrics.ts';
import { startTestServer, type TestServer } from './api-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

it('names every metric after the template, and documents it', () => {
  const template = /^millrace_(source|query|operator|sink|edge|store|snapshot|process|console)(_[a-z]+)+$/;
  const documented = [...page.matchAll(/^\| `(millrace_[a-z_]+)` \| (.*) \| (.*) \|$/gm)].map(([, name, labels, help]) => ({
    name,
    labels,
    help,
  }));
  const written = metrics.map(({ name, labels, help }) => ({ name, labels: labels.map((label) => `\`${label}\``).join(', '), help }));
  expect(documented).toEqual(written);
  for (const { name, type } of metrics)
    expect([name, template.test(name), name.endsWith('_total')]).toEqual([name, true, type === 'counter']);
});

it('gives them all in the text format of Prometheus', async () => {
  const response = await fetch(`${server.base}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n');
  for (const { name, type } of metrics) expect(lines).toContain(`# TYPE ${name} ${type}`);
  const sample = /^millrace_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?\d+(\.\d+)?(e[+-]?\d+)?$/;
  expect(lines.filter((line) => line !== '' && !line.startsWith('#') && !sample.test(line))).toEqual([]);
  expect(
    lines.some((line) => line.startsWith('millrace_operator_state_rows{query="http/error_ratio",node="3",operator="Aggregate"} 46')),
  ).toBe(true);
  expect(lines).toContain('millrace_query_state{query="http/slow_requests",state="behind"} 1');
});

it('counts what goes between the lanes of a group', async () => {
  const edge = { topic: 'g.q-1.0a1b2c3d', query: 'http/q', sentRows: 5, sentBytes: 600, readRows: 3, readBytes: 90 };
  const edges = [{ ...edge, watermark: null, newestWatermark: 1_700_000_000_000, waitsFor: [1, 2] }];
  const group = {
    name: 'g',
    member: 'm',
    lanes: [0],
    lanesTotal: 4,
    moves: 1,
    fences: 0,
    rebalances: 1,
    acknowledgedAt: 1,
    loadedRecords: 0,
  };
  server.engine.change((status) => ({ ...status, group: { ...group, edges } }));
  const lines = (await (await fetch(`${server.base}/metrics`)).text()).split('\n').filter((line) => line.startsWith('millrace_edge_'));
  const labels = '{query="http/q",topic="g.q-1.0a1b2c3d"}';
  expect(lines).toEqual([
    `millrace_edge_sent_rows_total${labels} 5`,
    `millrace_edge_sent_bytes_total${labels} 600`,
    `millrace_edge_read_rows_total${labels} 3`,
    `millrace_edge_read_bytes_total${labels} 90`,
    `millrace_edge_newest_watermark_timestamp_seconds${labels} 1700000000`,
    `millrace_edge_waiting_lanes${labels} 2`,
  ]);
});

it('forgets what is gone, and never counts twice', async () => {
  const read = async () => (await (await fetch(`${server.base}/metrics`)).text()).split('\n');
  server.engine.change((status) => ({ ...status, queries: {}, store: { ...status.store, commits: 7 } }));
  await read();
  const lines = await read();
  expect(lines).toContain('millrace_store_commits_total 7');
  expect(lines.some((line) => line.startsWith('millrace_query_state_bytes{'))).toBe(false);
});
