import type { Batch } from '../../../connectors/batch.ts';
import { ConnectorError } from '../../../connectors/connector.ts';
import type { SinkConnector, SinkContext, SinkEpoch, SinkWriter } from '../../../connectors/sink.ts';
import { cellValue } from '../../../engine/run/batch/cell-value.ts';

/** What a sink holds: it outlives the writer that is open on it. */
export class SinkPlace {
  readonly seen: unknown[][] = [];
  readonly prepared = new Map<string, unknown[][]>();
  /** The order of calls, by name and epoch. */
  readonly calls: string[] = [];
  /** So many of the next calls of `prepare` fail. */
  failures = 0;
  takesChanges = true;
}

export function memorySink(place: SinkPlace): SinkConnector {
  return {
    name: 'memory',
    summary: 'Rows into memory.',
    options: {},
    takesChanges: place.takesChanges,
    check: () => [],
    open: async (context) => new MemorySinkWriter(place, context),
  };
}

class MemorySinkWriter implements SinkWriter {
  readonly #place: SinkPlace;
  readonly #sink: string;
  readonly #open = new Map<string, unknown[][]>();

  constructor(place: SinkPlace, { sink, committed }: SinkContext) {
    this.#place = place;
    this.#sink = sink;
    for (const [epoch, rows] of place.prepared) {
      const [writer = '', number] = epoch.split('.');
      if (Number(number) <= (committed.get(writer) ?? 0)) place.seen.push(...rows);
    }
    place.prepared.clear();
  }

  async write(epoch: SinkEpoch, batch: Batch): Promise<void> {
    const rows = Array.from({ length: batch.rows }, (_, row) => batch.columns.map((column) => cellValue(column, row)));
    this.#open.set(keyOf(epoch), [...(this.#open.get(keyOf(epoch)) ?? []), ...rows]);
  }

  async prepare(epoch: SinkEpoch): Promise<void> {
    if (this.#place.failures > 0) {
      this.#place.failures--;
      throw new ConnectorError(this.#sink, 'no space is left');
    }
    this.#place.calls.push(`prepare ${keyOf(epoch)}`);
    this.#place.prepared.set(keyOf(epoch), this.#open.get(keyOf(epoch)) ?? []);
    this.#open.delete(keyOf(epoch));
  }

  async commit(epoch: SinkEpoch): Promise<void> {
    this.#place.calls.push(`commit ${keyOf(epoch)}`);
    this.#place.seen.push(...(this.#place.prepared.get(keyOf(epoch)) ?? []));
    this.#place.prepared.delete(keyOf(epoch));
  }

  async maintain(): Promise<void> {}

  counts() {
    return { rows: this.#place.seen.length, bytes: 0, files: 0 };
  }

  async close(): Promise<void> {}
}

function keyOf({ writer, number }: SinkEpoch): string {
  return `${writer}.${number}`;
}
