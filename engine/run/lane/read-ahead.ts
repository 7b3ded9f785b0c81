import type { Idle, PartitionEnd, Polled, SourceReader } from '../../../connectors/connector.ts';
import type { Timing } from '../time/timing.ts';
import type { PartitionProgress } from './partition-progress.ts';
import type { SourceProgress } from './source-progress.ts';

/** Time (ms) after which a reader that had nothing is asked again, when it names no time itself. */
const pollIdleMs = 50;
/** Batches read ahead of an unpaced source. */
const readAheadBatchesMax = 2;
/** Rows read ahead of a paced source, over all its partitions. */
const readAheadRowsMax = 1 << 19;

export interface Pending {
  readonly partition: PartitionProgress;
  /** Null: the partition's end. */
  readonly polled: Polled | null;
  /** Rows of the batch that are taken. */
  offset: number;
  /** Rows after the batch that were taken before a restart. */
  readonly rest: number;
}

export interface ReadAheadListener {
  /** Something has come, or the reader has failed. */
  wake(): void;
  batch(pending: Pending & { readonly polled: Polled }): void;
  /** The reader has nothing at the moment, nothing more at all, or has failed. */
  nothing(): void;
}

/** Keeps a reader busy: at most one poll under way, and a bounded number of batches that wait to be taken. */
export class ReadAhead {
  pending: Pending[] = [];
  error: string | null = null;
  readonly #reader: SourceReader;
  readonly #progress: SourceProgress;
  readonly #paced: boolean;
  readonly #timing: Timing;
  readonly #listener: ReadAheadListener;
  #polling = false;
  #retryAt = 0;
  #ends = 0;
  #polls = 0;
  #nothingAt = Number.NEGATIVE_INFINITY;
  readonly #pollsAtRow = new Map<PartitionProgress, number>();
  /** Rows, by partition, that were taken before a restart. */
  readonly #skips: Map<string, number>;

  constructor(
    reader: SourceReader,
    progress: SourceProgress,
    paced: boolean,
    skips: Map<string, number>,
    timing: Timing,
    listener: ReadAheadListener,
  ) {
    this.#reader = reader;
    this.#progress = progress;
    this.#paced = paced;
    this.#skips = skips;
    this.#timing = timing;
    this.#listener = listener;
  }

  /** Asks the reader for more when it is time and there is room. */
  pump(now: number): void {
    if (now < this.nextPollAt()) return;
    this.#polling = true;
    this.#reader.poll().then(
      (result) => {
        this.#polling = false;
        this.#accept(result);
        this.#listener.wake();
      },
      (reason: unknown) => {
        this.#polling = false;
        this.fail(reason);
      },
    );
  }

  fail(reason: unknown): void {
    this.error ??= reason instanceof Error ? reason.message : String(reason);
    this.#listener.nothing();
    this.#listener.wake();
  }

  /** When the reader can be asked again (ms); infinity while it is asked, has ended, or there is no room. */
  nextPollAt(): number {
    if (this.error !== null || this.#polling || this.#allEnded || !this.#hasRoom()) return Number.POSITIVE_INFINITY;
    return this.#retryAt;
  }

  get #allEnded(): boolean {
    return this.#ends >= this.#progress.partitions.size;
  }

  #hasRoom(): boolean {
    if (!this.#paced) return this.pending.length < readAheadBatchesMax;
    const rows = this.pending.reduce((sum, { polled }) => sum + (polled?.batch.rows ?? 0), 0);
    return this.pending.length < 2 * this.#progress.partitions.size && (this.pending.length < 2 || rows < readAheadRowsMax);
  }

  #accept(result: Polled | Idle | PartitionEnd): void {
    this.#polls++;
    if ('idle' in result) {
      const now = this.#timing.now();
      this.#nothingAt = now;
      this.#retryAt = result.retryAt ?? now + pollIdleMs;
      this.#listener.nothing();
    } else if ('end' in result) {
      this.#ends++;
      this.pending.push({ partition: this.#partition(result.end), polled: null, offset: 0, rest: 0 });
      if (this.#allEnded) this.#listener.nothing();
    } else {
      const partition = this.#partition(result.partition);
      this.#pollsAtRow.set(partition, this.#polls);
      const skip = this.#skips.get(partition.name) ?? 0;
      const offset = Math.min(skip, result.batch.rows);
      this.#skips.set(partition.name, skip - offset);
      const pending = { partition, polled: result, offset, rest: skip - offset };
      this.#listener.batch(pending);
      this.pending.push(pending);
    }
  }

  #partition(name: string): PartitionProgress {
    return this.#progress.partitions.get(name) ?? this.#progress.addPartition(name, this.#timing.now());
  }

  /** Whether the reader was asked often enough since the partition's last row to say that it has none. */
  isQuiet(partition: PartitionProgress): boolean {
    if (this.pending.some((item) => item.partition === partition)) return false;
    const polls = this.#polls - (this.#pollsAtRow.get(partition) ?? 0);
    return this.#nothingAt >= partition.lastRowAt || polls >= 2 * this.#progress.partitions.size;
  }
}
