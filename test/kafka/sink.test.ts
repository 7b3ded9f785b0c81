import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { kafkaSink } from '../../connectors/kafka/sink/kafka-sink.ts';
import type { SinkContext, SinkWriter } from '../../connectors/sink.ts';
import { sinkConformance } from '../connectors/sink-conformance.ts';
import { buildBatch } from '../store/build-batch.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { sinkOptionValues } from './support/option-values.ts';
import { readTopic } from './support/raw-source.ts';

const spec = (name: string, type: ColumnSpec['type'], nullable = true): ColumnSpec => ({ name, type, nullable });
const pair: readonly ColumnSpec[] = [spec('k', { kind: 'varchar' }, false), spec('n', { kind: 'bigint' })];

describe.skipIf(!kafkaIsHere)('kafka as a sink', () => {
  const fixture = useKafka();
  const folders: string[] = [];
  const topics = new Map<string, string>();
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-sink-'));
    folders.push(folder);
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  sinkConformance('kafka', {
    sink: {
      ...kafkaSink,
      open: (context) =>
        kafkaSink.open({
          ...context,
          options: sinkOptionValues({ ...fixture.options(topics.get(context.directory) as string), changelog: 'operations' }),
        }),
    },
    options: {},
    async directory() {
      const folder = newFolder();
      topics.set(folder, await fixture.topic(2));
      return folder;
    },
    async seen(directory) {
      const { records } = await readTopic(fixture.options(topics.get(directory) as string));
      const rows = records.map(({ value }) => JSON.parse(value as string) as { n: number; _op?: string });
      return rows.map(({ n, _op }) => [n, _op ?? null] as const);
    },
  });

  interface Opened {
    readonly writer: SinkWriter;
    readonly told: string[];
    write(number: number, batch: Batch): Promise<void>;
  }

  async function open(
    folder: string,
    written: Readonly<Record<string, string>>,
    columns: readonly ColumnSpec[],
    more: Partial<SinkContext> = {},
  ): Promise<Opened> {
    const told: string[] = [];
    const names = columns.map(({ name }) => name);
    const writer = await kafkaSink.open({
      sink: 'out',
      columns,
      options: sinkOptionValues(written, names),
      changes: false,
      key: null,
      directory: folder,
      folder: join(folder, 'spool'),
      clock: { now: Date.now },
      committed: new Map(),
      tell: (level, text) => told.push(`${level}: ${text}`),
      ...more,
    });
    const write = async (number: number, batch: Batch) => {
      await writer.write({ writer: '0', number }, batch);
      await writer.prepare({ writer: '0', number });
      await writer.commit({ writer: '0', number });
    };
    return { writer, told, write };
  }
  const seen = async (topic: string) => (await readTopic(fixture.options(topic))).records;
  const spooled = async (folder: string) => (await readdir(join(folder, 'spool'))).filter((name) => name.endsWith('.epoch'));

  it('writes values, keys, headers and timestamps that kafkajs reads', async () => {
    const topic = await fixture.topic(4);
    const columns = [
      spec('k', { kind: 'varchar' }),
      spec('big', { kind: 'bigint' }),
      spec('price', { kind: 'decimal', width: 20, scale: 3 }),
      spec('ts', { kind: 'timestamp' }),
      spec('list', { kind: 'list', child: { kind: 'integer' } }),
      spec('tenant', { kind: 'varchar' }),
    ];
    const options = { ...fixture.options(topic), key: 'k', headers: 'tenant', timestamp: 'ts', compression: 'gzip' };
    const { writer, write } = await open(newFolder(), options, columns);
    const at = 1_769_817_600_250_000n;
    const rows = Array.from({ length: 50 }, (_, index) => [
      `key ${index}`,
      2n ** 60n + BigInt(index),
      1_234_567_890_123_456_789n,
      at,
      [1, null],
      `t${index}`,
    ]);
    await write(1, buildBatch(columns, [...rows, [null, null, null, null, null, null]]));
    await writer.close();
    const messages = await readByKafkajs(topic, 51);
    expect(messages.length).toBe(51);
    const first = messages.find((message) => message.key === 'key 0');
    const value = '{"k":"key 0","big":1152921504606846976,"price":1234567890123456.789,"ts":"2026-01-31 00:00:00.25","list":[1,null]}';
    expect(first).toEqual({ key: 'key 0', value, tenant: 't0', timestamp: '1769817600250' });
    expect(messages.find((message) => message.key === null)?.value).toBe('{"k":null,"big":null,"price":null,"ts":null,"list":null}');
  });

  async function readByKafkajs(topic: string, count: number) {
    const consumer = fixture.kafka.consumer({ groupId: `read-${topic}` });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const messages: { key: string | null; value: string | null; tenant: string | undefined; timestamp: string }[] = [];
    await consumer.run({
      eachMessage: async ({ message: { key, value, headers, timestamp } }) => {
        messages.push({ key: key?.toString() ?? null, value: value?.toString() ?? null, tenant: headers?.tenant?.toString(), timestamp });
      },
    });
    await expect.poll(() => messages.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(count);
    await consumer.disconnect();
    return messages;
  }

  it('gives keys the partitions that Java gives them', async () => {
    const [ours, javas] = [await fixture.topic(7), await fixture.topic(7)];
    await fixture.java.produce(javas, -1, 0, 10, 60);
    const { writer, write } = await open(newFolder(), { ...fixture.options(ours), key: 'k' }, pair);
    await write(
      1,
      buildBatch(
        pair,
        Array.from({ length: 10 }, (_, n) => [`key-${n}`, BigInt(n)]),
      ),
    );
    await writer.close();
    const places = async (topic: string) => (await seen(topic)).map(({ key, partition }) => `${key} ${partition}`).sort();
    expect(await places(ours)).toEqual(await places(javas));
  });

  it('replaces rows of a result that changes by their key, and leaves a tombstone of what is gone', async () => {
    const topic = await fixture.topic();
    const folder = newFolder();
    const { writer, write } = await open(folder, fixture.options(topic), pair, { changes: true, key: [0] });
    const batch = (rows: readonly (readonly [string, bigint, number])[]): Batch => ({
      ...buildBatch(
        pair,
        rows.map(([k, n]) => [k, n]),
      ),
      weights: Int32Array.from(rows.map(([, , weight]) => weight)),
    });
    await write(
      1,
      batch([
        ['a', 1n, 1],
        ['b', 1n, 1],
        ['a', 1n, -1],
        ['a', 2n, 1],
      ]),
    );
    await write(
      2,
      batch([
        ['a', 2n, -1],
        ['b', 1n, -1],
        ['b', 5n, 1],
      ]),
    );
    await writer.close();
    expect((await seen(topic)).map(({ key, value }) => [key, value])).toEqual([
      ['b', '{"k":"b","n":1}'],
      ['a', '{"k":"a","n":2}'],
      ['a', null],
      ['b', '{"k":"b","n":5}'],
    ]);
    const nullable = pair.map((column) => ({ ...column, nullable: true }));
    await expect(open(newFolder(), fixture.options(topic), nullable, { changes: true, key: [0] })).rejects.toThrow(/key k may be NULL/);
    await expect(open(newFolder(), fixture.options(topic), pair, { changes: true })).rejects.toThrow(/have no key to be replaced by/);
    const wrong = { ...fixture.options(topic), key: 'k' };
    await expect(open(newFolder(), wrong, pair, { changes: true, key: [1] })).rejects.toThrow(/known by n, not by k/);
  });

  it('says which row is too large, and takes it when it compresses', async () => {
    const topic = await fixture.topic(1, { 'max.message.bytes': '10000' });
    const large = buildBatch(pair, [['x'.repeat(20_000), 1n]]);
    const { writer, write } = await open(newFolder(), fixture.options(topic), pair);
    await write(
      1,
      buildBatch(
        pair,
        Array.from({ length: 2_000 }, (_, n) => ['some text', BigInt(n)]),
      ),
    );
    const refusal = write(2, large);
    await expect(refusal).rejects.toThrow(RangeError);
    await expect(refusal).rejects.toThrow(/sink out, topic topic-\S+: a row makes a message of 20\d\d\d bytes.*max.message.bytes = 10000/);
    await writer.close();
    const smaller = await open(newFolder(), { ...fixture.options(topic), compression: 'lz4', transactional_id: 'other' }, pair);
    await smaller.write(1, large);
    await smaller.writer.close();
    expect((await seen(topic)).length).toBe(2_001);
  });

  it('refuses what is not there, makes it where that is wanted', async () => {
    const missing = `missing-${process.pid}`;
    await expect(open(newFolder(), fixture.options(missing), pair)).rejects.toMatchObject({
      message: `connector kafka, topic ${missing}: there is no such topic, or the user may not know of it`,
      hint: 'make it, or write create_topic = true',
    });
    const { writer, write } = await open(newFolder(), { ...fixture.options(missing), create_topic: 'true', partitions: '3' }, pair);
    await write(1, buildBatch(pair, [['a', 1n]]));
    await writer.close();
    expect((await seen(missing)).length).toBe(1);
    const many = { ...fixture.options(`${missing}-2`), create_topic: 'true', replication: '9' };
    await expect(open(newFolder(), many, pair)).rejects.toThrow(/cannot be made: the broker answers INVALID_REPLICATION_FACTOR/);
    const nowhere = { ...fixture.options(missing), brokers: '127.0.0.1:1' };
    await expect(open(newFolder(), nowhere, pair)).rejects.toThrow(/no broker can be spoken to/);
  });

  it('stops when another process takes over, with its rows in the spool', async () => {
    const topic = await fixture.topic();
    const folder = newFolder();
    const first = await open(folder, fixture.options(topic), pair);
    await first.write(1, buildBatch(pair, [['a', 1n]]));
    await expect.poll(() => first.writer.counts().rows).toBe(1);
    const second = await open(newFolder(), fixture.options(topic), pair);
    await first.write(2, buildBatch(pair, [['a', 2n]]));
    await expect.poll(() => first.told.join()).toMatch(/error: .*another process has taken over the transactional id millrace-topic-/);
    await expect(first.writer.close()).rejects.toThrow(/taken over/);
    expect(await spooled(folder)).toEqual(['0.2.epoch']);
    await second.writer.close();
    // The other folder's position is not ours: what Kafka has of us is not known.
    const again = open(folder, fixture.options(topic), pair, { committed: new Map([['0', 2]]) });
    await expect(again).rejects.toThrow(/forgotten the position/);
    const told = await open(folder, { ...fixture.options(topic), on_lost_position: 'publish' }, pair, { committed: new Map([['0', 2]]) });
    await told.writer.close();
    expect((await seen(topic)).map(({ value }) => JSON.parse(value as string).n)).toEqual([1, 2]);
  });

  it('knows an older copy of its data folder', async () => {
    const topic = await fixture.topic();
    const folder = newFolder();
    const { writer, write } = await open(folder, fixture.options(topic), pair);
    for (const number of [1, 2, 3]) await write(number, buildBatch(pair, [['a', BigInt(number)]]));
    await writer.close();
    const older = open(folder, fixture.options(topic), pair, { committed: new Map([['0', 2]]) });
    await expect(older).rejects.toThrow(/has epoch 3 of lane 0, and the data folder only knows 2/);
    const anew = await open(newFolder(), fixture.options(topic), pair);
    await anew.write(1, buildBatch(pair, [['b', 9n]]));
    await anew.writer.close();
    expect((await seen(topic)).map(({ value }) => JSON.parse(value as string).n)).toEqual([1, 2, 3, 9]);
  });
});
