import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { SpansBuffer } from '../../connectors/formats/spans-buffer.ts';
import { registerValues } from '../../connectors/kafka/sink/registered-values.ts';
import { checkKafkaSink, readKafkaSinkSettings } from '../../connectors/kafka/sink/sink-settings.ts';
import { columnValues } from '../connectors/column-values.ts';
import { sinkOptionValues } from '../kafka/support/option-values.ts';
import { buildBatch } from '../store/build-batch.ts';
import { useRegistry } from './fake-registry.ts';
import { column, compiler, openFormat } from './support.ts';

const registry = useRegistry();
const directory = mkdtempSync(join(tmpdir(), 'millrace-avro-'));
afterAll(async () => {
  await compiler.close();
  rmSync(directory, { recursive: true, force: true });
});

const subject = { source: 'out', topic: 'orders-eu' };
const options = (more: Record<string, string> = {}) =>
  sinkOptionValues({ brokers: 'b:9092', topic: subject.topic, format: 'avro', schema_registry: registry.url, ...more });
const register = (columns: readonly ColumnSpec[], more: Record<string, string> = {}, operations = false) =>
  registerValues({ subject, columns, settings: readKafkaSinkSettings('out', columns, options(more)), directory, operations });

const columns: readonly ColumnSpec[] = [
  column('id', 'bigint', false),
  column('small', 'smallint'),
  column('unsigned', 'uinteger'),
  column('big', 'ubigint'),
  column('huge', 'hugeint'),
  column('yes', 'boolean'),
  column('single', 'float'),
  column('amount', 'double'),
  column('price', { kind: 'decimal', width: 9, scale: 2 }),
  column('exact', { kind: 'decimal', width: 38, scale: 10 }),
  column('note', 'varchar'),
  column('raw', 'blob'),
  column('day', 'date'),
  column('clock', 'time'),
  column('at', 'timestamp'),
  column('ms', 'timestamp_ms'),
  column('tags', { kind: 'list', child: { kind: 'varchar' } }),
  column('where', {
    kind: 'struct',
    fields: [
      { name: 'x', type: { kind: 'double' } },
      { name: 'names', type: { kind: 'list', child: { kind: 'integer' } } },
    ],
  }),
  column('sizes', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'bigint' } }),
];
const rows: readonly (readonly unknown[])[] = [
  [
    1n,
    -5,
    4_000_000_000,
    2n ** 64n - 1n,
    -(2n ** 100n),
    1,
    0.5,
    -1e300,
    12_345,
    -(10n ** 37n),
    'zwölf',
    Uint8Array.of(0, 255),
    20_000,
    86_399_999_999n,
    1_700_000_000_123_456n,
    -1n,
    ['a', null, ''],
    [1.5, [1, null]],
    [
      ['k', 7n],
      ['l', null],
    ],
  ],
  [-(2n ** 63n), ...Array.from({ length: columns.length - 1 }, () => null)],
  [2n ** 63n - 1n, 0, 0, 0n, 0n, 0, 0, Number.NaN, -128, 127n, '', new Uint8Array(0), -1, 0n, 0n, 0n, [], [null, null], []],
];

async function readBack(own: readonly ColumnSpec[], values: readonly Uint8Array[]) {
  const opened = await openFormat(own, { format: 'avro', schema_registry: registry.url });
  const records = values.map((value) => ({ value }));
  await opened.decoder.prepare(new SpansBuffer(opened.module, batchRowsMax).fill(records), 0, records.length);
  return opened.decode(records);
}

