import { type DuckDBConnection, DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import type { OperatorCase } from './cases.ts';
import { type Digest, digestSql } from './digest.ts';
import { columnsSql, type InputRows } from './rows.ts';

/** DuckDB with one thread over tables of its own in memory that hold the same rows. */
export class DuckdbRun {
  readonly #connection: DuckDBConnection;
  readonly #case: OperatorCase;

  private constructor(connection: DuckDBConnection, each: OperatorCase) {
    this.#connection = connection;
    this.#case = each;
  }

  static async create(each: OperatorCase, tables: ReadonlyMap<string, InputRows>): Promise<DuckdbRun> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    for (const [name, rows] of tables) {
      await connection.run(`CREATE TABLE ${name} (${columnsSql})`);
      const appender = await connection.createAppender(name);
      for (let row = 0; row < rows.count; row++) {
        appender.appendTimestamp(new DuckDBTimestampValue(rows.ts[row] as bigint));
        appender.appendBigInt(rows.k[row] as bigint);
        appender.appendDouble(rows.v[row] as number);
        appender.endRow();
      }
      appender.closeSync();
    }
    return new DuckdbRun(connection, each);
  }

  async run(): Promise<void> {
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE answer AS ${this.#case.sql}`);
  }

  async digest(): Promise<Digest> {
    const { integers, doubles } = this.#case;
    const times = ['ts', 'since', 'window_start', 'window_end'];
    const text = digestSql(
      integers.map((name) => (times.includes(name) ? `epoch_us(${name})` : name)),
      doubles,
    );
    const [row] = (await this.#connection.runAndReadAll(text)).getRows();
    const [rows, hash, ...sums] = row as [bigint, bigint, ...number[]];
    return { rows: Number(rows), hash, sums };
  }

  close(): void {
    this.#connection.closeSync();
  }
}
