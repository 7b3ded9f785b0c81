import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../connectors/connector.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { parseSchedule } from '../../connectors/generator/fault-schedule.ts';
import { generator } from '../../connectors/generator/generator.ts';
import { openStream } from './generator-support.ts';

describe('a schedule', () => {
  test('is read with its defaults', () => {
    expect(parseSchedule(' error_burst service=checkout at 20 s for 40 s every 10 min ;silent_host for 1.5min at 0 s; ')).toEqual([
      { kind: 'error_burst', target: 'checkout', at: 20_000, lasts: 40_000, every: 600_000, by: 0.35 },
      { kind: 'silent_host', target: null, at: 0, lasts: 90_000, every: null, by: 1 },
    ]);
  });

  test.each([
    ['eror_burst at 1 s for 2 s', 'unknown fault "eror_burst"', 'did you mean error_burst?'],
    ['earthquake at 1 s for 2 s', 'unknown fault "earthquake"', 'one of spike, drop'],
    ['spike service=cart at 1 s for 2 s', 'spike strikes a host, not a service', 'write host=NAME'],
    ['spike for 2 s', 'has no "at"', 'write it like'],
    ['spike at 1 s', 'has no "for"', 'write it like'],
    ['spike at 1 s for 2 parsecs', 'unknown unit of time "parsecs"', 'use ms, s, min, h or d'],
    ['spike at 1 s for 0 s', 'lasts no time', 'for 100 ms'],
    ['spike at 1 s for 2 min every 1 min', 'lasts longer than its period', 'make "every" longer'],
    ['spike at 1 s for 2 s by 7', '"by 7" is not above 0 and at most 1', 'by 0.6'],
    ['spike at 1 s for 250 ms', 'not a multiple of 100 ms', 'tenths of a second'],
    ['spike at 1 s at 2 s for 1 s', '"at" stands twice', 'write it like'],
    ['spike host=a sometimes', 'cannot read "sometimes"', 'write it like'],
  ])('%s', (text, message, hint) => {
    try {
      parseSchedule(text);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toContain(message);
      expect((error as { hint: string }).hint).toContain(hint);
    }
  });
});

describe('options seen together', () => {
  test.each([
    [{ stream: 'metrics', rate: 5 }, 'rate', 'a metrics stream has no rate'],
    [{ stream: 'labels', partitions: 2 }, 'partitions', 'a labels stream has one partition'],
    [{ stream: 'metrics', hosts: 2, partitions: 3 }, 'partitions', '2 hosts do not fill 3 partitions'],
    [{ stream: 'spans', start: 'yesterday' }, 'start', 'cannot read "yesterday" as a time'],
    [{ stream: 'spans', faults: 'drop service=chekout at 1 s for 2 s every 1 min' }, 'faults', 'the fleet has no service "chekout"'],
    [{ stream: 'spans', faults: 'spike at 1 s for 2 s' }, 'faults', 'has no "every" and the source no start'],
  ])('%o', async (options, option, message) => {
    const [fault] = generator.checkOptions?.(options) ?? [];
    expect(fault?.option).toBe(option);
    expect(fault?.message).toContain(message);
    expect(fault?.hint).toBeTruthy();
    await expect(openStream(options.stream as 'spans', { options: { start: undefined, ...options } })).rejects.toThrow(ConnectorError);
  });

  test('good ones have no faults', () => {
    expect(generator.checkOptions?.({ stream: 'spans', rate: 10, services: 1, hosts: 1 })).toEqual([]);
    expect(generator.checkOptions?.({ stream: 'logs', services: 60, hosts: 300 })).toEqual([]);
  });
});

test('declared columns are checked with a hint', () => {
  const column = (name: string, kind: 'varchar' | 'double' | 'timestamp' | 'bigint', nullable = true): ColumnSpec => ({
    name,
    type: { kind } as DataType,
    nullable,
  });
  const check = (columns: readonly ColumnSpec[], stream: string) => generator.checkColumns(columns, { stream });
  expect(check([column('ts', 'timestamp'), column('Service', 'varchar')], 'spans')).toEqual([]);
  expect(check([column('servcie', 'varchar')], 'spans')).toEqual([
    { column: 'servcie', message: 'the stream spans has no column "servcie"', hint: 'did you mean service?' },
  ]);
  expect(check([column('customer', 'varchar')], 'deploys')).toEqual([
    { column: 'customer', message: 'the stream deploys has no column "customer"', hint: 'it has ts, service, version, previous_version' },
  ]);
  expect(check([column('status', 'bigint')], 'spans')).toEqual([
    { column: 'status', message: '"status" is INTEGER in the stream spans, not BIGINT', hint: 'declare it as INTEGER' },
  ]);
  expect(check([column('service', 'varchar', false)], 'metrics')).toEqual([
    { column: 'service', message: '"service" can be NULL in the stream metrics', hint: 'drop NOT NULL' },
  ]);
});
