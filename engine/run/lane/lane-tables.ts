import type { Batch } from '../../../connectors/batch.ts';
import type { EngineEvent } from '../runtime-status.ts';
import type { LaneParts } from './lane-parts.ts';
import type { LaneSetup, LaneSourceStatus } from './protocol.ts';
import type { QueryGraph } from './query-graph.ts';
import { TableSource } from './table-source.ts';

/** The tables that queries of a lane look up in. They take part in no epoch: a restart reads them anew. */
export class LaneTables {
  readonly tables: readonly TableSource[];
  readonly #tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly #wake: () => void;
  /** Read, and not yet in the queries. */
  readonly #fresh = new Map<TableSource, readonly Batch[]>();

  constructor({ sources }: LaneSetup, { connector, timing }: LaneParts, tell: (event: Omit<EngineEvent, 'at'>) => void, wake: () => void) {
    this.#tell = tell;
    this.#wake = wake;
    this.tables = sources
      .filter(({ definition }) => definition.kind !== 'stream')
      .map((setup) => new TableSource(setup, connector(setup.definition.connector), timing));
  }

  /** Before the first row of a stream. Throws what a connector throws. */
  async load(graph: QueryGraph): Promise<void> {
    for (const table of this.tables) graph.replace(table.name, table.setup.definition.kind, await table.load());
  }

  /** Between two batches: tables that have been read again take the place of the old ones, and those that are due are read. */
  refresh(graph: QueryGraph, now: number): void {
    for (const [table, batches] of this.#fresh) graph.replace(table.name, table.setup.definition.kind, batches);
    this.#fresh.clear();
    for (const table of this.tables) {
      const loaded = (batches: readonly Batch[]): void => {
        this.#fresh.set(table, batches);
        this.#wake();
      };
      table.refresh(now, loaded, (error) => {
        const text = `table ${table.name} could not be read again, its rows of before are still used: ${error}`;
        this.#tell({ level: 'warning', kind: 'source_failed', subject: table.name, text });
      });
    }
  }

  /** As people see it: a table has ended when it is there. */
  statuses(): Readonly<Record<string, LaneSourceStatus>> {
    return Object.fromEntries(
      this.tables.map(({ name, error, rows, rejected, loaded }) => {
        const state = error !== null ? 'failed' : loaded ? 'ended' : 'starting';
        const none = { watermark: null, maxEventTime: null, partitions: 1, paced: false, live: false } as const;
        return [name, { rows, late: 0, rejected, ...none, state, error }];
      }),
    );
  }

  /** When (ms) the next one is due. */
  nextAt(): number {
    return Math.min(...this.tables.map((table) => table.refreshAt ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  }
}
