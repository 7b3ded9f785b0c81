import { describe, expect, test } from 'vitest';
import { defaultSchedule, faultKinds, parseSchedule } from '../../connectors/generator/fault-schedule.ts';
import type { StreamName } from '../../connectors/generator/stream.ts';
import { type Row, readStream, startMicros } from './generator-support.ts';

/** Strikes in the second half of a minute. */
function during(fault: string): string {
  return `${fault} at 30 s for 30 s`;
}

async function halves(
  stream: StreamName,
  faults: string,
  keep: (row: Row) => boolean,
  columns: readonly string[],
): Promise<[Row[], Row[]]> {
  const rows = (await readStream(stream, { options: { faults, duration: 60_000 }, columns })).filter(keep);
  const middle = startMicros + 30_000_000;
  return [rows.filter((row) => (row.ts as number) < middle), rows.filter((row) => (row.ts as number) >= middle)];
}

const share = (rows: readonly Row[], test: (row: Row) => boolean): number => rows.filter(test).length / rows.length;
const mean = (rows: readonly Row[], name: string): number => rows.reduce((sum, row) => sum + (row[name] as number), 0) / rows.length;
const failed = (row: Row): boolean => (row.status as number) >= 500;
const metric = (name: string, where: Partial<Row>) => (row: Row) =>
  row.name === name && Object.entries(where).every(([column, value]) => row[column] === value);

