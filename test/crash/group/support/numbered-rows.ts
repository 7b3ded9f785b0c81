import { setTimeout as delay } from 'node:timers/promises';
import { CompressionTypes, type Kafka, Partitioners, type Producer } from 'kafkajs';

const everyMs = 100;
const rowsPerSend = 40;
const keys = 24;
/** Event time between two rows (ms). */
const stepMs = 20;
const begin = Date.UTC(2026, 0, 1);

/** What becomes of row `n`. */
export function fateOf(n: number): 'kept' | 'late' | 'rejected' {
  if (n % 97 === 96) return 'rejected';
  return n > 2_000 && n % 53 === 52 ? 'late' : 'kept';
}

/** Numbered rows in one topic or two, sent by another client all the while; the brokers' answers count, not that they were sent. */
export class NumberedRows {
  readonly #topics: readonly string[];
  readonly #producer: Producer;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  failure: unknown = null;
  /** Rows [0, sent) are in each topic. */
  sent = 0;

  constructor(kafka: Kafka, topics: readonly string[]) {
    this.#topics = topics;
    this.#producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { retries: 100, maxRetryTime: 2_000 },
    });
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    this.#running = this.#run().catch((error: unknown) => {
      this.failure = error;
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#send(Array.from({ length: rowsPerSend }, (_, index) => messageOf(this.sent + index)));
      this.sent += rowsPerSend;
      await delay(everyMs);
    }
  }

  async #send(messages: readonly { key: string; value: string; partition?: number }[]): Promise<void> {
    const topicMessages = this.#topics.map((topic) => ({ topic, messages: [...messages] }));
    await this.#producer.sendBatch({ topicMessages, compression: CompressionTypes.None, acks: -1 });
  }

  /** Ends with a row in each partition that is far ahead, so that all windows before it close. */
  async finish(partitions: number): Promise<number> {
    this.#stopping = true;
    await this.#running;
    if (this.failure !== null) throw this.failure;
    const ts = new Date(begin + this.sent * stepMs + 3_600_000).toISOString();
    const last = Array.from({ length: partitions }, (_, partition) => ({
      key: 'end',
      partition,
      value: JSON.stringify({ ts, key: 'end', n: -1 }),
    }));
    await this.#send(last);
    await this.#producer.disconnect();
    return this.sent;
  }
}

function messageOf(n: number): { key: string; value: string } {
  const key = `k${(n * 7919) % keys}`;
  if (fateOf(n) === 'rejected') return { key, value: `row ${n} is no JSON` };
  const ms = begin + n * stepMs - (fateOf(n) === 'late' ? 1_800_000 : 0);
  return { key, value: JSON.stringify({ ts: new Date(ms).toISOString(), key, n }) };
}
