import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../batch.ts';
import { createColumnBuilder } from '../column-builder.ts';
import type { OpenContext, Polled } from '../connector.ts';
import { DecoderModule } from '../formats/decoder-module.ts';
import type { Decoder, DecoderProgram } from '../formats/decoder.ts';
import { describeFailure, kafkaFailure, missingTopic, type Subject } from './failure.ts';
import { lookUpOffsets } from './fetch/offset-lookup.ts';
import { Partition } from './fetch/partition.ts';
import { KafkaReader } from './kafka-reader.ts';
import { Cluster } from './network/cluster.ts';
import { Dialer } from './network/dialer.ts';
import type { ReceiveMemory } from './network/receive-memory.ts';
import { cutOffsets, kafkaPosition, readPosition } from './position.ts';
import { type RecordExports, RecordWalk } from './records/record-walk.ts';
import { SetReader } from './records/set-reader.ts';
import { loginOf, type SourceSettings, tlsOptions } from './settings.ts';
import { earliestOffset, latestOffset } from './wire/list-offsets.ts';
import type { TopicMetadata } from './wire/metadata.ts';

const topicTriesMax = 5;
const topicBackoffMs = 200;
const pageBytes = 65_536;

export type MakeDecoder = (program: DecoderProgram, module: DecoderModule<RecordExports>) => Decoder;

/** Opens a topic as a source. Throws ConnectorError. */
export async function openSource(
  context: OpenContext,
  settings: SourceSettings,
  program: DecoderProgram,
  makeDecoder: MakeDecoder,
): Promise<KafkaReader> {
  const subject = { source: context.source, topic: settings.topic };
  const tls = tlsOptions(settings, context.source, context.directory);
  loginOf(settings, context.source);
  const dialer = new Dialer({ clientId: settings.clientId, tls, login: () => loginOf(settings, context.source) });
  const cluster = new Cluster(settings.brokers, dialer);
  try {
    // A topic that is read to its end is there, or is not meant.
    const topic = await findTopic(cluster, subject, !settings.endsAtLatest);
    const partitions = await startPartitions(cluster, context, settings, topic);
    const reader = createReader(context, settings, program, makeDecoder, cluster, dialer, topic);
    reader.start(partitions, notices(context, settings, topic, partitions));
    return reader;
  } catch (error) {
    cluster.close();
    throw describeFailure(subject, error);
  }
}

function createReader(
  context: OpenContext,
  settings: SourceSettings,
  program: DecoderProgram,
  makeDecoder: MakeDecoder,
  cluster: Cluster,
  dialer: Dialer,
  topic: TopicMetadata,
): KafkaReader {
  const { memoryBytesMax, batchBytesMax, fetchWaitMsMax } = settings;
  const module = DecoderModule.open<RecordExports>(program, context.source, memoryBytesMax);
  takeWholeMemory(module, memoryBytesMax);
  const walk = new RecordWalk(module, batchBytesMax);
  const decoder = makeDecoder(program, module);
  const loops = { dialer, memory: areasOf(module), responseBytesMax: memoryBytesMax / 2, waitMsMax: fetchWaitMsMax };
  const own = { emptyBatch: emptyBatch(context), unknownFields: () => decoder.unknownFields(), onClose: () => decoder.close() };
  const parts = { context, settings, cluster, walk, loops, ...own };
  const options = {
    topic: settings.topic,
    topicId: (): string => reader.topicId,
    checksCrc: settings.checksCrc,
    committed: settings.committed,
  };
  const reader: KafkaReader = new KafkaReader(parts, topic, new SetReader(module, walk, decoder, options));
  return reader;
}

/**
 * Sockets keep addresses of areas while they wait, so the memory has its full size from the beginning. What nobody touches takes none of
 * the machine's.
 */
function takeWholeMemory(module: DecoderModule<RecordExports>, bytes: number): void {
  const { memory } = module.exports;
  const pages = Math.floor((bytes - memory.buffer.byteLength) / pageBytes);
  if (pages > 0) memory.grow(pages);
}

function areasOf(module: DecoderModule<RecordExports>): ReceiveMemory {
  return {
    take: (bytes) => new Uint8Array(module.exports.memory.buffer, module.allocate(bytes), bytes),
    give: (area) => module.release(area.byteOffset, area.byteLength),
  };
}

