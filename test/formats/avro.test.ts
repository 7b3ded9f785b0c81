import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { batchRowsMax } from '../../connectors/batch.ts';
import { SchemaRegistry } from '../../connectors/formats/schema-registry.ts';
import { type PlainRecord, SpansBuffer } from '../../connectors/formats/spans-buffer.ts';
import { registered, useRegistry } from './fake-registry.ts';
import { column, compiler, type Opened, openFormat } from './support.ts';

const registry = useRegistry();
afterAll(() => compiler.close());

const long = (value: bigint | number): Uint8Array => {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
};
const text = (value: string) => Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);
const double = (value: number) => new Uint8Array(new Float64Array([value]).buffer);
const avro = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);

async function decoded(opened: Opened, values: readonly (Uint8Array | null)[]) {
  const records: PlainRecord[] = values.map((value) => ({ value }));
  const buffer = new SpansBuffer(opened.module, batchRowsMax);
  await opened.decoder.prepare(buffer.fill(records), 0, records.length);
  return opened.decode(records);
}

const order = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'note', type: ['null', 'string'] },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['NEW', 'PAID'] } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'sizes', type: { type: 'map', values: 'double' } },
    { name: 'previous', type: ['null', 'Order'] },
  ],
};
const orderBytes = (id: bigint, note: string | null) =>
  avro(
    long(id),
    note === null ? long(0) : avro(long(1), text(note)),
    long(1_700_000_000_123),
    avro(long(2), Uint8Array.of(0xff, 0x85)),
    long(1),
    long(1),
    avro(long(-2), long(4), text('a'), text('b'), long(0)),
    avro(long(1), text('x'), double(0.5), long(0)),
    long(0),
  );

describe('Avro messages', () => {
  it('reads every kind of value, by the schema that each message names', async () => {
    registry.schemas.set(7, { schema: JSON.stringify(order) });
    const columns = [
      column('id', 'bigint', false),
      column('note', 'varchar'),
      column('at', 'timestamp'),
      column('total', { kind: 'decimal', width: 10, scale: 2 }),
      column('day', 'date'),
      column('state', { kind: 'enum', values: ['NEW', 'PAID'] }),
      column('tags', { kind: 'list', child: { kind: 'varchar' } }),
      column('sizes', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'double' } }),
    ];
    const opened = await openFormat(columns, { format: 'avro', schema_registry: registry.url });
    const whole = registered(7, orderBytes(2n ** 62n, 'é'));
    const { rows, rejected } = await decoded(opened, [
      whole,
      registered(7, orderBytes(-1n, null)),
      whole.subarray(0, whole.length - 3),
      Buffer.concat([whole, Uint8Array.of(0)]),
      registered(9, orderBytes(1n, null)),
      Uint8Array.of(1, 0, 0, 0, 7),
      Uint8Array.of(0, 0),
      registered(7, long(1), long(5)),
      registered(7, long(1), long(1), long(2 ** 40)),
      null,
    ]);
    const rest = [1_700_000_000_123_000n, -123n, 1, 'PAID', ['a', 'b'], [['x', 0.5]]];
    expect(rows).toEqual([
      [2n ** 62n, 'é', ...rest],
      [-1n, null, ...rest],
    ]);
    expect(rejected.map(({ index, reason }) => `${index} ${reason}`)).toEqual([
      '2 the message ends too early',
      '3 1 bytes follow the value',
      '4 the registry has no schema 9',
      '5 it does not begin with the number of a schema, but with byte 1',
      '6 it has 2 bytes, too few for the number of a schema',
      '7 branch 5 of 2',
      '8 the message ends too early',
      '9 id is NULL but declared NOT NULL',
    ]);
    expect(opened.decoder.unknownFields()).toEqual(new Map([['previous', 2]]));
  });

  it('reads old and new messages for one table: by name, with aliases and defaults of the schema to read by', async () => {
    const writer = (fields: readonly object[]) => JSON.stringify({ type: 'record', name: 'R', fields });
    registry.schemas.set(21, { schema: writer([{ name: 'a', type: 'int' }]) });
    registry.schemas.set(22, {
      schema: writer([
        { name: 'b', type: 'double' },
        { name: 'a', type: 'long' },
      ]),
    });
    registry.schemas.set(23, {
      schema: writer([
        { name: 'old_b', type: 'float' },
        { name: 'a', type: 'string' },
        { name: 'c', type: 'bytes' },
      ]),
    });
    const directory = mkdtempSync(join(tmpdir(), 'avro-'));
    const reader = writer([
      { name: 'a', type: 'long' },
      { name: 'b', type: 'double', aliases: ['old_b'], default: 2.5 },
    ]);
    writeFileSync(join(directory, 'r.avsc'), reader);
    const columns = [column('a', 'bigint'), column('b', 'double'), column('c', 'varchar')];
    const opened = await openFormat(columns, { format: 'avro', schema_registry: registry.url, schema_file: join(directory, 'r.avsc') });
    const { rows, rejected } = await decoded(opened, [
      registered(21, long(5)),
      registered(22, double(1.5), long(6)),
      registered(23, new Uint8Array(new Float32Array([0.5]).buffer), text('7'), text('z')),
      registered(23, new Uint8Array(4), text('x'), text('z')),
    ]);
    expect(rows).toEqual([
      [5n, 2.5, null],
      [6n, 1.5, null],
      [7n, 0.5, 'z'],
    ]);
    expect(rejected).toEqual([{ index: 3, reason: 'a is not a BIGINT: "x"', field: 'a' }]);
  });

  it('reads plain numbers in a timestamp by timestamp_unit only, and messages without a registry', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'avro-'));
    writeFileSync(join(directory, 'r.avsc'), JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'at', type: 'long' }] }));
    const options = { format: 'avro', schema_file: join(directory, 'r.avsc') };
    const columns = [column('at', 'timestamp')];
    expect((await openFormat(columns, options)).decode([{ value: long(5) }]).rejected).toHaveLength(1);
    expect((await openFormat(columns, { ...options, timestamp_unit: 's' })).decode([{ value: long(5) }]).rows).toEqual([[5_000_000n]]);
  });
});

