import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { fileSink } from '../../connectors/file/sink/file-sink.ts';
import { buildBatch } from '../store/build-batch.ts';
import { ask, filesOf, newFolder, write } from './file-sink-support.ts';
import { sinkConformance } from './sink-conformance.ts';

const readers = { jsonl: 'read_json', csv: 'read_csv', parquet: 'read_parquet' } as const;

for (const format of ['jsonl', 'csv', 'parquet'] as const) {
  for (const more of [{}, { partition_by: 'text' }] as OptionValues[]) {
    sinkConformance(`file as ${format}${more.partition_by === undefined ? '' : ' in folders'}`, {
      sink: fileSink,
      options: { path: 'out', format, roll_every: 1, ...more },
      directory: newFolder,
      async seen(directory) {
        const files = await filesOf(join(directory, 'out'));
        if (files.length === 0) return [];
        const from = `${readers[format]}(['${files.map((file) => join(directory, 'out', file)).join("', '")}'], union_by_name = true)`;
        const described = await ask(`DESCRIBE SELECT * FROM ${from}`);
        const operation = described.some(([name]) => name === '_op') ? '_op' : 'NULL';
        return (await ask(`SELECT n, ${operation} FROM ${from}`)).map(([n, op]) => [Number(n), op as string | null] as const);
      },
    });
  }
}

