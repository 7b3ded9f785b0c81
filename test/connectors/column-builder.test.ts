import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { createColumnBuilder } from '../../connectors/column-builder.ts';
import { nearestDouble } from '../../connectors/columns/double-text.ts';
import { nearestFloat } from '../../connectors/columns/float-text.ts';
import type { DataType } from '../../connectors/data-type.ts';
import { columnValues } from './column-values.ts';
import { Random } from './random.ts';

const encoder = new TextEncoder();

function fromTexts(type: DataType, texts: readonly string[], options = {}): unknown[] {
  const builder = createColumnBuilder(type, options);
  const outcomes = texts.map((text) => {
    const bytes = encoder.encode(`#${text}#`);
    return builder.appendText(bytes, 1, bytes.length - 1);
  });
  const rows = builder.rows;
  const values = columnValues(builder.finish(), rows);
  return outcomes.map((good) => (good ? values.shift() : 'refused'));
}

function one(type: DataType | DataType['kind'], text: string, options = {}): unknown {
  return fromTexts(typeof type === 'string' ? ({ kind: type } as DataType) : type, [text], options)[0];
}

describe('conversion from text', () => {
  it('takes integers exactly and nothing that they cannot hold', () => {
    expect(fromTexts({ kind: 'integer' }, ['0', '-1', '+7', ' 42 ', '007', '5.0', '2147483647', '-2147483648'])).toEqual([
      0, -1, 7, 42, 7, 5, 2147483647, -2147483648,
    ]);
    expect(fromTexts({ kind: 'integer' }, ['', ' ', '-', '5O3', '1.5', '1e3', '2147483648', '1 2', 'nan', '0x10', '1_0', '.5'])).toEqual(
      Array(12).fill('refused'),
    );
    expect(fromTexts({ kind: 'utinyint' }, ['255', '256', '-1'])).toEqual([255, 'refused', 'refused']);
    expect(
      fromTexts({ kind: 'bigint' }, ['9007199254740993', '-9223372036854775808', '9223372036854775807', '9223372036854775808']),
    ).toEqual([9007199254740993n, -9223372036854775808n, 9223372036854775807n, 'refused']);
    expect(fromTexts({ kind: 'ubigint' }, ['18446744073709551615', '18446744073709551616', '-1', '-0'])).toEqual([
      18446744073709551615n,
      'refused',
      'refused',
      0n,
    ]);
    expect(one('hugeint', '-1')).toEqual([2n ** 64n - 1n, 2n ** 64n - 1n]);
    expect(one('hugeint', (2n ** 127n).toString())).toBe('refused');
  });

  it('takes decimals exactly and never rounds', () => {
    const price: DataType = { kind: 'decimal', width: 9, scale: 2 };
    expect(fromTexts(price, ['1', '1.5', '-0.05', '1.500', '.5', '5.', '1e-2', '1E3', '9999999.99'])).toEqual([
      100, 150, -5, 150, 50, 500, 1, 100000, 999999999,
    ]);
    expect(fromTexts(price, ['1.005', '', '.', '-', '10000000', '1e9', 'x', '1..2', '1.2.3', '1e'])).toEqual(Array(10).fill('refused'));
    expect(one({ kind: 'decimal', width: 18, scale: 3 }, '-123456789012345.678')).toBe(-123456789012345678n);
    expect(one({ kind: 'decimal', width: 38, scale: 0 }, '9'.repeat(38))).toEqual([
      BigInt.asUintN(64, 10n ** 38n - 1n),
      (10n ** 38n - 1n) >> 64n,
    ]);
    expect(one({ kind: 'decimal', width: 38, scale: 0 }, `1${'0'.repeat(38)}`)).toBe('refused');
  });

  it('takes timestamps with and without a zone', () => {
    const at = (text: string, kind: DataType['kind'] = 'timestamp') => one(kind, text);
    expect(at('1970-01-01')).toBe(0n);
    expect(at('2024-02-29T12:34:56.789Z')).toBe(1709210096789000n);
    expect(at('2024-02-29 12:34:56,789')).toBe(1709210096789000n);
    expect(at('2024-02-29T12:34:56.789123456+02:00')).toBe(1709202896789123n);
    expect(at('2024-02-29 12:34-0530')).toBe(1709229840000000n);
    expect(at('2024-02-29 12:34:56 +01')).toBe(1709206496000000n);
    expect(at('1969-12-31T23:59:59.999999999Z')).toBe(-1n);
    expect(at('1969-12-31T23:59:59.9Z', 'timestamp_s')).toBe(-1n);
    expect(at('2024-02-29T12:34:56.789123456Z', 'timestamp_ns')).toBe(1709210096789123456n);
    expect(at('2024-02-29T12:34:56.789123456Z', 'timestamp_ms')).toBe(1709210096789n);
    for (const bad of [
      '2023-02-29',
      '2024-13-01',
      '2024-01-01T25:00',
      '2024-01-01T',
      '24-01-01',
      '2024-1-1',
      '2024-01-01T10:00x',
      '1700000000',
    ]) {
      expect(at(bad)).toBe('refused');
    }
    expect(one('timestamp_ns', '2400-01-01')).toBe('refused');
  });

  it('takes numbers as timestamps when their unit is said', () => {
    const at = (text: string, timestampUnit: string, kind: DataType['kind'] = 'timestamp') => one(kind, text, { timestampUnit });
    expect(at('1700000000123', 'ms')).toBe(1700000000123000n);
    expect(at('1700000000.123', 's')).toBe(1700000000123000n);
    expect(at('1700000000.1234567891', 's')).toBe(1700000000123456n);
    expect(at('1700000000123456789', 'ns')).toBe(1700000000123456n);
    expect(at('-1', 'ns')).toBe(-1n);
    expect(at('-1', 'ms', 'timestamp_s')).toBe(-1n);
    expect(at('28333333', 'min')).toBe(1699999980000000n);
    expect(at('2024-01-01', 'ms')).toBe(1704067200000000n);
    expect(at('99999999999999999999', 's')).toBe('refused');
    expect(at('x', 's')).toBe('refused');
  });

  it('takes the other types', () => {
    expect(fromTexts({ kind: 'boolean' }, ['true', 'FALSE', 't', 'N', '1', '0', 'yes', '2', '', 'tr', 'on'])).toEqual([
      1,
      0,
      1,
      0,
      1,
      0,
      1,
      'refused',
      'refused',
      'refused',
      'refused',
    ]);
    expect(fromTexts({ kind: 'date' }, ['1970-01-02', '0001-01-01', '1970-01-02 00:00'])).toEqual([1, -719162, 'refused']);
    expect(fromTexts({ kind: 'time' }, ['01:02:03.5', '24:00:00'])).toEqual([3723500000n, 'refused']);
    expect(one('uuid', '00000000-0000-0000-0000-000000000001')).toEqual([1n, 1n << 63n]);
    expect(one('interval', '1 month 2 days 00:00:01.5')).toEqual([(2n << 32n) | 1n, 1500000n]);
    expect(one('blob', 'a\\x00\\xFF')).toBe('6100ff');
    expect(fromTexts({ kind: 'enum', values: ['low', 'high'] }, ['high', 'low', 'mid'])).toEqual(['high', 'low', 'refused']);
    expect(fromTexts({ kind: 'json' }, ['{"a": [1]}', '{a}', '1 2'])).toEqual(['{"a": [1]}', 'refused', 'refused']);
    const map: DataType = { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'double' } };
    expect(fromTexts(map, ['{"a": 1.5, "b": null}', '{}', '{"a": 1, "a": 2}', '{"a": "x"}', '[1]'])).toEqual([
      [
        ['a', 1.5],
        ['b', null],
      ],
      [],
      [['a', 2]],
      'refused',
      'refused',
    ]);
  });

  it('rounds doubles and floats correctly', () => {
    const random = new Random(7);
    for (let i = 0; i < 200_000; i++) {
      const text = `${random.pick(['', '-'])}${random.digits(1 + random.below(10))}${random.chance(0.8) ? `.${random.digits(1 + random.below(12))}` : ''}${random.chance(0.2) ? `e${random.below(60) - 30}` : ''}`;
      const bytes = encoder.encode(text);
      const found = nearestDouble(bytes, 0, bytes.length);
      if (!Object.is(found, Number(text))) throw new Error(`${text}: ${found}, not ${Number(text)}`);
    }
    const float = (text: string) => nearestFloat(encoder.encode(text), 0, text.length);
    expect(float('1.00000005960464477539062500000001')).toBe(1 + 2 ** -23);
    expect(float('1.000000059604644775390625')).toBe(1);
    expect(float('-1.00000005960464477539062500000001')).toBe(-1 - 2 ** -23);
    expect(float('1e-46')).toBe(0);
    expect(fromTexts({ kind: 'double' }, ['nan', '-Infinity', 'inf', '1e400', '1e', '1.2.3', 'e5', ''])).toEqual([
      Number.NaN,
      -Infinity,
      Infinity,
      Infinity,
      'refused',
      'refused',
      'refused',
      'refused',
    ]);
  });
});

