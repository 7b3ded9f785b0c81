import { describe, expect, it } from 'vitest';
import type { QueryStatus, RuntimeStatus } from '../../engine/run/runtime-status.ts';
import { attention } from '../../engine/status/attention.ts';
import { plainText } from '../../engine/status/format-number.ts';
import { verdict } from '../../engine/status/verdict.ts';
import { fakeEngine } from '../serve/fake-engine.ts';

const now = Date.UTC(2026, 10, 23, 10, 17, 0);
const engine = fakeEngine({ now: () => now });
const status = engine.status();

/** Every query keeps up, except those named with another state. */
function withStates(states: Readonly<Record<string, QueryStatus['state']>>): RuntimeStatus {
  const queries = Object.entries(status.queries).map(([id, query]) => [id, { ...query, state: states[id] ?? 'ok' } as QueryStatus]);
  return { ...status, queries: Object.fromEntries(queries) };
}
const say = (changed: RuntimeStatus) => {
  const { level, text, parts } = verdict(changed, engine.catalog);
  expect(parts.map((part) => part.text).join('')).toBe(text);
  return `${level}: ${plainText(text)}`;
};

describe('the verdict', () => {
  it('counts who keeps up', () => {
    expect(say(withStates({}))).toBe('ok: All 10 queries keep up.');
    expect(say(withStates({ 'http/slow_requests': 'behind' }))).toBe('warning: 9 of 10 queries keep up, 1 is behind.');
    expect(say(withStates({ 'http/slow_requests': 'behind', 'hosts/cpu': 'failed', 'hosts/disk_full': 'failed' }))).toBe(
      'critical: 7 of 10 queries keep up, 1 is behind, 2 have failed.',
    );
    expect(say(withStates({ 'audit/login_bursts': 'idle' }))).toBe('ok: All 10 queries keep up, 1 has no input at the moment.');
    expect(say(withStates({ 'audit/login_bursts': 'starting' }))).toBe('ok: 9 of 10 queries keep up, 1 is starting.');
    expect(say(withStates(Object.fromEntries(Object.keys(status.queries).map((id) => [id, 'ended']))))).toBe(
      'ok: All 10 queries have read their input to the end.',
    );
  });

  it('names sources that have failed', () => {
    const source = status.sources.http_logs as RuntimeStatus['sources'][string];
    const failed = { ...withStates({}), sources: { ...status.sources, http_logs: { ...source, state: 'failed' as const } } };
    expect(say(failed)).toBe('critical: All 10 queries keep up. Source http_logs has failed.');
  });

  it('names sources that wait for a broker, and those that reject too much', () => {
    const { http_logs, audit_log } = status.sources as Record<string, RuntimeStatus['sources'][string]>;
    const sources = {
      ...status.sources,
      http_logs: { ...http_logs, state: 'waiting', waiting: { since: now - 12_000, reason: 'no broker can be spoken to' } },
      audit_log: { ...audit_log, rejectingSince: now - 5_000, rejectedShare: 0.042 },
    } as RuntimeStatus['sources'];
    const changed = { ...withStates({}), sources };
    expect(say(changed)).toBe(
      'critical: All 10 queries keep up. Source http_logs waits for its input to be reachable. Source audit_log rejects too many of its rows.',
    );
    const counts = () => ({ rows: 100, late: 0, rejected: 4 });
    const found = attention({ status: changed, catalog: engine.catalog, counts, events: [] });
    const critical = found.filter(({ sev }) => sev === 'critical').map(({ kind, q, text, at }) => [kind, q, at, plainText(text)]);
    expect(critical).toEqual([
      [
        'waiting',
        'http_logs',
        now - 12_000,
        expect.stringMatching(/^Source http_logs waits: no broker can be spoken to\. \d+ queries wait with it\.$/),
      ],
      [
        'rejecting',
        'audit_log',
        now - 5_000,
        'Source audit_log rejects 4.2 % of its rows, more than its limit; audit_log__rejected says why.',
      ],
    ]);
    expect(found.some(({ kind, q }) => kind === 'rejected' && q === 'audit_log')).toBe(false);
    const { text } = verdict(changed, engine.catalog, { attention: found, rates: null, events: [] });
    expect(plainText(text)).toContain('reject');
  });

  it('says what it waits for before the first event', () => {
    const silent = Object.fromEntries(Object.entries(status.sources).map(([name, source]) => [name, { ...source, rows: 0 }]));
    expect(say({ ...status, sources: silent })).toBe(
      'ok: No events yet. Waiting for http_logs, otel_traces, host_metrics and 1 more since 10:02 UTC.',
    );
    expect(verdict(status, { sources: new Map(), queries: [] }).text).toBe('No queries.');
  });

  it('follows the phase of the engine', () => {
    expect(say({ ...status, phase: 'starting' })).toBe('ok: Starting 10 queries.');
    expect(say({ ...status, phase: 'replaying' })).toMatch(/^ok: Catching up after a restart/);
    expect(say({ ...status, phase: 'stopped' })).toBe('ok: Stopped. Everything that was read is committed.');
    const events = [{ at: now, level: 'error' as const, kind: 'stop' as const, subject: null, text: 'the disk is full' }];
    const failed = verdict({ ...status, phase: 'failed' }, engine.catalog, { attention: [], rates: null, events });
    expect([failed.level, failed.text]).toEqual(['critical', 'The engine has failed: the disk is full']);
  });

  it('adds what else needs attention', () => {
    const attention = [
      { sev: 'warning' as const, kind: 'rejected' },
      { sev: 'info' as const, kind: 'idle' },
    ];
    const input = { attention, rates: null, events: [] };
    expect(verdict(withStates({}), engine.catalog, input)).toMatchObject({
      level: 'warning',
      text: 'All 10 queries keep up. 1 thing needs attention.',
    });
    expect(verdict(withStates({ 'hosts/cpu': 'behind' }), engine.catalog, input).text).toBe(
      '9 of 10 queries keep up, 1 is behind. 1 more thing needs attention.',
    );
  });

  it('says of which queries series were not learnt', () => {
    const [first] = engine.catalog.queries;
    const id = first?.id as string;
    const queries = { ...status.queries, [id]: { ...status.queries[id], unlearntRows: 1_234 } } as RuntimeStatus['queries'];
    const found = attention({
      status: { ...status, queries },
      catalog: engine.catalog,
      counts: () => ({ rows: 1, late: 0, rejected: 0 }),
      events: [],
    });
    const said = found.filter(({ q, kind }) => q === id && kind === 'state').map(({ sev, text }) => `${sev}: ${plainText(text)}`);
    expect(said).toEqual([
      'warning: Nothing is learnt of further series: 1.00 M series a lane are as many as max_series allows; 1 234 rows gave NULL.',
    ]);
  });
});