describe('a fault shows in every stream that it touches', () => {
  test('error_burst: spans, logs and request counts', async () => {
    const faults = during('error_burst service=checkout');
    const checkout = (row: Row): boolean => row.service === 'checkout';
    const [before, after] = await halves('spans', faults, checkout, ['service', 'status']);
    expect(share(before, failed)).toBeLessThan(0.05);
    expect(share(after, failed)).toBeGreaterThan(0.3);
    expect(share(after, failed)).toBeLessThan(0.42);
    const [quiet, loud] = await halves('logs', faults, checkout, ['service', 'level']);
    expect(share(quiet, (row) => row.level === 'ERROR')).toBeLessThan(0.1);
    expect(share(loud, (row) => row.level === 'ERROR')).toBeGreaterThan(0.25);
    const errors = metric('http.server.request.count', { service: 'checkout', labels: 'http.response.status_class=5xx' });
    const [few, many] = await halves('metrics', faults, errors, ['name', 'service', 'value', 'labels']);
    expect(mean(many, 'value')).toBeGreaterThan(5 * mean(few, 'value') + 1);
  });

  test('errors of a callee reach its callers', async () => {
    const gateway = (row: Row): boolean => row.service === 'gateway';
    const [before, after] = await halves('spans', during('error_burst service=catalog by 0.5'), gateway, ['service', 'status']);
    expect(share(after, failed)).toBeGreaterThan(share(before, failed) + 0.08);
  });

  test('latency_creep grows to its end', async () => {
    const search = (row: Row): boolean => row.service === 'search';
    const [before, after] = await halves('spans', during('latency_creep service=search by 20'), search, ['service', 'duration_ms']);
    const last = after.filter((row) => (row.ts as number) > startMicros + 55_000_000);
    expect(mean(after, 'duration_ms')).toBeGreaterThan(1.5 * mean(before, 'duration_ms'));
    expect(mean(last, 'duration_ms')).toBeGreaterThan(1.3 * mean(after, 'duration_ms'));
  });

  test('drop: calls stay away, and so do those that they make', async () => {
    const count = async (service: string): Promise<[number, number]> => {
      const [before, after] = await halves('spans', during('drop service=frontend'), (row) => row.service === service, ['service']);
      return [before.length, after.length];
    };
    const [before, after] = await count('frontend');
    expect(after).toBeLessThan(before * 0.15);
    const [usual, fewer] = await count('recommendation');
    expect(fewer).toBeLessThan(usual * 0.5);
  });

  test('silent_host: no row from it anywhere', async () => {
    for (const stream of ['metrics', 'spans', 'logs'] as const) {
      const [before, after] = await halves(stream, during('silent_host host=node-01'), (row) => row.host === 'node-01', ['host']);
      expect(before.length, stream).toBeGreaterThan(0);
      expect(after, stream).toEqual([]);
    }
  });

  test('spike, level_shift and slow_leak: metrics', async () => {
    const columns = ['name', 'host', 'service', 'value'];
    const cpu = metric('system.cpu.utilization', { host: 'node-03' });
    const [calm, busy] = await halves('metrics', during('spike host=node-03 by 0.4'), cpu, columns);
    expect(mean(busy, 'value') - mean(calm, 'value')).toBeCloseTo(0.4, 1);
    const memory = metric('system.memory.utilization', { host: 'node-03' });
    const [low, high] = await halves('metrics', during('level_shift host=node-03 by 0.2'), memory, columns);
    expect(mean(high, 'value') - mean(low, 'value')).toBeCloseTo(0.2, 1);
    const process = metric('process.memory.usage', { service: 'cart' });
    const [, leaking] = await halves('metrics', during('slow_leak service=cart by 4'), process, columns);
    const last = leaking.filter((row) => (row.ts as number) >= startMicros + 59_000_000);
    expect(mean(last, 'value') - mean(leaking.slice(0, 3), 'value')).toBeGreaterThan(3.5 * 1024 ** 3);
  });

  test('deploy_regression: a deploy, errors of that version, a rollback, a label', async () => {
    const options = { faults: 'deploy_regression service=cart at 20 s for 20 s', duration: 60_000, deploy_every: 10_000 };
    const bad = (row: Row): boolean => String(row.version).includes('hotfix');
    const deploys = (await readStream('deploys', { options })).filter((row) => row.service === 'cart');
    const change = deploys.findIndex(bad);
    expect(deploys[change]?.ts).toBe(startMicros + 20_000_000);
    expect(deploys[change + 1]).toMatchObject({ ts: startMicros + 40_000_000, previous_version: deploys[change]?.version });
    for (let i = 1; i < deploys.length; i++) expect(deploys[i]?.previous_version).toBe(deploys[i - 1]?.version);
    const cart = (await readStream('spans', { options })).filter((row) => row.service === 'cart');
    expect(share(cart.filter(bad), failed)).toBeGreaterThan(0.1);
    expect(
      share(
        cart.filter((row) => !bad(row)),
        failed,
      ),
    ).toBeLessThan(0.05);
    expect(
      cart.filter(bad).every((row) => (row.ts as number) >= startMicros + 20_000_000 && (row.ts as number) < startMicros + 40_010_000),
    ).toBe(true);
    expect(await readStream('labels', { options })).toEqual([
      {
        ts: startMicros + 20_000_000,
        until: startMicros + 40_000_000,
        fault: 'deploy_regression',
        target: 'cart',
        severity: 'critical',
        description: 'a bad deploy of cart: 15 % of its requests fail and it is 1.6 times slower',
      },
    ]);
  });

  test('every version in spans was deployed before', async () => {
    const options = { duration: 240_000 };
    const start = '2026-01-05 08:50:00';
    const deploys = await readStream('deploys', { options: { start, duration: 840_000 } });
    const anchored = await readStream('spans', { options: { start, duration: 840_000, rate: 50 }, columns: ['service', 'version'] });
    // A rollback names its version again: the first time counts.
    const known = new Map([...deploys].reverse().map((row) => [`${row.service} ${row.version}`, row.ts as number]));
    const late = anchored.filter((row) => (row.ts as number) >= startMicros && (row.ts as number) < startMicros + options.duration * 1000);
    expect(late.length).toBeGreaterThan(1000);
    for (const row of late) expect(known.get(`${row.service} ${row.version}`) as number).toBeLessThanOrEqual(row.ts as number);
  });
});

test('the default schedule shows every kind of fault, and one within 20 seconds of any moment', async () => {
  const labels = await readStream('labels', { options: { start: '2026-03-03 03:03:03', duration: 600_000 } });
  expect(new Set(labels.map((row) => row.fault))).toEqual(new Set(faultKinds));
  const begins = labels.map((row) => row.ts as number);
  for (let i = 1; i < begins.length; i++) expect((begins[i] as number) - (begins[i - 1] as number)).toBeLessThanOrEqual(20_000_000);
  expect(new Set(parseSchedule(defaultSchedule).map((fault) => fault.kind)).size).toBe(faultKinds.length);
});

test('without a target each occurrence strikes another, and the labels say which', async () => {
  const faults = 'silent_host at 0 s for 10 s every 20 s';
  const labels = await readStream('labels', { options: { faults, duration: 600_000 } });
  expect(labels.length).toBe(30);
  expect(new Set(labels.map((row) => row.target)).size).toBeGreaterThan(5);
  const rows = await readStream('metrics', { options: { faults, duration: 60_000 }, columns: ['host'] });
  for (const { ts, until, target } of labels.slice(0, 3)) {
    expect(rows.some((row) => row.host === target && (row.ts as number) >= (ts as number) && (row.ts as number) < (until as number))).toBe(
      false,
    );
  }
});