/** A topic just made is not known to every broker at once. */
async function findTopic(cluster: Cluster, subject: Subject, waited: boolean): Promise<TopicMetadata> {
  for (let tries = 1; ; tries++) {
    const topic = await cluster.topic(subject.topic);
    if (topic !== null && topic.error === 0 && topic.partitions.length > 0) return topic;
    if (tries >= topicTriesMax) throw missingTopic(subject, waited);
    await delay(topicBackoffMs);
  }
}

async function startPartitions(
  cluster: Cluster,
  context: OpenContext,
  settings: SourceSettings,
  topic: TopicMetadata,
): Promise<readonly Partition[]> {
  const own = topic.partitions
    .map(({ partition }) => partition)
    .filter((number) => context.owns?.(String(number), number) ?? true)
    .sort((a, b) => a - b);
  const known = new Map(own.flatMap((number) => knownPlace(context, settings, topic, number)));
  // Where others are known, a partition without a position was added since.
  const start = context.positions.size > 0 ? earliestOffset : startTime(settings);
  const lookUp = async (numbers: readonly number[], timestamp: bigint, committed: boolean) =>
    numbers.length === 0
      ? new Map<number, number>()
      : await lookUpOffsets(cluster, {
          topic: settings.topic,
          committed,
          wanted: new Map(numbers.map((number) => [number, timestamp])),
          metadata: topic,
          stopped: () => false,
        });
  const fresh = own.filter((number) => !known.has(number));
  const starts = new Map(await lookUp(fresh, start, settings.committed));
  const beyond = fresh.filter((number) => (starts.get(number) as number) < 0);
  for (const [number, offset] of await lookUp(beyond, latestOffset, settings.committed)) starts.set(number, offset);
  const ends = settings.endsAtLatest ? await lookUp(own, latestOffset, settings.committed) : null;
  return own.map((number) => {
    const place = known.get(number) ?? { offset: starts.get(number) as number, row: 0 };
    const partition = new Partition(number, place.offset, place.row);
    partition.end = ends?.get(number) ?? null;
    partition.cuts = cutOffsets(context.cuts?.get(partition.name));
    return partition;
  });
}

/** Where a partition was left; nothing when it was not read before. Throws ConnectorError when the topic is another one now. */
function knownPlace(
  context: OpenContext,
  settings: SourceSettings,
  topic: TopicMetadata,
  number: number,
): [number, { offset: number; row: number }][] {
  const position = readPosition(context.positions.get(String(number)));
  if (position === null) return [];
  if (position.topic === topic.id) return [[number, position]];
  if (settings.onOffsetOutOfRange !== 'fail') return [];
  throw kafkaFailure(
    { source: context.source, topic: settings.topic },
    `partition ${number}, offset ${position.offset}: the topic was deleted and made anew since it was read`,
    'on_offset_out_of_range = earliest or latest reads the new one',
  );
}

function startTime({ start }: SourceSettings): bigint {
  if (typeof start === 'number') return BigInt(start);
  return start === 'earliest' ? earliestOffset : latestOffset;
}

/** What is to be told before the first row. */
function notices(
  context: OpenContext,
  { start, topic: name }: SourceSettings,
  topic: TopicMetadata,
  partitions: readonly Partition[],
): Polled[] {
  return partitions.flatMap((partition) => {
    const known = readPosition(context.positions.get(partition.name));
    // Where reading starts is told at once, so that a restart before the first row does not skip any.
    if (known === null ? start === 'earliest' : known.topic === topic.id) return [];
    const position = kafkaPosition(topic.id, partition.readTo, 0);
    const reason = 'the topic was deleted and made anew since it was read: reading goes on with the new one';
    const at = `${name}, partition ${partition.number}, offset ${partition.readTo}`;
    const rejected = known === null ? [] : [{ reason, field: null, at, bytes: new Uint8Array(0) }];
    return [{ partition: partition.name, batch: emptyBatch(context), from: position, to: position, rejected }];
  });
}

function emptyBatch({ columns, needed }: OpenContext): Batch {
  return { rows: 0, columns: needed.map((index) => createColumnBuilder((columns[index] as (typeof columns)[number]).type).finish()) };
}
