import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { fileConnector } from '../../connectors/file/file.ts';
import { typeName } from '../../connectors/type-name.ts';
import { column, openContext, readAll } from './open-source.ts';
import { Random } from './random.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-against-duckdb-'));
const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const rowsMade = 8000;
const specs: readonly ColumnSpec[] = [
  column('id', 'bigint'),
  column('small', 'smallint'),
  column('real', 'double'),
  column('narrow', 'float'),
  column('price', { kind: 'decimal', width: 18, scale: 4 }),
  column('at', 'timestamp'),
  column('day', 'date'),
  column('good', 'boolean'),
  column('note', 'varchar'),
];

/** A value as text, by column; null for NULL. */
function randomRow(random: Random): (string | null)[] {
  const values = [
    String(BigInt.asIntN(64, random.bits())),
    String(random.below(65536) - 32768),
    random.pick([
      () => String((random.next() - 0.5) * 10 ** (random.below(40) - 20)),
      () => `1${random.digits(19)}`,
      () => `0.${random.digits(25)}`,
    ])(),
    String(Math.fround(random.next() * 10 ** (random.below(30) - 15))),
    `${random.pick(['-', ''])}${random.below(10 ** 9)}.${random.digits(random.below(5))}`,
    new Date(random.below(2 ** 31) * 1000 + random.below(1000)).toISOString().slice(0, random.chance(0.2) ? 19 : 23),
    new Date(random.below(2 ** 31) * 1000).toISOString().slice(0, 10),
    random.pick(['true', 'false']),
    random.text(),
  ];
  return values.map((value) => (random.chance(0.1) ? null : value));
}

function csvField(text: string | null, random: Random): string {
  if (text === null) return '';
  const must = text === '' || /[",\r\n]/.test(text);
  return must || random.chance(0.2) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLine(row: readonly (string | null)[], random: Random): string {
  const members = row.flatMap((text, index) => {
    if (text === null && random.chance(0.5)) return [];
    const bare =
      text === null ||
      ['bigint', 'smallint', 'boolean'].includes(specs[index]!.type.kind) ||
      (specs[index]!.type.kind === 'double' && /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/.test(text));
    return [`${JSON.stringify(specs[index]!.name)}:${random.pick(['', ' '])}${bare ? text : jsonString(text, random)}`];
  });
  if (random.chance(0.3)) members.reverse();
  if (random.chance(0.2)) members.push('"unknown": {"a": [1, "}\\""]}');
  return `{${members.join(random.pick([',', ', ']))}}`;
}

function jsonString(text: string, random: Random): string {
  const plain = JSON.stringify(text);
  return random.chance(0.3) ? plain.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain;
}

async function expected(read: string): Promise<unknown[][]> {
  const list = specs.map(({ name, type }) => {
    if (type.kind === 'timestamp') return `epoch_us("${name}")`;
    if (type.kind === 'date') return `("${name}" - DATE '1970-01-01')::INTEGER`;
    if (type.kind === 'decimal') return `("${name}"::DECIMAL(38,4) * 10000)::BIGINT`;
    return type.kind === 'boolean' ? `"${name}"::TINYINT` : `"${name}"`;
  });
  return (await connection.runAndReadAll(`SELECT ${list.join(', ')} FROM ${read}`)).getRows() as unknown[][];
}

const types = `{${specs.map(({ name, type }) => `'${name}': '${typeName(type)}'`).join(', ')}}`;

describe.each([1, 2])('seed %i', (seed) => {
  it('CSV is read as DuckDB reads it', async () => {
    const random = new Random(seed);
    const end = random.pick(['\n', '\r\n']);
    const lines = Array.from({ length: rowsMade }, () =>
      randomRow(random)
        .map((text) => csvField(text, random))
        .join(','),
    );
    const name = `rows${seed}.csv.gz`;
    writeFileSync(join(directory, name), gzipSync(`${specs.map((spec) => spec.name).join(',')}${end}${lines.join(end)}${end}`));
    const run = await readAll(fileConnector, openContext(specs, { directory, options: { path: name } }));
    expect(run.rejected).toEqual([]);
    const options = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, columns = ${types}`;
    expectSame(run.rows, await expected(`read_csv('${join(directory, name)}', ${options})`));
  });

  it('JSON lines are read as DuckDB reads them', async () => {
    const random = new Random(seed + 100);
    const lines = Array.from({ length: rowsMade }, () => jsonLine(randomRow(random), random));
    const name = `rows${seed}.jsonl`;
    writeFileSync(join(directory, name), lines.join('\n'));
    const run = await readAll(fileConnector, openContext(specs, { directory, options: { path: name } }));
    expect(run.rejected).toEqual([]);
    expectSame(run.rows, await expected(`read_json('${join(directory, name)}', format = 'newline_delimited', columns = ${types})`));
  });
});

function expectSame(found: readonly unknown[][], wanted: readonly unknown[][]): void {
  expect(found.length).toBe(wanted.length);
  for (const [index, row] of found.entries()) {
    const wrong = row.findIndex((value, at) => !Object.is(value, wanted[index]![at]) && !(value === 0 && wanted[index]![at] === 0));
    if (wrong >= 0) throw new Error(`row ${index} ${specs[wrong]!.name}: ${row[wrong]}, DuckDB ${wanted[index]![wrong]}`);
  }
}
