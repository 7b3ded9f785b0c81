import type { Batch } from '../../../connectors/batch.ts';
import type { Connector } from '../../../connectors/connector.ts';
import { arrivalStep } from './arrival-clock.ts';
import { batchColumns, withIngestTime } from './ingest-time.ts';
import { openContext } from './open-context.ts';
import type { SourceSetup } from './protocol.ts';
import type { Timing } from '../time/timing.ts';

/** A table that has brought nothing for this long (ms) although it has not ended is given up. */
const silentMsMax = 60_000;
const retryMs = 20;

/** A lookup or versioned table: read to its end before the first row of a stream, whole in every lane; a lookup table again at each refresh. */
export class TableSource {
  readonly name: string;
  readonly setup: SourceSetup;
  error: string | null = null;
  loaded = false;
  rows = 0;
  rejected = 0;
  /** When (ms) it is read again; null: never. */
  refreshAt: number | null = null;
  readonly #connector: Connector;
  readonly #timing: Timing;
  #loading = false;

  constructor(setup: SourceSetup, connector: Connector, timing: Timing) {
    this.setup = setup;
    this.name = setup.definition.name;
    this.#connector = connector;
    this.#timing = timing;
  }

  /** All of its rows. Throws what the connector throws. */
  async load(): Promise<readonly Batch[]> {
    const { refreshMs, kind } = this.setup.definition;
    const begun = this.#timing.now();
    if (refreshMs !== null && kind === 'lookup') this.refreshAt = begun + refreshMs;
    const reader = await this.#connector.open(openContext({ ...this.setup, share: null }, new Map(), this.#timing));
    const names = batchColumns(this.setup);
    const batches: Batch[] = [];
    const open = new Set(reader.partitions);
    let rejected = 0;
    let quietSince: number | null = null;
    try {
      while (open.size > 0) {
        const result = await reader.poll();
        const now = this.#timing.now();
        if ('end' in result) open.delete(result.end);
        else if ('idle' in result) {
          quietSince ??= now;
          if (now - quietSince > silentMsMax) throw new Error(`table "${this.name}" does not end: kind = ${kind} needs a source that does`);
          await new Promise<void>((resolve) => this.#timing.after(retryMs, resolve));
          continue;
        } else {
          rejected += result.rejected.length;
          // The reader may fill its arrays again: these are kept, so it never gets them back.
          if (result.batch.rows > 0) batches.push(withIngestTime(result.batch, names, arrivalStep(now)));
        }
        quietSince = null;
      }
    } finally {
      await reader.close();
    }
    this.error = null;
    this.loaded = true;
    this.rows = batches.reduce((rows, batch) => rows + batch.rows, 0);
    this.rejected = rejected;
    return batches;
  }

  /** Reads it again when that is due, and calls `loaded` with the new rows or `failed`, when the old ones stay. */
  refresh(now: number, loaded: (batches: readonly Batch[]) => void, failed: (error: string) => void): void {
    if (this.#loading || this.refreshAt === null || now < this.refreshAt) return;
    this.#loading = true;
    this.load()
      .then(loaded, (error: unknown) => {
        this.error = error instanceof Error ? error.message : String(error);
        failed(this.error);
      })
      .finally(() => {
        this.#loading = false;
      });
  }
}
