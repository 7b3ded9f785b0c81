import { describe, expect, it } from 'vitest';
import type { RuntimeStatus, SourceStatus } from '../../engine/run/runtime-status.ts';
import { plainText } from '../../engine/status/format-number.ts';
import { StatusTracker } from '../../engine/status/status-tracker.ts';
import { fakeEngine } from '../serve/fake-engine.ts';

function run(seconds: number, queries = 10) {
  let now = Date.UTC(2026, 10, 23, 10, 17, 0);
  const engine = fakeEngine({ queries, now: () => now });
  const tracker = new StatusTracker(engine, '0.1.0');
  const step = (count: number) => {
    for (let index = 0; index < count * 4; index++) {
      now += 250;
      tracker.sample();
    }
  };
  step(seconds);
  return { engine, tracker, step };
}

const near = (value: number | null | undefined, expected: number) => {
  expect(value).toBeGreaterThan(expected * 0.75);
  expect(value).toBeLessThan(expected * 1.25);
};

describe('the status tracker', () => {
  it('turns totals into rates', () => {
    const { tracker } = run(15);
    const tick = tracker.tick();
    near(tick.src.in[0], 24_100);
    near(tick.q.in[3], 38_400);
    near(tick.q.out[1], 310);
    near(tick.q.cpu[0], 7.1);
    near(tick.proc.cpu, 74);
    near(tick.total.in, 24_100 + 14_300 + 3_180 + 118);
    expect(tracker.rates().behindMost).toEqual({ query: 'http/slow_requests', ms: 14_200 });
    expect(tick.q.lag[3]).toBe(14_200);
  });

  it('does not call a query behind that only waits for the next row of a quiet source', () => {
    const { tracker, engine, step } = run(10);
    const { id } = engine.catalog.queries[9] as { id: string };
    expect(tracker.tick().q.lag[9]).not.toBeNull();
    const stopped = engine.status().sources.audit_log as SourceStatus;
    engine.change((status) => {
      const query = status.queries[id];
      if (query === undefined) return status;
      const sources = { ...status.sources, audit_log: { ...stopped, state: 'active' as const } };
      return { ...status, sources, queries: { ...status.queries, [id]: { ...query, state: 'ok' as const, lagMs: 9_000, ownLagMs: 0 } } };
    });
    step(6);
    expect(tracker.tick().q.lag[9]).toBeNull();
    const tick = tracker.queryTick(id);
    expect(tick?.lag.total).toBeNull();
    expect(plainText(tick?.lag.text ?? '')).toMatch(/^waiting for audit_log, whose newest row is .+ old$/);
  });

  it('has no rates before two samples, and none below zero when totals start again', () => {
    const { tracker, engine, step } = run(0);
    expect(tracker.tick().src.in[0]).toBeNull();
    step(5);
    engine.change((status) => ({ ...status, sources: mapValues(status.sources, (source) => ({ ...source, rows: 0 })) }));
    step(1);
    expect(tracker.tick().src.in[0]).toBe(0);
  });

  it('keeps two minutes of history, one point a second', () => {
    const { tracker, step } = run(30);
    expect(tracker.overview().history.t.length).toBe(31);
    step(150);
    const { history } = tracker.overview();
    expect(history.t.length).toBe(120);
    expect(
      new Set([history.in, history.out, history.lag, history.late, history.state, history.cpu].map((column) => column.length)),
    ).toEqual(new Set([120]));
    const [first, second] = history.t as [number, number];
    expect(second - first).toBe(1_000);
    expect(history.q.in.map((points) => points.length)).toEqual(new Array(10).fill(60));
  });

  it('gives 500 queries the rows that are asked for only', () => {
    const { tracker } = run(3, 500);
    const { queries, history } = tracker.overview([40, 60]);
    expect([queries.length, history.q.rows, history.q.in.length]).toEqual([500, [40, 60], 20]);
    expect(tracker.overview().history.q.rows).toEqual([0, 100]);
    const tick = tracker.tick([490, 510]);
    expect([tick.q.rows, tick.q.in.length, tick.q.status.length]).toEqual([[490, 500], 10, 10]);
    expect(tracker.tick().q.in.length).toBe(500);
  });

  it('says what needs attention, worst first, and since when', () => {
    const { tracker, engine, step } = run(10);
    const before = tracker.attention().find((item) => item.kind === 'lag');
    expect(plainText(before?.text ?? '')).toBe(
      'Results are 14 s behind: 100 ms from source http_logs, 500 ms waiting for late rows of http_logs, 14 s here. State is at 86 % of its bound.',
    );
    expect(before?.href).toBe('/queries/http/slow_requests');
    engine.change((status) => fail(status, 'hosts/cpu', 'division of 1 by 0'));
    step(2);
    const items = tracker.attention();
    expect(items[0]).toMatchObject({
      sev: 'critical',
      kind: 'failed',
      q: 'hosts/cpu',
      text: 'Stopped: division of 1 by 0 (queries/hosts/cpu.sql:2)',
    });
    expect(items.find((item) => item.kind === 'lag')?.since).toBe(before?.since);
    expect(tracker.overview().queries.find((query) => query.id === 'hosts/cpu')).toMatchObject({
      status: 'failed',
      sev: 'critical',
      open: 1,
    });
    expect(tracker.verdict().text).toMatch(/^8 of 10 queries keep up, 1 is behind, 1 has failed\./);
  });

  it('names silent sources, lost rows and a slow disk', () => {
    const { tracker, engine, step } = run(5);
    engine.change((status) => ({
      ...status,
      sources: {
        ...status.sources,
        host_metrics: { ...(status.sources.host_metrics as SourceStatus), state: 'idle' },
        audit_log: { ...(status.sources.audit_log as SourceStatus), rejected: 1_000, late: 50_000 },
      },
      store: { ...status.store, lastCommitMs: 4_000 },
    }));
    step(2);
    const said = Object.fromEntries(tracker.attention().map((item) => [`${item.kind} ${item.q ?? 'engine'}`, item]));
    expect(said['idle host_metrics']?.text).toContain('3 queries do not wait for it');
    expect(said['rejected audit_log']?.sql).toBe('SELECT * FROM "audit_log__rejected" ORDER BY time DESC LIMIT 100');
    expect(said['late audit_log']).toMatchObject({ sev: 'warning' });
    expect(plainText(said['store engine']?.text ?? '')).toBe('The last commit took 4 s: the disk holds results up.');
  });

  it('places operators in the SQL text, in characters', () => {
    const { tracker } = run(12);
    const snapshot = tracker.query('http/error_ratio');
    const parts = snapshot?.plan.map((step) => (step.span === null ? null : snapshot.sql.slice(...step.span)));
    expect(parts).toEqual([
      'SELECT window_start, window_end, service',
      'GROUP BY window_start, window_end, service',
      'tumble',
      "env = 'prod'",
      'http_logs',
    ]);
    expect(snapshot?.plan.map((step) => step.depth)).toEqual([0, 1, 2, 3, 4]);
    near(snapshot?.plan[4]?.in, 24_100);
    expect(snapshot).toMatchObject({ time: 'window_end', keys: ['service'], values: ['requests', 'errors', 'ratio'] });
    expect(snapshot?.plan[1]).toMatchObject({ bounded: true, state: 1.9 * 1_048_576 });
    expect(tracker.query('nope')).toBeNull();
  });
});

function mapValues<Value>(record: Readonly<Record<string, Value>>, change: (value: Value) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function fail(status: RuntimeStatus, id: string, error: string): RuntimeStatus {
  const query = status.queries[id] as RuntimeStatus['queries'][string];
  return { ...status, queries: { ...status.queries, [id]: { ...query, state: 'failed', error } } };
}