describe('conversion from values', () => {
  const values = (type: DataType, given: unknown[]) => {
    const builder = createColumnBuilder(type);
    const outcomes = given.map((value) => builder.appendValue(value));
    const rows = builder.rows;
    const kept = columnValues(builder.finish(), rows);
    return outcomes.map((good) => (good ? kept.shift() : 'refused'));
  };

  it('takes what is lossless', () => {
    expect(values({ kind: 'bigint' }, [1, 2n ** 62n, 1.5, 2 ** 60, '7', null, true, {}])).toEqual([
      1n,
      2n ** 62n,
      'refused',
      'refused',
      7n,
      null,
      'refused',
      'refused',
    ]);
    expect(values({ kind: 'double' }, [1.5, 2 ** 60, '2', 'x'])).toEqual([1.5, 2 ** 60, 2, 'refused']);
    expect(values({ kind: 'varchar' }, ['a', 1, true, { a: [1] }, null])).toEqual(['a', '1', 'true', '{"a":[1]}', null]);
    expect(values({ kind: 'list', child: { kind: 'integer' } }, [[1, null], [1, 'x'], [], null, 'x'])).toEqual([
      [1, null],
      'refused',
      [],
      null,
      'refused',
    ]);
    const struct: DataType = {
      kind: 'struct',
      fields: [
        { name: 'a', type: { kind: 'integer' } },
        { name: 'b', type: { kind: 'varchar' } },
      ],
    };
    expect(values(struct, [{ a: 1, b: 'x', c: 2 }, { b: 'y' }, { a: 'q', b: 'z' }, null])).toEqual([
      { a: 1, b: 'x' },
      { a: null, b: 'y' },
      'refused',
      null,
    ]);
  });

  it('forgets rows on truncate, their NULLs and elements too', () => {
    const builder = createColumnBuilder({ kind: 'list', child: { kind: 'varchar' } });
    for (const value of [['a'], null, ['b', null], ['c']]) builder.appendValue(value);
    builder.truncate(1);
    builder.appendValue(['d', 'e']);
    const column = builder.finish();
    expect(column.validity).toBeNull();
    expect(columnValues(column, 2)).toEqual([['a'], ['d', 'e']]);
    expect(builder.rows).toBe(0);
  });
});