describe('values', () => {
  const spec = (name: string, type: ColumnSpec['type']): ColumnSpec => ({ name, type, nullable: true });
  const columns: readonly ColumnSpec[] = [
    spec('flag', { kind: 'boolean' }),
    spec('small', { kind: 'tinyint' }),
    spec('big', { kind: 'bigint' }),
    spec('unsigned', { kind: 'ubigint' }),
    spec('price', { kind: 'decimal', width: 12, scale: 3 }),
    spec('wide', { kind: 'decimal', width: 38, scale: 0 }),
    spec('single', { kind: 'float' }),
    spec('double', { kind: 'double' }),
    spec('text', { kind: 'varchar' }),
    spec('bytes', { kind: 'blob' }),
    spec('day', { kind: 'date' }),
    spec('clock', { kind: 'time' }),
    spec('ts', { kind: 'timestamp' }),
    spec('ms', { kind: 'timestamp_ms' }),
    spec('ns', { kind: 'timestamp_ns' }),
    spec('zone', { kind: 'timestamptz' }),
    spec('id', { kind: 'uuid' }),
    spec('list', { kind: 'list', child: { kind: 'varchar' } }),
    spec('map', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'double' } }),
    spec('struct', { kind: 'struct', fields: [{ name: 'a', type: { kind: 'integer' } }] }),
  ];
  const max = 2n ** 63n - 1n;
  const rows = [
    columns.map(() => null),
    [
      ...[true, -128, max, 2n ** 64n - 1n, 123_456_789n, 10n ** 37n, 0.1, 0.1, 'a "b", c\n\\é 💧', Uint8Array.of(0, 34, 255, 65), 20_480],
      ...[86_399_999_999n, 1_769_817_600_250_000n, -1n, 1_769_817_600_000_000_001n, 0n, 2n ** 127n + 5n],
      ...[
        ['x', null, ''],
        [
          ['k', 1.5],
          ['l', null],
        ],
        [7],
      ],
    ],
    [
      ...[false, 127, -max - 1n, 0n, -1n, -1n, Number.NaN, Number.NEGATIVE_INFINITY, '', new Uint8Array(0), -719_528],
      ...[0n, -62_198_755_200_000_000n, 0n, 0n, 1n, 0n, [], [], [null]],
    ],
    [
      ...[false, 0, 1n, 1n, 5n, 5n, 3.4028234663852886e38, 5e-324, ' kept ', Uint8Array.of(92, 39), 0],
      ...[1n, 0n, 1n, 1n, 1n, 1n, ['it\'s "x"'], [['', 0]], [-1]],
    ],
  ];
  const types = columns.map((column) => typeText(column.type));

  function typeText(type: ColumnSpec['type']): string {
    if (type.kind === 'decimal') return `DECIMAL(${type.width},${type.scale})`;
    if (type.kind === 'list') return 'VARCHAR[]';
    if (type.kind === 'map') return 'MAP(VARCHAR, DOUBLE)';
    return type.kind === 'struct' ? 'STRUCT(a INTEGER)' : type.kind;
  }

  test('come back from Parquet as they were, and from JSON and CSV as their text says', async () => {
    const directory = await newFolder();
    for (const format of ['parquet', 'jsonl', 'csv']) await write(directory, columns, rows, { path: format, format });
    const file = async (format: string) => join(directory, format, (await filesOf(join(directory, format)))[0] as string);
    const list = columns.map(({ name }, index) => `CAST("${name}" AS ${types[index]})::VARCHAR`).join(', ');
    const parquet = await ask(`SELECT ${list} FROM read_parquet('${await file('parquet')}')`);
    const declared = `{${columns.map(({ name, type }, index) => `'${name}': '${['list', 'map', 'struct'].includes(type.kind) ? types[index] : 'VARCHAR'}'`).join(', ')}}`;
    expect(await ask(`SELECT ${list} FROM read_json('${await file('jsonl')}', columns = ${declared})`)).toEqual(parquet);
    const texts = columns.map(({ name, type }, index) => {
      const nested = ['list', 'map', 'struct'].includes(type.kind);
      return nested ? `from_json("${name}", '"${types[index]}"')::VARCHAR` : `CAST("${name}" AS ${types[index]})::VARCHAR`;
    });
    expect(
      await ask(
        `SELECT ${texts.join(', ')} FROM read_csv('${await file('csv')}', header = true, all_varchar = true, allow_quoted_nulls = false)`,
      ),
    ).toEqual(parquet);
    expect(parquet).toMatchInlineSnapshot(`
      [
        [
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
        ],
        [
          "true",
          "-128",
          "9223372036854775807",
          "18446744073709551615",
          "123456.789",
          "10000000000000000000000000000000000000",
          "0.1",
          "0.1",
          "a "b", c
      \\é 💧",
          "\\x00\\x22\\xFFA",
          "2026-01-27",
          "23:59:59.999999",
          "2026-01-31 00:00:00.25",
          "1969-12-31 23:59:59.999",
          "2026-01-31 00:00:00.000000001",
          "1970-01-01 00:00:00+00",
          "00000000-0000-0000-0000-000000000005",
          "[x, NULL, '']",
          "{k=1.5, l=NULL}",
          "{'a': 7}",
        ],
        [
          "false",
          "127",
          "-9223372036854775808",
          "0",
          "-0.001",
          "-1",
          "nan",
          "-inf",
          "",
          "",
          "0001-01-01 (BC)",
          "00:00:00",
          "0002-01-01 (BC) 00:00:00",
          "1970-01-01 00:00:00",
          "1970-01-01 00:00:00",
          "1970-01-01 00:00:00.000001+00",
          "80000000-0000-0000-0000-000000000000",
          "[]",
          "{}",
          "{'a': NULL}",
        ],
        [
          "false",
          "0",
          "1",
          "1",
          "0.005",
          "5",
          "3.4028235e+38",
          "5e-324",
          " kept ",
          "\\x5C\\x27",
          "1970-01-01",
          "00:00:00.000001",
          "1970-01-01 00:00:00",
          "1970-01-01 00:00:00.001",
          "1970-01-01 00:00:00.000000001",
          "1970-01-01 00:00:00.000001+00",
          "80000000-0000-0000-0000-000000000001",
          "['it\\'s "x"']",
          "{''=0.0}",
          "{'a': -1}",
        ],
      ]
    `);
  });
});

