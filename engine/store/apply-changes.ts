import type { RowAppender, StagedBatch } from './append-rows.ts';
import { type ChangeStatements, changeColumns, changeStatements } from './changing-table.ts';
import type { Connection } from './database.ts';
import { quoteName } from './sql-text.ts';
import type { Segment } from './stream-state.ts';
import { selectRows } from './system-tables.ts';

/**
 * Brings the table of a stream that changes to the state after an epoch: what an epoch adds and takes back is netted first, so that a
 * row that came and went costs nothing. A row is replaced by its key, so that to apply the same rows again changes nothing.
 */
export class ChangeApplier {
  readonly #connection: Connection;
  readonly #appender: RowAppender;
  readonly #statements = new WeakMap<Segment, ChangeStatements>();

  constructor(connection: Connection, appender: RowAppender) {
    this.#connection = connection;
    this.#appender = appender;
  }

  /** By how many rows the table has grown. Runs in a transaction of the caller. `now`: milliseconds since 1970. */
  async apply(segment: Segment, batches: readonly StagedBatch[], now: number): Promise<number> {
    const { sql } = this.#connection;
    const staged = `staged ${segment.table}`;
    const { net, clash, remove, add, addLast } = this.#statementsOf(segment, staged);
    await sql.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(staged)} (${changeColumns(segment.generation)})`);
    this.#appender.append({ catalog: 'temp', schema: 'main', table: staged }, segment.generation, batches);
    await sql.run(net);
    const clashes = clash !== null && (await selectRows(this.#connection, clash))[0]?.[0] === true;
    const removed = await sql.run(remove);
    const added = await sql.run(clashes ? addLast : add, [new Date(now).toISOString().replace('Z', '')]);
    await sql.run(`DROP TABLE temp.${quoteName(staged)}; DROP TABLE temp.${quoteName(netName(segment))}`);
    return added.rowsChanged - removed.rowsChanged;
  }

  #statementsOf(segment: Segment, staged: string): ChangeStatements {
    let statements = this.#statements.get(segment);
    if (statements === undefined) {
      const table = `segment.${quoteName(segment.table)}`;
      statements = changeStatements(segment.generation, table, `temp.${quoteName(staged)}`, `temp.${quoteName(netName(segment))}`);
      this.#statements.set(segment, statements);
    }
    return statements;
  }
}

function netName(segment: Segment): string {
  return `net ${segment.table}`;
}
