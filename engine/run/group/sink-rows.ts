import type { OwnProducer } from '../../../connectors/kafka/group/own-producer.ts';
import { TransactionRows } from '../../../connectors/kafka/sink/transaction-rows.ts';
import type { Cluster } from '../../../connectors/kafka/network/cluster.ts';
import type { Catalog } from '../../plan/catalog.ts';
import { decodeBatch } from '../batch/transfer.ts';
import type { WireEpoch } from '../lane/protocol.ts';
import { sinkSetups } from '../sinks/sink-setup.ts';

/** Rows that queries write to topics: they go out in the transaction that commits them. */
export class SinkRows {
  readonly #sinks: ReadonlyMap<string, TransactionRows>;

  private constructor(sinks: ReadonlyMap<string, TransactionRows>) {
    this.#sinks = sinks;
  }

  /** Throws ConnectorError. */
  static async open(catalog: Catalog, dataDirectory: string, cluster: Cluster): Promise<SinkRows> {
    const opened = sinkSetups(catalog, dataDirectory).map(
      async ({ name, columns, options, changes, key, directory }) =>
        [name, await TransactionRows.open(cluster, { sink: name, columns, options, changes, key, directory })] as const,
    );
    return new SinkRows(new Map(await Promise.all(opened)));
  }

  async send(producer: OwnProducer, appends: WireEpoch['appends']): Promise<void> {
    const now = Date.now();
    for (const [name, sink] of this.#sinks) {
      const rows = appends.filter(({ stream }) => stream === name).map(({ batch }) => decodeBatch(batch));
      if (rows.length === 0) continue;
      for (const { partition, batch } of sink.batches(rows, now)) await producer.sendBatch(sink.topic, partition, batch);
    }
  }
}
