import type { Batch } from '../../batch.ts';
import { ConnectorError } from '../../connector.ts';
import { faultPoint } from '../../fault-point.ts';
import type { SinkContext, SinkCounts, SinkEpoch, SinkWriter } from '../../sink.ts';
import type { Subject } from '../failure.ts';
import type { Cluster } from '../network/cluster.ts';
import { appendRows } from './append-rows.ts';
import { epochOptions } from './batch-limits.ts';
import { EpochRecords } from './epoch-records.ts';
import type { Publisher } from './publisher.ts';
import type { RecordForm } from './row-records.ts';
import type { KafkaSinkSettings } from './sink-settings.ts';
import type { Spool, SpooledBatch, SpooledEpoch } from './spool.ts';

/** A clean stop waits so long for brokers that do not answer; what they have not taken waits for the next start. */
const closeMsMax = 10_000;

export interface WriterParts {
  readonly context: SinkContext;
  readonly settings: KafkaSinkSettings;
  readonly subject: Subject;
  readonly form: RecordForm;
  readonly spool: Spool;
  readonly publisher: Publisher;
  readonly cluster: Cluster;
  readonly messageBytesMax: number;
  readonly partitions: () => number;
}

/** Prepared epochs lie in the spool; once the store has committed them they are published, in the background. */
export class KafkaSinkWriter implements SinkWriter {
  readonly #parts: WriterParts;
  readonly #open = new Map<string, EpochRecords>();
  readonly #finished = new Map<string, { readonly batches: readonly SpooledBatch[]; readonly rows: number }>();
  readonly #prepared = new Map<string, SpooledEpoch | null>();
  #pauses = 0;
  #turn = 0;
  #closed = false;
  readonly #hurried = Promise.withResolvers<void>();
  #hurries = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Throws RangeError when a row makes a message that the topic does not take. */
  async write(epoch: SinkEpoch, batch: Batch): Promise<void> {
    const { form, settings, context, subject, messageBytesMax, partitions } = this.#parts;
    const key = keyOf(epoch);
    let records = this.#open.get(key);
    if (records === undefined) {
      records = new EpochRecords(epochOptions(settings, subject, messageBytesMax, partitions), this.#turn++);
      this.#open.set(key, records);
    }
    appendRows(records, batch, form, context.changes && settings.upserts, context.clock.now());
  }

  async prepare(epoch: SinkEpoch): Promise<void> {
    const key = keyOf(epoch);
    if (this.#prepared.has(key)) return;
    const { spool, context } = this.#parts;
    let finished = this.#finished.get(key);
    if (finished === undefined) {
      const records = this.#open.get(key);
      const batches = records?.finish() ?? [];
      finished = { batches, rows: records?.rows ?? 0 };
      this.#open.delete(key);
      this.#finished.set(key, finished);
    }
    const { batches, rows } = finished;
    if (rows > 0) await this.#waitForRoom();
    try {
      this.#prepared.set(key, rows > 0 ? await spool.write(epoch.writer, epoch.number, batches, rows) : null);
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const full = code === 'ENOSPC' || code === 'EDQUOT';
      const hint = full ? 'free some space on that disk; nothing that was committed is lost' : 'rows wait there until they are published';
      throw new ConnectorError(context.sink, full ? `no space is left for ${context.folder}` : `${context.folder}: ${message}`, hint);
    }
    faultPoint('sink_part_written');
    this.#finished.delete(key);
  }

  async commit(epoch: SinkEpoch): Promise<void> {
    const key = keyOf(epoch);
    const spooled = this.#prepared.get(key) ?? null;
    this.#prepared.delete(key);
    if (spooled !== null) this.#parts.publisher.add([spooled]);
  }

  async maintain(): Promise<void> {}

  hurry(): void {
    this.#hurries = true;
    this.#hurried.resolve();
  }

  counts(): SinkCounts {
    const { publisher, spool } = this.#parts;
    return {
      ...publisher.published,
      files: 0,
      waitingRows: publisher.waitingRows,
      waitingBytes: spool.bytes,
      pauses: this.#pauses,
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { publisher, cluster } = this.#parts;
    try {
      await publisher.finish(closeMsMax);
    } finally {
      cluster.close();
    }
  }

  /** Only for what is committed already: what is not would wait for this epoch. */
  async #waitForRoom(): Promise<void> {
    const { publisher, spool, settings, context } = this.#parts;
    if (this.#hurries || spool.bytes < settings.spoolBytesMax || publisher.waiting === 0) return;
    this.#pauses++;
    const megabytes = Math.ceil(spool.bytes / (1 << 20));
    context.tell(
      'warning',
      `${publisher.waitingRows} rows (${megabytes} MiB) wait to be published, as many as spool_limit allows: queries wait too`,
    );
    while (!this.#hurries && spool.bytes >= settings.spoolBytesMax && publisher.waiting > 0)
      await Promise.race([publisher.change(), this.#hurried.promise]);
  }
}

function keyOf({ writer, number }: SinkEpoch): string {
  return `${writer}.${number}`;
}
