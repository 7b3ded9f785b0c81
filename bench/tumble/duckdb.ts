import { type DuckDBConnection, DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { emptyGroups, type Groups } from './groups.ts';
import { columnsSql, querySql } from './kernel.ts';
import type { Rows } from './rows.ts';

/** DuckDB with one thread over a table of its own in memory. */
export class DuckdbRun {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async create(rows: Rows): Promise<DuckdbRun> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    await connection.run(`CREATE TABLE t (${columnsSql})`);
    const appender = await connection.createAppender('t');
    for (let row = 0; row < rows.count; row++) {
      appender.appendTimestamp(new DuckDBTimestampValue(rows.ts[row] as bigint));
      appender.appendBigInt(rows.key[row] as bigint);
      appender.appendDouble(rows.v[row] as number);
      appender.appendInteger(rows.kind[row] as number);
      appender.endRow();
    }
    appender.closeSync();
    return new DuckdbRun(connection);
  }

  async run(): Promise<void> {
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE answer AS ${querySql}`);
  }

  async groups(): Promise<Groups> {
    const count = Number((await this.#connection.runAndReadAll('SELECT count(*) FROM answer')).getRows()[0]?.[0]);
    const groups = emptyGroups(count);
    const result = await this.#connection.stream('SELECT epoch_us(window_start), k, n, total, low, high FROM answer');
    const targets = [groups.window, groups.key, groups.rows, groups.sum, groups.low, groups.high];
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      targets.forEach((target, k) => {
        const values = chunk.getColumnValues(k);
        for (let row = 0; row < values.length; row++) (target as unknown as unknown[])[groups.count + row] = values[row];
      });
      groups.count += chunk.rowCount;
    }
    return groups;
  }
}
