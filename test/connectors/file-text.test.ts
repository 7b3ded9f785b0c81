import { describe, expect, it } from 'vitest';
import { column } from './open-source.ts';
import { failure, lastName, read, save } from './file-support.ts';

const day = 1704067200000000n;

describe('CSV', () => {
  it('follows RFC 4180', async () => {
    const { rows, rejected } = await read(
      'note,at,status\r\n"a ""quoted"" word, and\nmore",2024-01-01,1\r\n,2024-01-01,2\n"",2024-01-01,3\n\n5" pipe,2024-01-01,4',
      'csv',
    );
    expect(rejected).toEqual([]);
    expect(rows).toEqual([
      [day, 1, 'a "quoted" word, and\nmore'],
      [day, 2, null],
      [day, 3, ''],
      [day, 4, '5" pipe'],
    ]);
  });

  it('rejects what is no row, says why and where, and goes on', async () => {
    const content = [
      'at,status,note',
      '2024-01-01,5O3,x',
      '2024-01-01,99999999999,x',
      '2024-01-01,,x',
      '1700000000000,1,x',
      '2024-01-01,1',
      '2024-01-01,1,x,y',
      '2024-01-01,1,"x"y',
      '2024-01-01,1,"two',
      'lines"',
      '2024-01-01,2,\xff',
      '2024-01-01,3,good',
      '2024-01-01,4,"never closed',
      '2024-01-01,5,swallowed',
    ].join('\n');
    const { rows, rejected } = await read(Buffer.from(content, 'latin1'), 'csv');
    expect(rows).toEqual([
      [day, 1, 'two\nlines'],
      [day, 3, 'good'],
    ]);
    const name = `${lastName()}.csv`;
    expect(rejected.map(({ reason, field, at }) => `${at} ${field} ${reason}`)).toEqual([
      `${name}:2 status status is not an INTEGER: "5O3"`,
      `${name}:3 status status does not fit INTEGER: "99999999999"`,
      `${name}:4 status status is NULL but declared NOT NULL`,
      `${name}:5 at at is not a TIMESTAMP: "1700000000000"; a number needs the option timestamp_unit`,
      `${name}:6 null 2 fields, 3 expected`,
      `${name}:7 null 4 fields, 3 expected`,
      `${name}:8 null text follows the closing quote of a field`,
      `${name}:11 null the record is not valid UTF-8`,
      `${name}:13 null a quote is opened and never closed, so that the rest of the file belongs to this record`,
    ]);
    expect(Buffer.from(rejected[0]!.bytes).toString()).toBe('2024-01-01,5O3,x');
    expect(Buffer.from(rejected[7]!.bytes).toString('latin1')).toBe('2024-01-01,2,\xff');
  });

  it('has its options', async () => {
    const specs = [column('a', 'integer'), column('b', 'varchar')];
    expect(
      (await read("1;'x;''y'\nNA;NA\n", 'txt', { format: 'csv', delimiter: ';', quote: "'", null: 'NA', header: false }, specs)).rows,
    ).toEqual([
      [1, "x;'y"],
      [null, null],
    ]);
    expect((await read('a\tb\n1\t"x\n', 'tsv', { delimiter: 'tab', quote: 'none' }, specs)).rows).toEqual([[1, '"x']]);
    expect((await read('\ufeffB,A\nx,1\n', 'csv', {}, specs)).rows).toEqual([[1, 'x']]);
    expect((await read('a\n1\n\n2', 'csv', {}, [column('a', 'integer')])).rows).toEqual([[1], [null], [2]]);
  });

  it('rejects records longer than max_row_bytes without holding them', async () => {
    const long = 'x'.repeat(3 << 20);
    const content = `at,status,note\n2024-01-01,1,${long}\n2024-01-01,2,"${long}\n${long}"\n2024-01-01,3,ok\n2024-01-01,4,${'y'.repeat(200)}\n`;
    const { rows, rejected } = await read(content, 'csv', { max_row_bytes: 128 });
    expect(rows).toEqual([[day, 3, 'ok']]);
    expect(rejected.map(({ reason, at, bytes }) => [reason, at, bytes.length])).toEqual(
      [2, 3, 6].map((line) => ['the record is longer than max_row_bytes (128 bytes)', `${lastName()}.csv:${line}`, 128]),
    );
  });

  it('wants the declared columns in the header', async () => {
    const missing = await failure(save('at,status\n', 'csv'));
    expect(missing.message).toBe(`${lastName()}.csv has no column note; its header is at, status`);
    expect((await failure(save('at,status,note,note\n', 'csv'))).message).toContain('has 2 columns named note');
  });
});

