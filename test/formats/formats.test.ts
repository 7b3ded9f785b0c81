import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Bool,
  DateDay,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  RecordBatchStreamWriter,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { afterAll, describe, expect, it } from 'vitest';
import { batchRowsMax } from '../../connectors/batch.ts';
import { formatFaults } from '../../connectors/formats/settings.ts';
import { checkDecodedColumns } from '../../connectors/formats/plan-decoder.ts';
import { SpansBuffer } from '../../connectors/formats/spans-buffer.ts';
import { column, compiler, openFormat, records } from './support.ts';

afterAll(() => compiler.close());
const origin = { topic: 't', partition: 0 };

describe('CSV messages', () => {
  it('are one line each, fields in the order of the columns', async () => {
    const columns = [column('a', 'integer', false), column('b', 'varchar'), column('c', 'timestamp')];
    const { decode } = await openFormat(columns, { format: 'csv', delimiter: ';', null: 'NA' });
    const { rows, rejected } = decode([
      ...records(['1;"x;""y""";2024-01-01', '2;NA;\r\n', '3;\n4;;', 'x;y;', ';y;', '1;2', '']),
      { value: null },
    ]);
    expect(rows).toEqual([
      [1, 'x;"y"', 1_704_067_200_000_000n],
      [2, null, null],
    ]);
    expect(rejected.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      '2 it is more than one line',
      '3 a is not an INTEGER: "x"',
      '4 a is NULL but declared NOT NULL',
      '5 2 fields, 3 expected',
      '6 it is empty',
      '7 a is NULL but declared NOT NULL',
    ]);
  });
});

describe('text and raw messages', () => {
  it('are the value of the one column', async () => {
    const bytes = { value: Uint8Array.of(0xff, 0) };
    const text = await openFormat([column('line', 'varchar')], { format: 'text' });
    expect(text.decode([...records(['é', '']), bytes, { value: null }]).rows).toEqual([['é'], [''], [null]]);
    const raw = await openFormat([column('bytes', 'blob', false)], { format: 'raw' });
    const { rows, rejected } = raw.decode([bytes, { value: null }]);
    expect(rows).toEqual([['ff00']]);
    expect(rejected).toEqual([{ index: 1, reason: 'bytes is NULL but declared NOT NULL', field: 'bytes' }]);
    expect(checkDecodedColumns([column('a', 'integer')], { format: 'raw' })).toHaveLength(1);
    expect(checkDecodedColumns([column('a', 'blob'), column('b', 'blob')], { format: 'raw' })).toHaveLength(1);
  });
});

