import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import type { KafkaCluster } from '../broker/cluster.ts';
import type { SeenRecord } from './raw-source.ts';

/** Java's producers and consumers, in a process of their own (test/kafka/java/TestClient.java). */
export class JavaClient {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string) => void)[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => this.#waiting.shift()?.(line));
    child.once('exit', () => {
      for (const resolve of this.#waiting.splice(0)) resolve('error the client has ended');
    });
  }

  static async start(cluster: KafkaCluster): Promise<JavaClient> {
    const level = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
    const args = [
      '-Xmx192m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      level,
      '-cp',
      cluster.classPath,
      'TestClient',
      cluster.addresses(),
    ];
    const client = new JavaClient(spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] }));
    await client.#answer();
    return client;
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((line) => (line.startsWith('ok') ? resolve(line.slice(3)) : reject(new Error(`Java's client: ${line}`))));
    });
  }

  /** Words as TestClient takes them; gives its answer. */
  async tell(...words: readonly (string | number | boolean)[]): Promise<string> {
    const answer = this.#answer();
    this.#child.stdin?.write(`${words.join(' ')}\n`);
    return answer;
  }

  /** Sends values `{"number":N,"pad":...}` of so many bytes, N from `first`, with keys and timestamps of their number. */
  async produce(
    topic: string,
    partition: number,
    first: number,
    count: number,
    bytes: number,
    codec = 'none',
    batchBytes = 16_384,
  ): Promise<void> {
    const name = `plain-${codec}-${batchBytes}`;
    await this.tell('open', name, codec, false, batchBytes);
    await this.tell('send', name, topic, partition, first, count, bytes);
    await this.tell('close', name);
  }

  /** What Java's consumer says is in the topic, in the form of `sumOf`. */
  consume(topic: string, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<string> {
    return this.tell('consume', topic, isolation);
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await exited;
  }
}

/** Number of records and, by partition, a checksum over offsets, timestamps, keys and values. */
export function sumOf(records: readonly SeenRecord[], partitions: number): string {
  const sums = new Array<number>(partitions).fill(0);
  for (const { partition, offset, timestamp, key, value } of records) {
    const head = Buffer.alloc(16);
    head.writeBigInt64BE(BigInt(offset), 0);
    head.writeBigInt64BE(BigInt(timestamp), 8);
    let sum = crc32(head, sums[partition]);
    if (key !== null) sum = crc32(key, sum);
    if (value !== null) sum = crc32(value, sum);
    sums[partition] = sum;
  }
  return [records.length, ...sums].join(' ');
}
