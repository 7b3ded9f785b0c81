import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { kafkaSink } from '../../../connectors/kafka/sink/kafka-sink.ts';
import type { SinkWriter } from '../../../connectors/sink.ts';
import { buildBatch } from '../../store/build-batch.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { sinkOptionValues } from '../support/option-values.ts';
import { readTopic } from '../support/raw-source.ts';

const columns: readonly ColumnSpec[] = [
  { name: 'n', type: { kind: 'bigint' }, nullable: false },
  { name: 'pad', type: { kind: 'varchar' }, nullable: true },
];
const batchOf = (first: number, count: number) =>
  buildBatch(
    columns,
    Array.from({ length: count }, (_, index) => [BigInt(first + index), 'x'.repeat(100)]),
  );

async function open(
  folder: string,
  written: Readonly<Record<string, string>>,
  committed: number,
  told: string[] = [],
): Promise<SinkWriter> {
  return kafkaSink.open({
    sink: 'out',
    columns,
    options: sinkOptionValues(written),
    changes: false,
    key: null,
    directory: folder,
    folder: join(folder, 'spool'),
    clock: { now: Date.now },
    committed: new Map([['0', committed]]),
    tell: (level, text) => told.push(`${level}: ${text}`),
  });
}

async function write(writer: SinkWriter, number: number, count = 500): Promise<void> {
  const epoch = { writer: '0', number };
  await writer.write(epoch, batchOf((number - 1) * count, count));
  await writer.prepare(epoch);
  await writer.commit(epoch);
}

const folders: string[] = [];
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-outage-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function numbers(options: Readonly<Record<string, string>>): Promise<number[]> {
  const { records } = await readTopic(options);
  return records.map(({ value }) => (JSON.parse(value as string) as { n: number }).n).sort((a, b) => a - b);
}

describe.skipIf(!kafkaIsHere)('a sink whose broker is away', () => {
  const fixture = useKafka();

  it('lets rows wait up to the limit, then queries; afterwards each row is there once', async () => {
    const topic = await fixture.topic(2);
    const folder = newFolder();
    const told: string[] = [];
    const options = { ...fixture.options(topic), spool_limit: '200 KiB' };
    const writer = await open(folder, options, 0, told);
    await write(writer, 1);
    await expect.poll(() => writer.counts().waitingRows, { timeout: 20_000 }).toBe(0);
    await fixture.cluster.stopNode(1, 'SIGKILL');
    let number = 1;
    let waits: Promise<void> | null = null;
    while (waits === null && number < 50) {
      const done = write(writer, ++number);
      const first = await Promise.race([done.then(() => 'done'), new Promise((resolve) => setTimeout(() => resolve('waits'), 3_000))]);
      if (first === 'waits') waits = done;
    }
    expect(number).toBeLessThan(50);
    expect(writer.counts()).toMatchObject({ pauses: 1, waitingRows: (number - 2) * 500 });
    expect(told.join('\n')).toMatch(/warning: 1000? rows|wait to be published, as many as spool_limit allows/);
    const outage = /warning: connector kafka, topic topic-\S+: .*it is tried again/;
    await expect.poll(() => told.join('\n'), { timeout: 60_000 }).toMatch(outage);
    await fixture.cluster.startNode(1);
    await waits;
    await write(writer, number + 1);
    await writer.close();
    expect(told.join('\n')).toMatch(/info: rows are published again/);
    expect(await numbers(fixture.options(topic))).toEqual([...Array((number + 1) * 500).keys()]);
  }, 240_000);

  it('goes on after a stop in the middle of an outage', async () => {
    const topic = await fixture.topic();
    const folder = newFolder();
    const writer = await open(folder, fixture.options(topic), 0);
    await write(writer, 1);
    await fixture.cluster.stopNode(1);
    for (const number of [2, 3]) await write(writer, number);
    writer.hurry?.();
    await expect(writer.close()).rejects.toThrow(/topic/);
    await fixture.cluster.startNode(1);
    const again = await open(folder, fixture.options(topic), 3);
    await again.close();
    expect(again.counts()).toMatchObject({ waitingRows: 0, waitingBytes: 0 });
    expect(await numbers(fixture.options(topic))).toEqual([...Array(1_500).keys()]);
  }, 240_000);
});

describe.skipIf(!kafkaIsHere)('a sink over three brokers', () => {
  const fixture = useKafka({ brokers: 3 });

  it('follows leaders and coordinators, wherever a broker dies', async () => {
    const topic = await fixture.topic(6, {}, 3);
    const folder = newFolder();
    const writer = await open(folder, fixture.options(topic), 0);
    let number = 0;
    for (const broker of [1, 2]) {
      for (let round = 0; round < 10; round++) await write(writer, ++number);
      await fixture.cluster.stopNode(broker, 'SIGKILL');
      for (let round = 0; round < 10; round++) await write(writer, ++number);
      await expect.poll(() => writer.counts().waitingRows, { timeout: 120_000 }).toBe(0);
      await fixture.cluster.startNode(broker);
    }
    await writer.close();
    expect(await numbers(fixture.options(topic))).toEqual([...Array(number * 500).keys()]);
  }, 400_000);
});
