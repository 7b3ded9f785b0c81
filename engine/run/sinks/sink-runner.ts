import type { Batch } from '../../../connectors/batch.ts';
import { faultPoint } from '../../../connectors/fault-point.ts';
import type { SinkConnector, SinkContext, SinkCounts, SinkEpoch, SinkWriter } from '../../../connectors/sink.ts';
import type { Timing } from '../time/timing.ts';
import type { SinkNotice } from './sink-host.ts';
import type { SinkSetup } from './sink-setup.ts';

/** Wait before the first repetition (ms); it doubles up to the longest. */
const retryMsMin = 100;
const retryMsMax = 5_000;

export interface SinkStatus extends SinkCounts {
  /** Calls that failed and were made again. */
  readonly retries: number;
  /** Rows that came after it had failed: they are nowhere. */
  readonly lost: number;
  readonly error: string | null;
}

const nothing: SinkCounts = { rows: 0, bytes: 0, files: 0 };

/** One sink: calls in their order, made again when they fail, until the sink is given up. */
export class SinkRunner {
  readonly setup: SinkSetup;
  readonly #timing: Timing;
  readonly #notify: (notice: SinkNotice) => void;
  #writer: SinkWriter | null = null;
  #queue: Promise<void> = Promise.resolve();
  #retries = 0;
  #lost = 0;
  #error: string | null = null;
  #counts = nothing;
  #complained = false;

  constructor(setup: SinkSetup, timing: Timing, notify: (notice: SinkNotice) => void) {
    this.setup = setup;
    this.#timing = timing;
    this.#notify = notify;
  }

  /** Throws ConnectorError. */
  async open(connector: SinkConnector, committed: ReadonlyMap<string, number>): Promise<void> {
    const { name, columns, options, changes, key, directory, folder } = this.setup;
    const tell: SinkContext['tell'] = (level, text) => this.#notify({ sink: name, level, text: `${name}: ${text}`, failed: false });
    const context = { sink: name, columns, options, changes, key, directory, folder, committed, clock: this.#timing, tell };
    this.#writer = await connector.open(context);
  }

  /** Once it resolves the rows would survive a crash, or the sink has been given up. */
  prepare(epoch: SinkEpoch, batches: readonly Batch[]): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#error !== null) this.#lost += rowsOf(batches);
      for (const batch of batches) await this.#insist((writer) => writer.write(epoch, batch));
      await this.#insist((writer) => writer.prepare(epoch));
      faultPoint('sink_prepared');
      if (this.#error !== null) this.#lost += rowsOf(batches);
    });
  }

  commit(epoch: SinkEpoch): Promise<void> {
    return this.#enqueue(async () => {
      await this.#insist((writer) => writer.commit(epoch));
      faultPoint('sink_committed');
      await this.#maintain();
    });
  }

  maintain(): Promise<void> {
    return this.#enqueue(() => this.#maintain());
  }

  hurry(): void {
    this.#writer?.hurry?.();
  }

  status(): SinkStatus {
    this.#counts = this.#writer?.counts() ?? this.#counts;
    return { ...this.#counts, retries: this.#retries, lost: this.#lost, error: this.#error };
  }

  close(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#writer === null) return;
      await this.#writer
        .close()
        .catch((error: unknown) => this.#complain(error, 'rows that are committed stay where they wait until the next start'));
      this.status();
      this.#writer = null;
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** What waits may wait on: a failure is told and tried again next time. */
  async #maintain(): Promise<void> {
    try {
      await this.#writer?.maintain();
      this.#complained = false;
    } catch (error) {
      this.#retries++;
      this.#complain(error, 'it is tried again');
    }
  }

  async #insist(call: (writer: SinkWriter) => Promise<void>): Promise<void> {
    const since = this.#timing.now();
    for (let wait = retryMsMin; this.#error === null && this.#writer !== null; wait = Math.min(wait * 2, retryMsMax)) {
      try {
        await call(this.#writer);
        this.#complained = false;
        return;
      } catch (error) {
        // A value that cannot be written will never be.
        if (error instanceof RangeError || this.#timing.now() - since >= this.setup.retryForMs) return this.#giveUp(error);
        this.#retries++;
        this.#complain(error, 'it is tried again');
        await new Promise<void>((resolve) => this.#timing.after(wait, resolve));
      }
    }
  }

  #giveUp(error: unknown): void {
    this.#error = messageOf(error);
    this.#notify({ sink: this.setup.name, level: 'error', text: `${this.setup.name}: ${this.#error}`, failed: true });
  }

  /** Once, until it has gone well again. */
  #complain(error: unknown, what: string): void {
    if (this.#complained) return;
    this.#complained = true;
    this.#notify({ sink: this.setup.name, level: 'warning', text: `${this.setup.name}: ${messageOf(error)}; ${what}`, failed: false });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function rowsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.rows, 0);
}