describe('Arrow messages', () => {
  const table = (rows: number, from = 0) =>
    new Table({
      i: vectorFromArray(
        Array.from({ length: rows }, (_, k) => (k === 1 ? null : from + k)),
        new Int32(),
      ),
      l: vectorFromArray(
        Array.from({ length: rows }, (_, k) => 2n ** 60n + BigInt(k)),
        new Int64(),
      ),
      d: vectorFromArray(
        Array.from({ length: rows }, (_, k) => k / 4),
        new Float64(),
      ),
      s: vectorFromArray(Array.from({ length: rows }, (_, k) => `s${k % 2}`)),
      u: vectorFromArray(
        Array.from({ length: rows }, (_, k) => `é${k}`),
        new Utf8(),
      ),
      b: vectorFromArray(
        Array.from({ length: rows }, (_, k) => k % 3 === 0),
        new Bool(),
      ),
      at: vectorFromArray(
        Array.from({ length: rows }, (_, k) => k),
        new TimestampMicrosecond(),
      ),
      day: vectorFromArray(
        Array.from({ length: rows }, (_, k) => new Date(k * 86_400_000)),
        new DateDay(),
      ),
      list: vectorFromArray(
        Array.from({ length: rows }, (_, k) => Array.from({ length: k % 3 }, (_, e) => e)),
        new List(new Field('item', new Int32())),
      ),
    });
  const columns = [
    column('i', 'integer'),
    column('l', 'bigint'),
    column('d', 'double'),
    column('s', 'varchar'),
    column('u', 'varchar'),
    column('b', 'boolean'),
    column('at', 'timestamp'),
    column('day', 'date'),
    column('list', { kind: 'list', child: { kind: 'integer' } }),
    column('more', 'varchar'),
  ];
  const expected = (k: number, from = 0) => [
    k === 1 ? null : from + k,
    2n ** 60n + BigInt(k),
    k / 4,
    `s${k % 2}`,
    `é${k}`,
    k % 3 === 0 ? 1 : 0,
    BigInt(k) * 1000n,
    k,
    Array.from({ length: k % 3 }, (_, e) => e),
    null,
  ];

  it('give a row for each of theirs', async () => {
    const opened = await openFormat(columns, { format: 'arrow' });
    const { rows, rejected } = opened.decode([
      { value: tableToIPC(table(3), 'stream') },
      ...records(['no arrow']),
      { value: tableToIPC(table(2, 9), 'stream') },
    ]);
    expect(rows).toEqual(
      [expected(0), expected(1), expected(2), expected(0, 9), expected(1, 9)].map((row) => row.with(6, (row[6] as bigint) / 1n)),
    );
    expect(rejected.map(({ index }) => index)).toEqual([1]);
  });

  it('may hold more rows than a batch, and reject some', async () => {
    const opened = await openFormat(
      [column('i', 'utinyint'), column('k', 'bigint', false)],
      { format: 'arrow' },
      { recordFields: { 1: 'offset' } },
    );
    const buffer = new SpansBuffer(opened.module, 16);
    const spans = buffer.fill([
      { value: tableToIPC(table(20_000), 'stream'), offset: 4n },
      { value: tableToIPC(table(3), 'stream'), offset: 5n },
    ]);
    let from = 0;
    let fromRow = 0;
    let rows = 0;
    let rejected = 0;
    const offsets = new Set<bigint>();
    while (from < 2) {
      const part = opened.decoder.decode(spans, from, 2, origin, fromRow);
      expect(part.batch.rows + part.rejected.length).toBeLessThanOrEqual(batchRowsMax);
      rows += part.batch.rows;
      rejected += part.rejected.length;
      const [, offset] = part.batch.columns;
      if (offset?.kind === 'fixed') for (const value of offset.data) offsets.add(value as bigint);
      [from, fromRow] = [part.next, part.nextRow];
    }
    expect([rows, rejected]).toEqual([259, 19_744]);
    expect([...offsets]).toEqual([4n, 5n]);
  });

  it('may come without a schema when a file has it', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'arrow-')), 'schema.arrows');
    const plain = (rows: number) => table(rows).select(['i', 'u']);
    const stream = tableToIPC(plain(2), 'stream');
    writeFileSync(path, RecordBatchStreamWriter.writeAll(plain(1)).toUint8Array(true));
    const view = new DataView(stream.buffer, stream.byteOffset);
    const alone = stream.slice(8 + view.getInt32(4, true));
    const opened = await openFormat(columns, { format: 'arrow', schema_file: path });
    expect(opened.decode([{ value: alone }]).rows.map(([i]) => i)).toEqual([0, null]);
    const without = await openFormat(columns, { format: 'arrow' });
    expect(without.decode([{ value: alone }]).rejected[0]?.reason).toContain('there is no schema_file');
  });
});

describe('format options', () => {
  it('that exclude each other are told', () => {
    expect(formatFaults({ format: 'avro' })).toHaveLength(1);
    expect(formatFaults({ format: 'protobuf', schema_registry: 'http://a', schema_file: 'x' })).toHaveLength(1);
    expect(formatFaults({ format: 'avro', schema_registry: 'localhost' })).toHaveLength(1);
    expect(formatFaults({ format: 'csv', delimiter: 'ab' })).toHaveLength(1);
    expect(formatFaults({ format: 'json' })).toEqual([]);
  });
});