describe('folders', () => {
  const columns: readonly ColumnSpec[] = [
    { name: 'dt', type: { kind: 'date' }, nullable: true },
    { name: 'hm', type: { kind: 'varchar' }, nullable: true },
    { name: 'n', type: { kind: 'bigint' }, nullable: true },
  ];
  const hm = ['10:05', 'a/b', '..', null, 'é%', '', "it's"];

  test('are named so that any value is safe, and read back', async () => {
    const directory = await newFolder();
    const rows = hm.map((value, n) => [20_484, value, BigInt(n)]);
    await write(directory, columns, rows, { format: 'parquet', partition_by: 'dt, HM' });
    const files = await filesOf(join(directory, 'out'));
    expect(files.map((file) => file.replace(/\/part-.*/, '')).sort()).toEqual(
      ['', '%C3%A9%25', '..', '10%3A05', '__HIVE_DEFAULT_PARTITION__', 'a%2Fb', 'it%27s'].map((name) => `dt=2026-01-31/hm=${name}`).sort(),
    );
    const from = `read_parquet('${directory}/out/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)`;
    const read = await ask(`SELECT dt, hm, n FROM ${from} ORDER BY n`);
    expect(read.map(([dt, value]) => [dt, value])).toEqual(hm.map((value) => ['2026-01-31', value]));
  });

  test('with too long a name say so', async () => {
    await expect(write(await newFolder(), columns, [[0, 'x'.repeat(300), 1n]], { partition_by: 'hm' })).rejects.toThrow(
      /a value of hm is too long for the name of a folder/,
    );
  });
});

describe('a sink that cannot be written to', () => {
  const columns: readonly ColumnSpec[] = [{ name: 'n', type: { kind: 'bigint' }, nullable: true }];

  test('is a file', async () => {
    const directory = await newFolder();
    await writeFile(join(directory, 'out'), '');
    await expect(write(directory, columns, [[1n]], {})).rejects.toMatchObject({
      name: 'ConnectorError',
      source: 'out',
      message: /is not a folder/,
    });
  });

  test.skipIf(process.getuid?.() === 0)('has no permission', async () => {
    const directory = await newFolder();
    await mkdir(join(directory, 'out'));
    await chmod(join(directory, 'out'), 0o500);
    await expect(write(directory, columns, [[1n]], {})).rejects.toMatchObject({ message: /no permission to write/ });
  });
});

test('files are closed by size and by age, and put together from their epochs', async () => {
  const directory = await newFolder();
  let now = 1_000_000;
  const columns: readonly ColumnSpec[] = [{ name: 'n', type: { kind: 'bigint' }, nullable: true }];
  const options = { path: 'out', format: 'csv', roll_every: 10_000, roll_bytes: 100 };
  const context = {
    sink: 'out',
    columns,
    changes: false,
    key: null,
    directory,
    folder: directory,
    tell: () => undefined,
    clock: { now: () => now },
    committed: new Map<string, number>(),
  };
  const writer = await fileSink.open({ ...context, options });
  for (let number = 1; number <= 30; number++) {
    await writer.write({ writer: '0', number }, buildBatch(columns, [[BigInt(number)]]));
    await writer.prepare({ writer: '0', number });
    await writer.commit({ writer: '0', number });
    now += number > 20 ? 6_000 : 1;
    await writer.maintain();
  }
  const files = await filesOf(join(directory, 'out'));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, 'out', file), 'utf8')));
  expect(texts.every((text) => /^n\n(\d+\n)+$/.test(text))).toBe(true);
  expect(Math.max(...texts.map((text) => text.length))).toBeGreaterThan(20);
  expect(files.length).toBeLessThan(15);
  await writer.close();
  const [row] = await ask(`SELECT count(*), count(DISTINCT n) FROM read_csv('${directory}/out/*.csv')`);
  expect(row?.map(Number)).toEqual([30, 30]);
  expect(await readdir(join(directory, 'out', '.millrace', 'out'), { recursive: true })).toEqual(['parts', 'rolls']);
});
