import type { Batch } from '../../batch.ts';
import type { SinkContext } from '../../sink.ts';
import type { Cluster } from '../network/cluster.ts';
import { appendRows } from './append-rows.ts';
import { epochOptions } from './batch-limits.ts';
import { EpochRecords } from './epoch-records.ts';
import { registeredForm } from './open-sink.ts';
import type { RecordForm } from './row-records.ts';
import { sinkFailure } from './sink-failure.ts';
import { type KafkaSinkSettings, readKafkaSinkSettings } from './sink-settings.ts';
import { findSinkTopic, type SinkTopic } from './sink-topic.ts';
import type { SpooledBatch } from './spool.ts';

export type RowsContext = Pick<SinkContext, 'sink' | 'columns' | 'options' | 'changes' | 'key' | 'directory'>;

/** Rows of a sink as batches of records, for whoever sends them in a transaction of his own. */
export class TransactionRows {
  readonly topic: string;
  readonly #context: RowsContext;
  readonly #settings: KafkaSinkSettings;
  readonly #form: RecordForm;
  readonly #found: SinkTopic;
  #turn = 0;

  private constructor(context: RowsContext, settings: KafkaSinkSettings, form: RecordForm, found: SinkTopic) {
    this.topic = settings.topic;
    this.#context = context;
    this.#settings = settings;
    this.#form = form;
    this.#found = found;
  }

  /** Throws ConnectorError. */
  static async open(cluster: Cluster, context: RowsContext): Promise<TransactionRows> {
    const settings = readKafkaSinkSettings(context.sink, context.columns, context.options);
    const subject = { source: context.sink, topic: settings.topic };
    const form = await registeredForm(context, settings, context.directory);
    try {
      return new TransactionRows(context, settings, form, await findSinkTopic(cluster, subject, settings));
    } catch (error) {
      throw sinkFailure(subject, settings.transactionalId, error);
    }
  }

  /** Of one epoch of one lane. Throws RangeError when a row makes a message that the topic does not take. */
  batches(appends: readonly Batch[], now: number): readonly SpooledBatch[] {
    const { sink, changes } = this.#context;
    const { messageBytesMax, partitions } = this.#found;
    const options = epochOptions(this.#settings, { source: sink, topic: this.topic }, messageBytesMax, () => partitions);
    const records = new EpochRecords(options, this.#turn++);
    for (const batch of appends) appendRows(records, batch, this.#form, changes && this.#settings.upserts, now);
    return records.finish();
  }
}
