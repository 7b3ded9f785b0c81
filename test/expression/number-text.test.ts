import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { doubleText, floatText, parseDouble, parseInteger } from '../../engine/compile/expression/host/number-text.ts';

const count = 4000;

function randomDoubles(): number[] {
  let state = 7n;
  const words = BigUint64Array.from({ length: count }, () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return state ^ (state >> 29n);
  });
  return [...new Float64Array(words.buffer)].filter(Number.isFinite);
}

async function duckdb(sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (await connection.runAndReadAll(sql)).getRows();
  connection.closeSync();
  return rows.map(([value]) => value);
}

describe('numbers as text', () => {
  it('prints doubles as DuckDB does', async () => {
    const doubles = [...randomDoubles(), ...Array.from({ length: 500 }, (_, i) => (i - 250) * 10 ** ((i % 40) - 20))];
    const want = await duckdb(`SELECT x::VARCHAR FROM (SELECT unnest([${doubles.map((x) => `'${x}'::DOUBLE`).join(', ')}]) AS x)`);
    expect(doubles.map(doubleText)).toEqual(want);
  });

  it('prints floats as DuckDB does', async () => {
    const floats = [
      ...randomDoubles().map((x) => Math.fround(x * 2 ** (Math.log2(Math.abs(x) || 1) > 0 ? -900 : 900))),
      ...randomDoubles().map((x) => Math.fround(x)),
    ]
      .concat(Array.from({ length: 500 }, (_, i) => Math.fround((i - 250) * 10 ** ((i % 30) - 15))))
      .filter((x) => Number.isFinite(x) && x !== 0);
    const want = await duckdb(`SELECT x::VARCHAR FROM (SELECT unnest([${floats.map((x) => `'${x}'::DOUBLE::FLOAT`).join(', ')}]) AS x)`);
    expect(floats.map(floatText)).toEqual(want);
  });

  it('reads numbers as DuckDB does', async () => {
    const texts = [
      '',
      ' ',
      '+',
      '-',
      '.',
      '1',
      '-1',
      '+1',
      '1.',
      '.1',
      '1e',
      '1e5',
      '1e+5',
      '1E-5',
      '1_0',
      '1__0',
      '_1',
      '1_',
      '1._5',
      '1.5_0',
      ' 7 ',
      '7x',
      '1e1e1',
      '0x1f',
      '0xg',
      'nan',
      'NaN',
      '-nan',
      'inf',
      '-Infinity',
      'infinit',
      '1 2',
      '1,5',
      '--1',
      '9'.repeat(40),
      '1e400',
      '1e-400',
      '0.5',
      '-0.5',
      '1.4999999999',
      '٣',
    ];
    const list = texts.map((text) => `'${text}'`).join(', ');
    const doubles = await duckdb(`SELECT TRY_CAST(x AS DOUBLE) FROM (SELECT unnest([${list}]) AS x)`);
    expect(texts.map(parseDouble)).toEqual(doubles);
    const integers = await duckdb(`SELECT TRY_CAST(x AS BIGINT) FROM (SELECT unnest([${list}]) AS x)`);
    const fits = (value: bigint | null) => (value !== null && BigInt.asIntN(64, value) === value ? value : null);
    expect(texts.map((text) => fits(parseInteger(text, 'signed')))).toEqual(integers);
  });
});
