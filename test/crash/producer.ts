import { setTimeout as delay } from 'node:timers/promises';
import { type Kafka, type Producer, CompressionTypes } from 'kafkajs';
import { message, type SourceName, sourceNames } from './workload.ts';

const sendEveryMs = 50;
const rowsPerSend = 25;

/** Produces numbered rows all the while, in order within each partition; what a broker that restarts interrupts is sent again, once. */
export class NumberedRows {
  readonly #producer: Producer;
  readonly #topics: Readonly<Record<SourceName, string>>;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  /** Rows of each source that the broker has confirmed. */
  produced = 0;
  failure: Error | null = null;

  constructor(kafka: Kafka, topics: Readonly<Record<SourceName, string>>) {
    this.#producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry: { retries: 60, maxRetryTime: 2_000 } });
    this.#topics = topics;
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    this.#running = this.#run().catch((error: unknown) => {
      this.failure = error as Error;
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      for (const source of sourceNames) {
        const messages = Array.from({ length: rowsPerSend }, (_, index) => message(source, this.produced + index));
        await this.#producer.send({ topic: this.#topics[source], messages, acks: -1, compression: CompressionTypes.None });
      }
      this.produced += rowsPerSend;
      await delay(sendEveryMs);
    }
  }

  async stop(): Promise<number> {
    this.#stopping = true;
    await this.#running;
    await this.#producer.disconnect();
    if (this.failure !== null) throw this.failure;
    return this.produced;
  }
}
