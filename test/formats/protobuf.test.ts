import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, describe, expect, it } from 'vitest';
import { batchRowsMax } from '../../connectors/batch.ts';
import { SpansBuffer } from '../../connectors/formats/spans-buffer.ts';
import { registered, useRegistry } from './fake-registry.ts';
import { column, compiler, openFormat } from './support.ts';

const registry = useRegistry();
afterAll(() => compiler.close());

const schema = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
message Ignored { message Inner { int32 z = 1; } }
message Order {
  int64 id = 1; optional string note = 2; sint32 change = 3; repeated double prices = 4; map<string, int32> sizes = 5;
  google.protobuf.Timestamp at = 6; State state = 7; Item item = 8; bytes raw = 9; bool paid = 10; uint64 big = 11; float ratio = 12; fixed32 extra = 13;
}
message Item { string name = 1; repeated string tags = 2; }
enum State { NEW = 0; PAID = 1; }
`;
const columns = [
  column('id', 'bigint'),
  column('note', 'varchar'),
  column('change', 'integer'),
  column('prices', { kind: 'list', child: { kind: 'double' } }),
  column('sizes', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'integer' } }),
  column('at', 'timestamp_ns'),
  column('state', 'varchar'),
  column('item', {
    kind: 'struct',
    fields: [
      { name: 'name', type: { kind: 'varchar' } },
      { name: 'tags', type: { kind: 'list', child: { kind: 'varchar' } } },
    ],
  }),
  column('raw', 'blob'),
  column('paid', 'boolean'),
  column('big', 'ubigint'),
  column('ratio', 'float'),
];
const value = {
  id: -5,
  note: '',
  change: -7,
  prices: [0.5, 1e300],
  sizes: { a: 1, é: -2 },
  at: { seconds: 1_700_000_000, nanos: 123_456_789 },
  state: 1,
  item: { name: 'n', tags: ['x', 'y'] },
  raw: Uint8Array.of(1, 255),
  paid: true,
  big: 4_294_967_297,
  ratio: 0.1,
  extra: 3,
};
const row = [
  -5n,
  '',
  -7,
  [0.5, 1e300],
  [
    ['a', 1],
    ['é', -2],
  ],
  1_700_000_000_123_456_789n,
  'PAID',
  { name: 'n', tags: ['x', 'y'] },
  '01ff',
  1,
  4_294_967_297n,
  Math.fround(0.1),
];
const empty: unknown[] = [0n, null, 0, [], [], null, 'NEW', null, '', 0, 0n, 0];

function encode(): Uint8Array {
  const root = new protobuf.Root();
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')?.nested ?? {});
  protobuf.parse(schema, root, { keepCase: true });
  const type = root.lookupType('shop.Order');
  return type.encode(type.fromObject(value)).finish();
}

describe('Protobuf messages', () => {
  it('are read by a local schema, with nothing around them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'proto-'));
    writeFileSync(join(directory, 'order.proto'), schema);
    const options = { format: 'protobuf', schema_file: join(directory, 'order.proto'), message: 'shop.Order' };
    const opened = await openFormat(columns, options);
    const whole = encode();
    const unpacked = Uint8Array.of(
      0x21,
      ...new Uint8Array(new Float64Array([2]).buffer),
      0x22,
      8,
      ...new Uint8Array(new Float64Array([3]).buffer),
    );
    const { rows, rejected } = opened.decode([
      { value: whole },
      { value: new Uint8Array(0) },
      { value: whole.subarray(0, whole.length - 2) },
      { value: unpacked },
      { value: Uint8Array.of(0x0a, 1, 1) },
      { value: Uint8Array.of(0x12, 1, 0xff) },
      { value: Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) },
      { value: Uint8Array.of(0x42, 3, 0x0a, 1, 0x6d, 0x42, 3, 0x12, 1, 0x7a, 0xfb, 7, 0xfc, 7) },
    ]);
    expect(rows).toEqual([row, empty, empty.with(3, [2, 3]), empty.with(7, { name: 'm', tags: ['z'] })]);
    expect(rejected.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      '2 the message ends too early',
      '4 field id has the wire type 2',
      '5 a string is not valid UTF-8',
      '6 a number is longer than 64 bits',
    ]);
    expect(opened.decoder.unknownFields()).toEqual(
      new Map([
        ['extra', 1],
        ['#127', 1],
      ]),
    );
    await expect(openFormat(columns, { ...options, message: 'Nothing' })).rejects.toThrow('it has no message Nothing');
  });

  it('are read by the schema of a registry, its references, and the indexes of the message', async () => {
    registry.schemas.set(3, {
      schema: schema.replace('"google/protobuf/timestamp.proto"', '"google/protobuf/timestamp.proto";\nimport "other.proto"'),
      schemaType: 'PROTOBUF',
      references: [{ name: 'other.proto', subject: 'other', version: 1 }],
    });
    registry.subjects.set('other/1', { schema: 'syntax = "proto3"; package shop; message Other { int32 a = 1; }', schemaType: 'PROTOBUF' });
    const opened = await openFormat(columns, { format: 'protobuf', schema_registry: registry.url });
    const records = [
      registered(3, Uint8Array.of(2, 2), encode()),
      registered(3, Uint8Array.of(0)),
      registered(3, Uint8Array.of(2, 10)),
    ].map((bytes) => ({ value: bytes }));
    await opened.decoder.prepare(new SpansBuffer(opened.module, batchRowsMax).fill(records), 0, records.length);
    const { rows, rejected } = opened.decode(records);
    expect(rows).toEqual([row, Array(12).fill(null)]);
    expect(rejected).toEqual([{ index: 2, reason: 'it has no message of number 5', field: null }]);
  });
});
