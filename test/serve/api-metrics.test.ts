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
  const template = /^millrace_(source|query|operator|sink|store|snapshot|process|console)(_[a-z]+)+$/;
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

it('forgets what is gone, and never counts twice', async () => {
  const read = async () => (await (await fetch(`${server.base}/metrics`)).text()).split('\n');
  server.engine.change((status) => ({ ...status, queries: {}, store: { ...status.store, commits: 7 } }));
  await read();
  const lines = await read();
  expect(lines).toContain('millrace_store_commits_total 7');
  expect(lines.some((line) => line.startsWith('millrace_query_state_bytes{'))).toBe(false);
});