describe('rows written as Avro', () => {
  it('are what is read back, for every type that Avro has', async () => {
    const batch = buildBatch(columns, rows);
    const values = await register(columns);
    const encode = values!.bind(batch.columns);
    const { rows: found, rejected } = await readBack(
      columns,
      rows.map((_, row) => encode(row, 'insert')),
    );
    expect(rejected).toEqual([]);
    // The batch here has UBIGINTs as signed words.
    const unsigned = (value: unknown) => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : value);
    const expected = batch.columns.map((each, index) =>
      columnValues(each, batch.rows).map((value) => (columns[index]?.type.kind === 'ubigint' ? unsigned(value) : value)),
    );
    expect(found).toEqual(rows.map((_, row) => expected.map((each) => each[row])));
  });

  it('are the bytes that the specification asks for, under a schema made of the columns', async () => {
    const own = [column('n', 'bigint', false), column('note', 'varchar'), column('total', { kind: 'decimal', width: 10, scale: 2 }, false)];
    const values = await register(own, { subject: 'hand' });
    const stored = registry.subjects.get('hand/1');
    expect(JSON.parse(stored?.schema ?? '')).toEqual({
      type: 'record',
      name: 'orders_eu',
      fields: [
        { name: 'n', type: 'long' },
        { name: 'note', type: ['null', 'string'], default: null },
        { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
      ],
    });
    const id = [...registry.schemas].find(([, each]) => each === stored)?.[0] as number;
    const encode = values!.bind(
      buildBatch(own, [
        [-65n, 'ab', 128n],
        [300n, null, -129n],
      ]).columns,
    );
    expect([...encode(0, 'insert')]).toEqual([0, 0, 0, 0, id, 0x81, 0x01, 2, 4, 0x61, 0x62, 4, 0x00, 0x80]);
    expect([...encode(1, 'insert')]).toEqual([0, 0, 0, 0, id, 0xd8, 0x04, 0, 4, 0xff, 0x7f]);
    // The same schema is not registered twice.
    await register(own, { subject: 'hand' });
    expect(registry.subjects.has('hand/2')).toBe(false);
  });

  it('say whether they come or go in a changelog of operations', async () => {
    const own = [column('n', 'bigint', false)];
    const values = await register(own, { subject: 'changes' }, true);
    const encode = values!.bind(buildBatch(own, [[3n]]).columns);
    const { rows: found } = await readBack([...own, column('_op', 'varchar')], [encode(0, 'delete'), encode(0, 'insert')]);
    expect(found).toEqual([
      [3n, 'delete'],
      [3n, 'insert'],
    ]);
  });

  it('fit a schema that is given, or are refused with the column that does not', async () => {
    const write = (fields: unknown) => writeFileSync(join(directory, 's.avsc'), JSON.stringify({ type: 'record', name: 'R', fields }));
    const own = [column('n', 'integer', false), column('t', 'timestamp', false)];
    const more = { schema_file: 's.avsc', subject: 'given' };
    write([
      { name: 'extra', type: ['null', 'string'] },
      { name: 't', type: { type: 'long', logicalType: 'local-timestamp-micros' } },
      { name: 'n', type: ['string', 'long', 'null'] },
    ]);
    const values = await register(own, more);
    const { rows: found } = await readBack(own, [values!.bind(buildBatch(own, [[7, 9n]]).columns)(0, 'insert')]);
    expect(found).toEqual([[7, 9n]]);
    const refused: [unknown, RegExp][] = [
      [[{ name: 'n', type: 'int' }], /column "t" is not a field of record R/],
      [
        [
          { name: 'n', type: 'string' },
          { name: 't', type: 'long' },
        ],
        /"n" is INTEGER, and the schema has string there/,
      ],
      [
        [
          { name: 'n', type: 'int' },
          { name: 't', type: { type: 'long', logicalType: 'timestamp-millis' } },
        ],
        /"t" is TIMESTAMP, and the schema has long \(timestamp\)/,
      ],
      [
        [
          { name: 'n', type: 'int' },
          { name: 't', type: { type: 'long', logicalType: 'timestamp-micros' } },
          { name: 'must', type: 'int' },
        ],
        /field "must" of the schema has no column/,
      ],
    ];
    for (const [fields, message] of refused) {
      write(fields);
      await expect(register(own, more)).rejects.toThrow(message);
    }
    write([{ name: 'n', type: 'int' }]);
    await expect(register([column('n', 'integer')], more)).rejects.toThrow(/"n" may be NULL, and the schema takes no null there/);
    writeFileSync(join(directory, 's.avsc'), 'no JSON');
    await expect(register(own, more)).rejects.toThrow(/s.avsc is no Avro schema/);
  });

  it('are refused before anything runs where Avro has no type or name, and where the registry refuses', async () => {
    const faults = checkKafkaSink(
      [
        column('ok', 'integer'),
        column('pause', 'interval'),
        column('two words', 'integer'),
        column('m', { kind: 'map', key: { kind: 'integer' }, value: { kind: 'integer' } }),
      ],
      options(),
    );
    expect(faults.map(({ column: name, message }) => [name, message])).toEqual([
      ['pause', '"pause" is INTERVAL, for which Avro has no type'],
      ['two words', '"two words" is no name of an Avro field'],
      ['m', '"m" is MAP(INTEGER, INTEGER), and keys of an Avro map are text'],
    ]);
    expect(checkKafkaSink([column('n', 'integer')], sinkOptionValues({ brokers: 'b:1', topic: 't', format: 'avro' }))[0]?.message).toMatch(
      /needs the address/,
    );
    await expect(register([column('n', 'integer')], { subject: 'absent', register_schema: 'false' })).rejects.toThrow(
      /does not have this schema under absent/,
    );
    registry.status = 409;
    await expect(register([column('n', 'integer')])).rejects.toThrow(/refuses the schema/);
    registry.status = null;
  });
});