describe('JSON lines', () => {
  it('reads values of every shape', async () => {
    const specs = [
      column('id', 'bigint'),
      column('tags', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'varchar' } }),
      column('list', { kind: 'list', child: { kind: 'double' } }),
      column('point', {
        kind: 'struct',
        fields: [
          { name: 'x', type: { kind: 'integer' } },
          { name: 'y', type: { kind: 'integer' } },
        ],
      }),
      column('raw', 'json'),
      column('text', 'varchar'),
    ];
    const lines = [
      '{"id": 9007199254740993, "tags": {"a": "b", "n": 1.50}, "list": [1, null, 2.5], "point": {"y": 2, "z": 0}, "raw": {"k": [1, "\\u00e9"]}, "text": "\\ud83d\\ude42\\n\\"q\\""}',
      '',
      '{"unknown": {"deep": [[]]}, "text": "漢", "id": "7"}',
      '  {}  ',
    ];
    const { rows, rejected } = await read(lines.join('\r\n'), 'jsonl', {}, specs);
    expect(rejected).toEqual([]);
    expect(rows).toEqual([
      [
        9007199254740993n,
        [
          ['a', 'b'],
          ['n', '1.50'],
        ],
        [1, null, 2.5],
        { x: null, y: 2 },
        '{"k": [1, "\\u00e9"]}',
        '🙂\n"q"',
      ],
      [7n, null, null, null, null, '漢'],
      [null, null, null, null, null, null],
    ]);
  });

  it('rejects what is no row, says why and where, and goes on', async () => {
    const lines = [
      '{"status": 1, "at": "2024-01-01"}',
      '{"status": "5O3"}',
      '{"status": 1.5}',
      '{"status": {"a": 1}}',
      '{"at": "2024-01-01"}',
      '{"status": null}',
      '{"status": 1',
      '{"status": 1} x',
      '{"status": 01}',
      '{"status": 1, "note": "\\ud800"}',
      '{"status": 1, "status": 2}',
      '[1]',
      'nonsense',
      '{"status": 2, "other": tru}',
      '{"status": 3}',
    ];
    const { rows, rejected } = await read(lines.join('\n'), 'ndjson');
    expect(rows).toEqual([
      [day, 1, null],
      [null, 2, null],
      [null, 3, null],
    ]);
    expect(rejected.map(({ reason, field, at }) => `${at.replace(/.*:/, '')} ${field}: ${reason}`)).toEqual([
      '2 status: status is not an INTEGER: "5O3"',
      '3 status: status is not an INTEGER: "1.5"',
      '4 status: status is not an INTEGER: "{\\"a\\": 1}"',
      '5 status: status is NULL but declared NOT NULL',
      '6 status: status is NULL but declared NOT NULL',
      '7 null: bad JSON at byte 13: , or } expected',
      '8 null: bad JSON at byte 15: something follows the value',
      '9 null: bad JSON at byte 12: a number is malformed',
      '10 note: note has half of a surrogate pair',
      '12 null: it is not a JSON object',
      '13 null: it is not a JSON object',
      '14 null: bad JSON at byte 24: a value expected',
    ]);
  });

  it('says so when the file is one array', async () => {
    expect((await failure(save('[{"status": 1}]', 'json'))).message).toContain('is one JSON array, not one object a line');
  });
});