describe('agreement with DuckDB', () => {
  it('casts the same texts to the same values', async () => {
    const random = new Random(11);
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const cases: [DataType, string, () => string][] = [
      [{ kind: 'bigint' }, 'BIGINT', () => String(BigInt.asIntN(64, random.bits()))],
      [
        { kind: 'double' },
        'DOUBLE',
        () => `${random.digits(1 + random.below(25))}.${random.digits(1 + random.below(25))}e${random.below(600) - 310}`,
      ],
      [
        { kind: 'float' },
        'FLOAT',
        () => `${random.digits(1 + random.below(9))}.${random.digits(1 + random.below(25))}e${random.below(70) - 45}`,
      ],
      [
        { kind: 'timestamp' },
        'TIMESTAMP',
        () => new Date(random.below(2 ** 31) * 1000 + random.below(1000)).toISOString().replace('Z', random.pick(['', 'Z'])),
      ],
      [{ kind: 'date' }, 'DATE', () => new Date((random.below(200_000) - 100_000) * 86_400_000).toISOString().slice(0, 10)],
      [
        { kind: 'decimal', width: 18, scale: 4 },
        'DECIMAL(18,4)',
        () => `${random.pick(['-', ''])}${random.digits(1 + random.below(14))}.${random.digits(random.below(5))}`,
      ],
    ];
    for (const [type, name, make] of cases) {
      const texts = Array.from({ length: 500 }, make);
      const list = texts.map((text) => `('${text}')`).join(',');
      const expression =
        {
          TIMESTAMP: 'epoch_us(v::TIMESTAMP)',
          DATE: "v::DATE - DATE '1970-01-01'",
          'DECIMAL(18,4)': '(v::DECIMAL(18,4)::DECIMAL(38,4) * 10000)::BIGINT',
        }[name] ?? `v::${name}`;
      const expected = (await connection.runAndReadAll(`SELECT ${expression} FROM (VALUES ${list}) t(v)`))
        .getRows()
        .map(([value]) => value);
      const found = fromTexts(type, texts).map((value) => (name === 'DATE' ? BigInt(value as number) : value));
      for (const [index, text] of texts.entries())
        if (!Object.is(found[index], expected[index])) throw new Error(`${name} ${text}: ${found[index]}, DuckDB ${expected[index]}`);
    }
  });
});