describe('the schema registry', () => {
  it('is asked once for each schema, with its references and the credentials of the environment', async () => {
    registry.schemas.set(31, {
      schema: '{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}',
      references: [{ name: 'B', subject: 'b s', version: 2 }],
    });
    registry.subjects.set('b s/2', { schema: '{"type":"enum","name":"B","symbols":["X"]}' });
    registry.requests = [];
    const client = new SchemaRegistry('s', `${registry.url}/`, 5000, {
      MILLRACE_SCHEMA_REGISTRY_USER: 'u',
      MILLRACE_SCHEMA_REGISTRY_PASSWORD: 'p',
    });
    await Promise.all([client.load(31), client.load(31)]);
    expect(client.load(31)).toBeNull();
    expect(client.get(31)?.references).toEqual([{ name: 'B', text: '{"type":"enum","name":"B","symbols":["X"]}' }]);
    expect(registry.requests).toEqual(['/schemas/ids/31', '/subjects/b%20s/versions/2']);
    expect(registry.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    await client.load(99);
    expect(client.load(99)).toBeNull();
    expect(client.get(99)).toBeUndefined();
  });

  it('fails so that it is tried again when it does not answer', async () => {
    registry.status = 500;
    const client = new SchemaRegistry('s', registry.url, 5000, {});
    await expect(client.load(41)).rejects.toThrow('answers 500');
    registry.status = 401;
    await expect(client.load(41)).rejects.toMatchObject({ hint: expect.stringContaining('MILLRACE_SCHEMA_REGISTRY_USER') });
    registry.status = null;
    registry.schemas.set(41, { schema: '"string"' });
    await client.load(41);
    expect(client.get(41)?.text).toBe('"string"');
    await expect(new SchemaRegistry('s', 'http://127.0.0.1:1', 5000, {}).load(1)).rejects.toThrow('does not answer');
  });
});
