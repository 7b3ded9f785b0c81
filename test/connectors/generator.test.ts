import { describe, expect, test } from 'vitest';
import type { Polled, Position } from '../../connectors/connector.ts';
import { generator } from '../../connectors/generator/generator.ts';
import { streamNames } from '../../connectors/generator/stream.ts';
import { streamColumns } from '../../connectors/generator/stream-columns.ts';
import { openStream, type Row, readStream, rowsOf, startMicros } from './generator-support.ts';

const minute = { duration: 60_000 };

function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

describe.each(streamNames)('the stream %s', (stream) => {
  const options = { ...minute, hosts: 6, services: 8, ...(stream === 'spans' ? { rate: 400 } : {}) };

  test('is the same for the same seed and another for another', async () => {
    const rows = await readStream(stream, { options });
    expect(rows.length).toBeGreaterThan(2);
    expect(await readStream(stream, { options })).toEqual(rows);
    const other = await readStream(stream, { options: { ...options, seed: 2 } });
    expect(sorted(other)).not.toEqual(sorted(rows));
  });

  test('has rows within its time, in order, with the types it says', async () => {
    const rows = await readStream(stream, { options });
    const times = rows.map((row) => row.ts as number);
    expect(times[0]).toBeGreaterThanOrEqual(startMicros);
    expect(times.at(-1)).toBeLessThan(startMicros + 60_100_000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const column of streamColumns[stream]) {
      if (!column.nullable) expect(rows.every((row) => row[column.name] !== null)).toBe(true);
    }
  });

  test('goes on from any position with the same rows', async () => {
    const whole = await readStream(stream, { options });
    const names = streamColumns[stream].map(({ name }) => name);
    const reader = await openStream(stream, { options });
    let seen = 0;
    for (let i = 0; i < 3; i++) {
      const polled = await reader.poll();
      if (!('batch' in polled)) break;
      const positions = new Map<string, Position>([['0', polled.from]]);
      const again = (await (await openStream(stream, { options, positions })).poll()) as Polled;
      expect(rowsOf(again.batch, names)).toEqual(rowsOf(polled.batch, names));
      seen += polled.batch.rows;
      const rest = await readStream(stream, { options, positions: new Map([['0', JSON.parse(JSON.stringify(polled.to)) as Position]]) });
      expect(rest).toEqual(whole.slice(seen));
    }
  });

  test('gives each column alone as it gives it among all', async () => {
    const whole = await readStream(stream, { options });
    for (const { name } of streamColumns[stream]) {
      const alone = await readStream(stream, { options, columns: [name] });
      expect(alone.map((row) => row[name])).toEqual(whole.map((row) => row[name]));
    }
  });

  test('shows as much of the past as of the present', async () => {
    const early = await readStream(stream, { options: { ...options, start: '1970-01-02' } });
    expect(early.length).toBeGreaterThan(2);
    expect(early[0]?.ts).toBeGreaterThanOrEqual(86_400_000_000);
  });
});

describe.each(['metrics', 'spans', 'logs'] as const)('partitions of %s', (stream) => {
  test('hold together what one holds', async () => {
    const options = { duration: 30_000, disorder: 300 };
    const one = await readStream(stream, { options });
    const three = await readStream(stream, { options: { ...options, partitions: 3 } });
    expect(sorted(three)).toEqual(sorted(one));
  });

  test('disorder stays within its bound and touches some rows only', async () => {
    const rows = await readStream(stream, { options: { duration: 20_000, disorder: 300 } });
    let latest = 0;
    let early = 0;
    for (const { ts } of rows) {
      expect(ts as number).toBeGreaterThanOrEqual(latest - 300_000);
      if ((ts as number) < latest) early++;
      latest = Math.max(latest, ts as number);
    }
    expect(early / rows.length).toBeGreaterThan(0.15);
    expect(early / rows.length).toBeLessThan(0.3);
  });
});

