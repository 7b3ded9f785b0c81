import { describe, expect, test } from 'vitest';
import type { OptionSpecs } from '../../connectors/options.ts';
import type { QueryError } from '../../engine/diagnostic.ts';
import { parseBytes, parseDuration } from '../../engine/sql/measures.ts';
import { parseOptions } from '../../engine/sql/options.ts';

const specs: OptionSpecs = {
  path: { type: 'text', description: 'Where.', required: true, example: 'x.csv' },
  rate: { type: 'number', description: 'How fast.', minimum: 0.5, maximum: 100 },
  rows: { type: 'integer', description: 'How many.', default: '10' },
  header: { type: 'boolean', description: 'A header.', default: 'true' },
  every: { type: 'duration', description: 'How often.', minimum: 100, maximum: 3_600_000 },
  buffer: { type: 'bytes', description: 'How much.', default: '1 MiB' },
  format: { type: 'choice', description: 'Which.', choices: ['csv', 'json'] },
  time: { type: 'column', description: 'When.' },
};

function parse(given: Record<string, string>): { values: Record<string, unknown>; faults: string[] } {
  const faults: QueryError[] = [];
  const span = { start: 0, end: 1 };
  const raw = Object.entries(given).map(([name, value]) => ({ name, value, nameSpan: span, valueSpan: span }));
  const values = parseOptions(specs, raw, { span, owner: 'a test', columns: ['ts', 'Host'], report: (error) => faults.push(error) });
  return { values, faults: faults.map((error) => `${error.code} ${error.message} | ${error.hint ?? ''}`) };
}

describe('options', () => {
  test('are parsed by type; defaults fill in', () => {
    const { values, faults } = parse({ path: 'a', rate: '1.5', every: '1 min', format: 'JSON', time: 'host' });
    expect(faults).toEqual([]);
    expect(values).toEqual({ path: 'a', rate: 1.5, rows: 10, header: true, every: 60_000, buffer: 2 ** 20, format: 'json', time: 'Host' });
  });
  test('all faults are found', () => {
    expect(
      parse({ rate: '200', rows: '1.5', header: 'perhaps', every: '5', buffer: 'big', format: 'cvs', time: 'tss', pth: 'x' }).faults,
    ).toEqual([
      'E0111 "rate" is too large: 200 | at most 100',
      'E0111 "1.5" is no whole number | write rows = 10',
      'E0111 "perhaps" is neither true nor false | write header = true or header = false',
      `E0111 "5" is no duration | write a number and a unit (ms, s, min, h, d): every = '10 s'`,
      `E0111 "big" is no size | write a number and a unit (KiB, MiB, GiB): buffer = '64 MiB'`,
      'E0111 "cvs" is not a value of "format" | did you mean "csv"?',
      'E0111 "time" names a column that is not there: "tss" | did you mean "ts"?',
      'E0110 unknown option "pth" | did you mean "path"?',
      `E0113 a test needs the option "path" | Where. For example: path = 'x.csv'`,
    ]);
  });
  test('ranges of durations are said in their units', () => {
    expect(parse({ path: 'a', every: '2 h' }).faults).toEqual(['E0111 "every" is too large: 2 h | at most 1 h']);
  });
});

describe('measures', () => {
  test('durations', () => {
    const parsed = ['10 s', '5 min', '1 h', '7 d', '100 ms', '1.5s', '1 h 30 min', '0 s'].map(parseDuration);
    expect(parsed).toEqual([10_000, 300_000, 3_600_000, 604_800_000, 100, 1500, 5_400_000, 0]);
    expect(['', '10', 's', '10 x', '-5 s', '5 s s'].map(parseDuration)).toEqual([null, null, null, null, null, null]);
  });
  test('bytes', () => {
    expect(['64 MiB', '1 KB', '1.5 GiB', '10 B'].map(parseBytes)).toEqual([67_108_864, 1000, 1_610_612_736, 10]);
    expect(['64', 'MiB', '1 PB'].map(parseBytes)).toEqual([null, null, null]);
  });
});
