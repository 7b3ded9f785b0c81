import { DuckDBInstance } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import type { Row } from './compare-rows.ts';

/** DuckDB as the reference: its tables hold the recorded rows, a query's SELECT runs there verbatim. */
export class Reference {
  readonly #connection: Awaited<ReturnType<DuckDBInstance['connect']>>;

  private constructor(connection: Awaited<ReturnType<DuckDBInstance['connect']>>) {
    this.#connection = connection;
  }

  static async create(): Promise<Reference> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const reference = new Reference(await instance.connect());
    await reference.run(referenceWindowMacros);
    return reference;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Rows as JSON values: 64-bit integers and decimals as text, timestamps as text. */
  async rows(sql: string): Promise<Row[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson();
  }
}
