import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Connection } from './database.ts';
import { quoteText } from './sql-text.ts';

/** Writes many rows of a small table with one prepared statement: the rows go as one JSON text. Values are text, numbers, booleans or null. */
export class BulkWrite {
  readonly #connection: Connection;
  readonly #sql: string;
  #prepared: DuckDBPreparedStatement | undefined;

  /** `keys` empty: rows are inserted; else a row with the same keys is updated. */
  constructor(connection: Connection, table: string, columns: Readonly<Record<string, string>>, keys: readonly string[]) {
    this.#connection = connection;
    const rows = `SELECT unnest(from_json($1::VARCHAR, ${quoteText(JSON.stringify([columns]))}), recursive := true)`;
    if (keys.length === 0) {
      this.#sql = `INSERT INTO ${table} BY NAME ${rows}`;
      return;
    }
    const updated = Object.keys(columns).filter((column) => !keys.includes(column));
    this.#sql = `MERGE INTO ${table} AS t USING (${rows}) AS s ON (${keys.map((key) => `t.${key} = s.${key}`).join(' AND ')})
      WHEN MATCHED THEN UPDATE SET ${updated.map((column) => `${column} = s.${column}`).join(', ')}
      WHEN NOT MATCHED THEN INSERT BY NAME`;
  }

  async write(rows: readonly Readonly<Record<string, string | number | boolean | null>>[]): Promise<void> {
    if (rows.length === 0) return;
    this.#prepared ??= await this.#connection.sql.prepare(this.#sql);
    this.#prepared.bind([JSON.stringify(rows)]);
    await this.#prepared.run();
  }

  close(): void {
    this.#prepared?.destroySync();
    this.#prepared = undefined;
  }
}
