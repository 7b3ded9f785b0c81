import { ConnectorError } from '../../connector.ts';
import type { SinkContext, SinkWriter } from '../../sink.ts';
import { kafkaFailure } from '../failure.ts';
import { Cluster } from '../network/cluster.ts';
import { Dialer } from '../network/dialer.ts';
import { loginOf, tlsOptions } from '../settings.ts';
import { KafkaSinkWriter } from './kafka-sink-writer.ts';
import { Publisher } from './publisher.ts';
import { registerValues } from './registered-values.ts';
import type { RecordForm } from './row-records.ts';
import { sinkFailure } from './sink-failure.ts';
import { type KafkaSinkSettings, readKafkaSinkSettings } from './sink-settings.ts';
import { findSinkTopic } from './sink-topic.ts';
import { Spool, type SpooledEpoch } from './spool.ts';

/** Throws ConnectorError. */
export async function openKafkaSink(context: SinkContext): Promise<SinkWriter> {
  const { sink, columns, options, directory } = context;
  const settings = readKafkaSinkSettings(sink, columns, options);
  const subject = { source: sink, topic: settings.topic };
  const form = await registeredForm(context, settings, directory);
  const tls = tlsOptions(settings, sink, directory);
  loginOf(settings, sink);
  const cluster = new Cluster(settings.brokers, new Dialer({ clientId: settings.clientId, tls, login: () => loginOf(settings, sink) }));
  try {
    const spool = await openSpool(context);
    const topic = await findSinkTopic(cluster, subject, settings);
    let partitions = topic.partitions;
    const onPartitions = (count: number) => {
      partitions = count;
    };
    const publisher = new Publisher({ cluster, subject, settings, spool, tell: context.tell, onPartitions });
    publisher.add(await recover(spool, context));
    await publisher.open();
    checkPosition(publisher, context, settings);
    publisher.start();
    const parts = { context, settings, subject, form, spool, publisher, cluster, messageBytesMax: topic.messageBytesMax };
    return new KafkaSinkWriter({ ...parts, partitions: () => partitions });
  } catch (error) {
    cluster.close();
    throw sinkFailure(subject, settings.transactionalId, error);
  }
}

async function openSpool({ sink, folder }: SinkContext): Promise<Spool> {
  try {
    return await Spool.open(folder);
  } catch (error) {
    throw new ConnectorError(
      sink,
      `${folder} cannot be written to: ${(error as Error).message}`,
      'rows wait there until they are published',
    );
  }
}

/** What the store has committed; what it has not will come again, and is removed. */
async function recover(spool: Spool, { committed }: SinkContext): Promise<SpooledEpoch[]> {
  const kept: SpooledEpoch[] = [];
  for (const epoch of await spool.list()) {
    if (epoch.number <= (committed.get(epoch.writer) ?? 0)) kept.push(epoch);
    else await spool.drop(epoch);
  }
  return kept;
}

/** Kafka never has more than the store: else the epochs that come now would be taken for those that are there. */
function checkPosition(publisher: Publisher, { sink, committed }: SinkContext, { topic, transactionalId }: KafkaSinkSettings): void {
  for (const [writer, number] of publisher.position) {
    const known = committed.get(writer) ?? 0;
    if (number <= known) continue;
    throw kafkaFailure(
      { source: sink, topic },
      `the topic has epoch ${number} of lane ${writer}, and the data folder only knows ${known}: it is an older copy`,
      `use the newest data folder; or give the sink another transactional_id than that of ${transactionalId}, and rows since the copy come again`,
    );
  }
}

/** What a row becomes, once a registry has its schema. Rejects with ConnectorError. */
export async function registeredForm(
  context: Pick<SinkContext, 'sink' | 'columns' | 'changes' | 'key'>,
  settings: KafkaSinkSettings,
  directory: string,
): Promise<RecordForm> {
  const form = recordForm(context, settings);
  const subject = { source: context.sink, topic: settings.topic };
  const registered = await registerValues({ subject, columns: context.columns, settings, directory, operations: form.operations });
  return { ...form, registered };
}

function recordForm(
  { sink, columns, changes, key: known }: Pick<SinkContext, 'sink' | 'columns' | 'changes' | 'key'>,
  settings: KafkaSinkSettings,
): RecordForm {
  const upserts = changes && settings.upserts;
  const key = settings.key ?? (changes ? known : null);
  const keyFormat = settings.keyFormat ?? (key?.length === 1 ? 'text' : 'json');
  const subject = { source: sink, topic: settings.topic };
  const names = (indexes: readonly number[]) => indexes.map((index) => columns[index]?.name).join(', ');
  const operations = "or write every change: changelog = 'operations'";
  if (keyFormat === 'text' && key !== null && key.length !== 1)
    throw kafkaFailure(subject, `a key as text is made of one column, and rows are known by ${key.length}`, 'write key_format = json');
  if (upserts && key === null)
    throw kafkaFailure(
      subject,
      'the rows of this result change and have no key to be replaced by',
      `name its columns: key = '...'; ${operations}`,
    );
  if (upserts && key !== null && known !== null && !known.every((index) => key.includes(index)))
    throw kafkaFailure(
      subject,
      `several rows may have one key: they are known by ${names(known) || 'nothing, there is one'}, not by ${names(key)}`,
      `leave key out; ${operations}`,
    );
  const nullable = key?.find((index) => columns[index]?.nullable);
  if (upserts && keyFormat === 'text' && nullable !== undefined)
    throw kafkaFailure(
      subject,
      `the key ${columns[nullable]?.name} may be NULL, and a tombstone needs a key`,
      `declare it NOT NULL, or write key_format = json; ${operations}`,
    );
  return { columns, settings, key, keyFormat, operations: changes && !settings.upserts, registered: null };
}
