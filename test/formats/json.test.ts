import { afterAll, describe, expect, it } from 'vitest';
import { columnValues } from '../connectors/column-values.ts';
import { recordFieldFault } from '../../connectors/formats/record-columns.ts';
import { Random } from '../connectors/random.ts';
import { column, compiler, openJson, records } from './support.ts';

afterAll(() => compiler.close());
const encoder = new TextEncoder();

describe('JSON messages', () => {
  it('takes fields by name in any order, and NULL for what is missing', async () => {
    const { decode } = await openJson([column('a', 'bigint'), column('b', 'varchar'), column('c', 'double')]);
    const { rows, rejected } = decode(
      records(['{"a":1,"b":"x","c":0.1}', '{ "c" : -1e-7 , "a" : 9007199254740993 }', '{}', '{"b":null,"z":{"b":[1,"}"]}}']),
    );
    expect(rejected).toEqual([]);
    expect(rows).toEqual([
      [1n, 'x', 0.1],
      [9007199254740993n, null, -1e-7],
      [null, null, null],
      [null, null, null],
    ]);
  });

  it('rejects one record without stopping the others, with a reason and a path', async () => {
    const items = { kind: 'list', child: { kind: 'struct', fields: [{ name: 'price', type: { kind: 'double' } }] } } as const;
    const { decode } = await openJson([column('id', 'integer', false), column('items', items), column('note', 'varchar')]);
    const { rows, rejected } = decode([
      ...records(['{"id":1,"items":[{"price":1},{"price":2.5}]}', '{"id":2,"items":[{"price":1},{"price":"dear"}]}', '{"items":[]}']),
      ...records(['{"id":3.5}', '{"id":4', 'x', '', '{"id":5,"note":"\\ud800"}', '{"id":6} {}', '{"id":7,"note":"a\tb"}']),
      { value: Uint8Array.of(...encoder.encode('{"id":8,"note":"'), 0xff, ...encoder.encode('"}')) },
      { value: null },
      ...records(['{"id":9,"items":null}']),
    ]);
    expect(rows).toEqual([
      [1, [{ price: 1 }, { price: 2.5 }], null],
      [9, null, null],
    ]);
    expect(rejected.map(({ index, field, reason }) => `${index} ${field}: ${reason}`)).toEqual([
      '1 items[1].price: items is not a STRUCT("price" DOUBLE)[]: "[{\\"price\\":1},{\\"price\\":\\"dear\\"}]"',
      '2 id: id is NULL but declared NOT NULL',
      '3 id: id is not an INTEGER: "3.5"',
      '4 null: bad JSON at byte 8: , or } expected',
      '5 null: it is not a JSON object',
      '6 null: it is empty',
      '7 note: note has half of a surrogate pair',
      '8 null: bad JSON at byte 10: something follows the value',
      '9 null: bad JSON at byte 18: a control character in a string',
      '10 null: it is not valid UTF-8',
      '11 id: id is NULL but declared NOT NULL',
    ]);
  });

  it('lets the last of several fields of a name count, in nested values too', async () => {
    const map = { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'integer' } } as const;
    const { decode } = await openJson([
      column('a', 'integer'),
      column('m', map),
      column('s', { kind: 'struct', fields: [{ name: 'x', type: { kind: 'date' } }] }),
    ]);
    const { rows } = decode(
      records([
        '{"a":"no","a":1,"a":2}',
        '{"a":1,"a":null}',
        '{"m":{"k":"no","l":2,"k":1}}',
        '{"s":{"x":1,"x":"1970-01-02"}}',
        '{"\\u0061":7}',
      ]),
    );
    expect(rows).toEqual([
      [2, null, null],
      [null, null, null],
      [
        null,
        [
          ['k', 1],
          ['l', 2],
        ],
        null,
      ],
      [null, null, { x: 1 }],
      [7, null, null],
    ]);
  });

  it('counts unknown fields by name, of rows only, and within bounds', async () => {
    const { decode, decoder } = await openJson([column('a', 'integer', false)]);
    decode(records(['{"a":1,"new":1}', '{"a":2,"new":[{}],"n\\u0065w":0,"é":""}', '{"new":1}', '{"a":"x","new":1}']));
    expect(decoder.unknownFields()).toEqual(
      new Map([
        ['new', 3],
        ['é', 1],
      ]),
    );
    decode(records(Array.from({ length: 2000 }, (_, index) => `{"field_${index}":1,"a":1}`)));
    const counts = decoder.unknownFields();
    expect(counts.size).toBeLessThanOrEqual(513);
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(2004);
    expect(counts.get(null)).toBeGreaterThan(1000);
  });

  it('puts out columns from around the value, and rejects keys that do not fit', async () => {
    const columns = [
      column('k', 'integer'),
      column('v', 'varchar'),
      column('o', 'bigint', false),
      column('at', 'timestamp'),
      column('p', 'integer'),
      column('t', 'varchar'),
    ];
    const { decode } = await openJson(columns, {
      recordFields: { 0: 'key', 2: 'offset', 3: 'timestamp', 4: 'partition', 5: 'topic' },
      needed: [0, 1, 2, 3, 4, 5],
    });
    const record = (key: string | null, value: string, offset: bigint, timestamp: bigint) => ({
      key: key === null ? null : encoder.encode(key),
      value: encoder.encode(value),
      offset,
      timestamp,
    });
    const { rows, rejected } = decode([
      record('7', '{"v":"x"}', 40n, 1_700_000_000_123n),
      record('no', '{"v":"y"}', 41n, 0n),
      record(null, '{"v":3,"k":9}', 2n ** 60n, -1n),
    ]);
    expect(rows).toEqual([
      [7, 'x', 40n, 1_700_000_000_123_000n, 3, 'events'],
      [null, '3', 2n ** 60n, null, 3, 'events'],
    ]);
    expect(rejected).toEqual([{ index: 1, reason: 'k is not an INTEGER: "no"', field: 'k' }]);
    const late = decode([record(null, '{}', 1n, 2n ** 62n)]);
    expect(late.rejected).toEqual([{ index: 0, reason: `its timestamp ${2n ** 62n} does not fit`, field: 'at' }]);
  });

  it('puts out headers as a list in which names come as often as they came', async () => {
    const element = (value: 'blob' | 'varchar') =>
      ({
        kind: 'struct',
        fields: [
          { name: 'name', type: { kind: 'varchar' } },
          { name: 'value', type: { kind: value } },
        ],
      }) as const;
    const columns = (value: 'blob' | 'varchar') => [column('v', 'integer'), column('h', { kind: 'list', child: element(value) })];
    const bytes = (...values: number[]) => ({ value: encoder.encode('{"v":1}'), headers: Uint8Array.from(values) });
    // Lengths are zigzag: 4 is two bytes, 1 is a null.
    const messages = [
      bytes(6, 4, 97, 98, 2, 120, 4, 97, 98, 4, 121, 122, 4, 195, 188, 1),
      bytes(0),
      bytes(2, 2, 97, 2, 255),
      bytes(2, 2, 97, 20, 120),
      bytes(2, 1, 2, 120),
      bytes(2, 2, 97, 2, 120, 0),
      { value: encoder.encode('{"v":2}') },
    ];
    const damaged = [3, 4, 5].map((index) => ({ index, field: 'h' }));
    const blobs = (await openJson(columns('blob'), { recordFields: { 1: 'headers' } })).decode(messages);
    expect(blobs.rejected).toMatchObject(damaged);
    const text = (value: Uint8Array | string | null) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
    const shown = (rows: unknown[][]) =>
      rows.map(([, list]) => (list as { name: string; value: Uint8Array | string | null }[]).map(({ name, value }) => [name, text(value)]));
    expect(shown(blobs.rows)).toEqual([
      [
        ['ab', '78'],
        ['ab', '797a'],
        ['ü', null],
      ],
      [],
      [['a', 'ff']],
      [],
    ]);
    const texts = (await openJson(columns('varchar'), { recordFields: { 1: 'headers' } })).decode(messages);
    expect(texts.rejected).toMatchObject([{ index: 2, field: 'h' }, ...damaged]);
    expect(shown(texts.rows)).toEqual([
      [
        ['ab', 'x'],
        ['ab', 'yz'],
        ['ü', null],
      ],
      [],
      [],
    ]);
    for (const type of [{ kind: 'map', key: { kind: 'varchar' }, value: { kind: 'blob' } }, { kind: 'varchar' }] as const) {
      expect(recordFieldFault('headers', column('h', type))).toContain('STRUCT(name VARCHAR, value BLOB)[]');
    }
  });

  it('keeps columns that no query reads out of the batch, and checks them', async () => {
    const columns = [
      column('a', 'integer'),
      column('b', 'varchar'),
      column('c', 'uuid'),
      column('d', { kind: 'list', child: { kind: 'integer' } }),
    ];
    const { decode } = await openJson(columns, { needed: [1] });
    const { batch, rejected } = decode(
      records(['{"a":1,"b":"x","d":[1]}', '{"a":"z","b":"y"}', '{"c":"z","b":"y"}', '{"d":[""],"b":"y"}']),
    );
    expect(batch.columns.map((each) => columnValues(each, batch.rows))).toEqual([['x']]);
    expect(rejected.map(({ field }) => field)).toEqual(['a', 'c', 'd[0]']);
  });

  it('gives dictionaries that batches share, and begins new ones when strings are mostly unique', async () => {
    const { decode, module } = await openJson([column('s', 'varchar')]);
    const random = new Random(3);
    const first = decode(records(['{"s":"a"}', '{"s":"b"}', '{"s":"a longer string than sixteen bytes"}'])).batch.columns[0];
    const second = decode(records(['{"s":"b"}', '{"s":"c"}'])).batch.columns[0];
    if (first?.kind !== 'string' || second?.kind !== 'string') throw new Error('not strings');
    expect(second.dictionary).toBe(first.dictionary);
    expect([...second.codes]).toEqual([1, 3]);
    for (let round = 0; round < 40; round++) {
      const texts = Array.from({ length: 8192 }, () => `${random.bits()} ${random.bits()}`);
      const { rows } = decode(records(texts.map((text) => JSON.stringify({ s: text }))));
      expect(rows.map(([text]) => text)).toEqual(texts);
    }
    expect(module.bytes.length).toBeLessThan(48 << 20);
  });
});
