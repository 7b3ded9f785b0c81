import os from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Polled } from '../../connectors/connector.ts';
import { parseDiskstats } from '../../connectors/host/disk-probe.ts';
import { metricsGatherer } from '../../connectors/host/gather-metrics.ts';
import { host } from '../../connectors/host/host.ts';
import { type HostStream, hostColumns } from '../../connectors/host/host-columns.ts';
import { HostReader } from '../../connectors/host/host-reader.ts';
import { parseStat } from '../../connectors/host/linux-processes.ts';
import { parseNetDev } from '../../connectors/host/network-probe.ts';
import { Increases, type Probe } from '../../connectors/host/sample.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { type Row, rowsOf } from './generator-support.ts';

function contextFor(stream: HostStream, options: OptionValues, now: () => number, needed?: readonly number[]) {
  const columns = hostColumns[stream];
  return {
    source: 'test',
    columns,
    needed: needed ?? columns.map((_, index) => index),
    options: { stream, ...options },
    eventTime: 0,
    positions: new Map(),
    directory: '.',
    clock: { now },
  };
}

/** The rows of `count` samples of this machine, each with its wait. */
async function sample(stream: HostStream, count: number): Promise<Row[][]> {
  const reader = await host.open(contextFor(stream, { interval: 200 }, Date.now));
  const samples: Row[][] = [];
  while (samples.length < count) {
    const polled = await reader.poll();
    if ('idle' in polled) await new Promise((resolve) => setTimeout(resolve, Math.max(1, (polled.retryAt ?? 0) - Date.now())));
    else {
      const { batch, rejected } = polled as Polled;
      expect(rejected).toEqual([]);
      samples.push(
        rowsOf(
          batch,
          hostColumns[stream].map(({ name }) => name),
        ),
      );
    }
  }
  await reader.close();
  return samples;
}

describe('this machine', () => {
  test('has metrics by their names, within their bounds', async () => {
    const [, rows = []] = await sample('metrics', 2);
    const of = (name: string): Row[] => rows.filter((row) => row.name === name);
    const cpu = of('system.cpu.utilization');
    if (cpu.length > 0) expect(cpu.reduce((sum, row) => sum + (row.value as number), 0)).toBeCloseTo(1, 6);
    const memory = of('system.memory.utilization');
    expect(memory.map((row) => row.state)).toEqual(['used', 'cached', 'free']);
    expect(memory.reduce((sum, row) => sum + (row.value as number), 0)).toBeCloseTo(1, 6);
    expect(of('system.memory.limit')[0]?.value).toBeGreaterThan(1e8);
    expect(of('system.cpu.logical.count')[0]?.value).toBe(os.cpus().length);
    expect(of('system.uptime')[0]).toMatchObject({ unit: 's', host: os.hostname(), device: null, state: null });
    for (const row of rows) {
      expect(Math.abs((row.ts as number) / 1000 - Date.now())).toBeLessThan(10_000);
      expect(row.value).toBeGreaterThanOrEqual(0);
      if (row.unit === '1') expect(row.value).toBeLessThanOrEqual(1.000001);
    }
  });

  test('has processes, the busiest first', async () => {
    const started = process.cpuUsage();
    const [, rows = []] = await sample('processes', 2);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(20);
    for (const row of rows) {
      expect(row.cpu_utilization).toBeGreaterThanOrEqual(0);
      expect(row.cpu_utilization).toBeLessThanOrEqual(1);
    }
    const shares = rows.map((row) => row.cpu_utilization as number);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(process.cpuUsage(started).user).toBeLessThan(2e6);
  });

  test('is sampled with little CPU', async () => {
    await sample('metrics', 3);
    const before = process.cpuUsage();
    const samples = await sample('metrics', 10);
    const { user, system } = process.cpuUsage(before);
    // Below 20 ms a sample is below 2 % of a core at one sample a second.
    expect((user + system) / 1000 / samples.length).toBeLessThan(20);
  });
});

describe('the clock', () => {
  test('decides when to sample: at once within a second, then at the interval, without making up for a pause', async () => {
    let now = 10_000;
    const times: number[] = [];
    const reader = new HostReader(
      contextFor('metrics', {}, () => now),
      5000,
      async (time) => {
        times.push(time);
        return { rows: [{ ts: time, host: 'h', name: 'n', value: 1, unit: '1' }], faults: [] };
      },
    );
    expect(await reader.poll()).toEqual({ idle: true, retryAt: 11_000 });
    now = 11_000;
    expect(await reader.poll()).toMatchObject({ partition: '0', from: 0, to: 1, batch: { rows: 1 } });
    expect(await reader.poll()).toEqual({ idle: true, retryAt: 16_000 });
    now = 90_000;
    expect(await reader.poll()).toMatchObject({ from: 1, to: 2 });
    expect(await reader.poll()).toEqual({ idle: true, retryAt: 95_000 });
    expect(times).toEqual([11_000, 90_000]);
  });
});