describe('start, restart and end', () => {
  const nowMs = Date.UTC(2026, 4, 1, 12, 0, 3, 250);

  test('without a start it begins now, and a restart goes on', async () => {
    const options = { start: undefined };
    const reader = await openStream('spans', { options, nowMs });
    const first = (await reader.poll()) as Polled;
    expect((first.from as { start: number }).start).toBe(nowMs * 1000);
    const second = (await reader.poll()) as Polled;
    const later = await openStream('spans', { options, nowMs: nowMs + 3_600_000, positions: new Map([['0', first.to]]) });
    expect(((await later.poll()) as Polled).from).toEqual(second.from);
  });

  test('sources opened moments apart tell the same story', async () => {
    const options = { start: undefined };
    const early = await readStream('spans', { options, nowMs }, 4000);
    const late = await readStream('spans', { options, nowMs: nowMs + 700 }, 4000);
    const lateIds = new Set(late.map((row) => row.span_id));
    const shared = early.filter((row) => lateIds.has(row.span_id));
    expect(shared.length).toBeGreaterThan(2000);
    const byId = new Map(late.map((row) => [row.span_id, row]));
    for (const row of shared) expect(byId.get(row.span_id as string)).toEqual(row);
  });

  test('a duration counts from the first start, not from a restart', async () => {
    const options = { start: undefined, duration: 20_000 };
    const reader = await openStream('spans', { options, nowMs });
    const { to } = (await reader.poll()) as Polled;
    const rest = await readStream('spans', { options, nowMs: nowMs + 60_000, positions: new Map([['0', to]]) });
    expect(rest.at(-1)?.ts).toBeLessThan((nowMs + 20_010) * 1000);
  });

  test('after a change of options it goes on from the same time', async () => {
    for (const [stream, before, after] of [
      ['metrics', { hosts: 5 }, { hosts: 9 }],
      ['spans', { rate: 1000 }, { rate: 10 }],
      ['logs', { rate: 100 }, { rate: 5000 }],
    ] as const) {
      const { to } = (await (await openStream(stream, { options: before })).poll()) as Polled;
      const [next] = await readStream(stream, { options: after, positions: new Map([['0', to]]) }, 1);
      const { at } = to as { at: number };
      expect(Math.abs((next?.ts as number) - at)).toBeLessThan(1_000_001);
    }
  });

  test('labels without faults end at once', async () => {
    expect(await (await openStream('labels', { options: { faults: 'none' } })).poll()).toEqual({ end: '0' });
  });
});

test('the rate is a mean over the week, with a day and a night', async () => {
  const between = async (start: string): Promise<number> =>
    (await readStream('spans', { options: { start, duration: 3_600_000, rate: 2 }, columns: ['ts'] })).length;
  const day = await between('2026-01-06 13:30:00');
  const night = await between('2026-01-04 01:30:00');
  expect(day).toBeGreaterThan(night * 1.8);
  const week = await readStream('spans', { options: { duration: 7 * 86_400_000, rate: 0.1, faults: 'none' }, columns: ['ts'] });
  expect(Math.abs(week.length / (7 * 86_400 * 0.1) - 1)).toBeLessThan(0.02);
});

test('spans of a trace form a tree whose callers outlast their calls', async () => {
  const rows = await readStream('spans', { options: { duration: 5000, faults: 'none' } });
  const byId = new Map(rows.map((row) => [row.span_id, row]));
  expect(byId.size).toBe(rows.length);
  let children = 0;
  for (const row of rows) {
    if (row.parent_span_id === null) continue;
    const parent = byId.get(row.parent_span_id as string) as Row;
    children++;
    expect(parent.trace_id).toBe(row.trace_id);
    const end = (row.ts as number) + (row.duration_ms as number) * 1000;
    expect((parent.ts as number) + (parent.duration_ms as number) * 1000 + 1).toBeGreaterThan(end);
  }
  expect(children).toBeGreaterThan(rows.length / 2);
});

test('logs mention the traces of the spans with the same seed and rate', async () => {
  const options = { duration: 20_000, rate: 1000 };
  const spans = new Map((await readStream('spans', { options })).map((row) => [`${row.trace_id} ${row.service}`, row]));
  const logs = await readStream('logs', { options: { duration: 20_000, rate: 100 } });
  const known = logs.map((row) => spans.get(`${row.trace_id} ${row.service}`)).filter((row) => row !== undefined);
  expect(known.length).toBeGreaterThan(logs.length * 0.99);
  for (const log of logs) {
    const span = spans.get(`${log.trace_id} ${log.service}`);
    if (span === undefined) continue;
    expect([log.host, log.status]).toEqual([span.host, span.status]);
    expect(log.level === 'ERROR').toBe((span.status as number) >= 500);
  }
});

test('each stream makes far more rows than an engine can take', async () => {
  for (const stream of streamNames) {
    const reader = await openStream(stream);
    for (let i = 0; i < 15; i++) await reader.poll();
    const before = process.cpuUsage();
    let rows = 0;
    for (let i = 0; i < 25; i++) rows += ((await reader.poll()) as Polled).batch.rows;
    const { user, system } = process.cpuUsage(before);
    // A million rows per CPU second and more on an idle machine; a quarter of it must remain on a crowded one.
    expect(rows / ((user + system) / 1e6), stream).toBeGreaterThan(250_000);
  }
});

test('the connector says what it is', () => {
  expect([generator.name, generator.paced, generator.replayable]).toEqual(['generator', true, true]);
  for (const spec of Object.values(generator.options)) expect(spec.description.endsWith('.')).toBe(true);
});