describe('a part that cannot be read', () => {
  test('is reported once, and the others go on', async () => {
    let now = 0;
    const good: Probe = { name: 'good', read: async () => [{ name: 'system.uptime', value: 1, unit: 's' }] };
    const bad: Probe = {
      name: 'disk',
      read: async () => {
        throw new Error('EACCES: permission denied');
      },
    };
    const reader = new HostReader(
      contextFor('metrics', {}, () => now),
      1000,
      metricsGatherer([good, bad]),
    );
    now = 1000;
    const first = (await reader.poll()) as Polled;
    expect(first.batch.rows).toBe(1);
    expect(first.rejected).toMatchObject([{ reason: 'cannot read disk: EACCES: permission denied', at: 'disk of this machine' }]);
    now = 2000;
    expect(((await reader.poll()) as Polled).rejected).toEqual([]);
  });

  test('what is not there is simply not there', async () => {
    let now = 0;
    const none: Probe = { name: 'swap', read: async () => [] };
    const reader = new HostReader(
      contextFor('metrics', {}, () => now),
      1000,
      metricsGatherer([none]),
    );
    now = 1000;
    expect(await reader.poll()).toEqual({ idle: true, retryAt: 2000 });
  });
});

test('only needed columns are made, in their order', async () => {
  let now = 0;
  const gather = async (ts: number) => ({ rows: [{ ts, host: 'h', name: 'n', value: 2.5, unit: '1', device: 'sda' }], faults: [] });
  const reader = new HostReader(
    contextFor('metrics', {}, () => now, [0, 3, 5, 6]),
    1000,
    gather,
  );
  now = 1000;
  const { batch } = (await reader.poll()) as Polled;
  expect(rowsOf(batch, ['ts', 'value', 'device', 'mountpoint'])).toEqual([{ ts: 1_000_000, value: 2.5, device: 'sda', mountpoint: null }]);
});

test('counters give increases; a reset gives none', () => {
  const increases = new Increases();
  const rounds = [5, 9, 9, 2, 3].map((total) => {
    const increase = increases.of('a', total);
    increases.endRound();
    return increase;
  });
  expect(rounds).toEqual([null, 4, 0, null, 1]);
});

describe('what Linux writes', () => {
  test('/proc/diskstats: whole disks, without memory and loop devices', () => {
    const text = [
      '   7       0 loop0 1 0 8 0 0 0 0 0 0 0 0',
      ' 259       0 nvme0n1 100 5 2000 30 50 6 4000 70 0 80 90 0 0 0 0 1 2',
      ' 259       1 nvme0n1p1 90 5 1800 30 50 6 4000 70 0 80 90',
      '',
    ].join('\n');
    const expected = [{ device: 'nvme0n1', readBytes: 1_024_000, writtenBytes: 2_048_000, reads: 100, writes: 50 }];
    expect(parseDiskstats(text, new Set(['loop0', 'nvme0n1']))).toEqual(expected);
  });

  test('/proc/net/dev: names with colons, no space after the name, unused interfaces left out', () => {
    const text = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
      '  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
      'eth0:1:123456      10    2    0    0     0          0         0     7890      11    3    0    0     0       0          0',
    ].join('\n');
    expect(parseNetDev(text)).toEqual([
      { device: 'lo', received: 0, transmitted: 0, receiveErrors: 0, transmitErrors: 0 },
      { device: 'eth0:1', received: 123_456, transmitted: 7890, receiveErrors: 2, transmitErrors: 3 },
    ]);
  });

  test('/proc/<pid>/stat: a name with parentheses and spaces', () => {
    const rest = 'S 1 1 1 0 -1 4194304 101 0 0 0 70 30 0 0 20 0 1 0 209304 3133440 399 18446744073709551615';
    expect(parseStat(`4242 (tmux: (a) b) ${rest}`)).toEqual({
      pid: 4242,
      name: 'tmux: (a) b',
      ticks: 100,
      startedAt: 209_304,
      memoryPages: 399,
    });
    expect(() => parseStat('nonsense')).toThrow('cannot read "nonsense"');
  });
});

test('declared columns are checked', () => {
  expect(host.checkColumns(hostColumns.metrics, {})).toEqual([]);
  expect(host.checkColumns(hostColumns.processes, { stream: 'processes' })).toEqual([]);
  const [fault] = host.checkColumns([{ name: 'valeu', type: { kind: 'double' }, nullable: true }], { stream: 'metrics' });
  expect(fault).toEqual({ column: 'valeu', message: 'the stream metrics has no column "valeu"', hint: 'did you mean value?' });
  expect([host.name, host.paced, host.replayable]).toEqual(['host', false, false]);
});
