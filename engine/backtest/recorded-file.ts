import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../store/sql-text.ts';
import { BacktestError, firstLine } from './backtest-error.ts';

/** Ending of a file, before `.gz` or `.zst`, and what DuckDB reads it by. */
const readers: readonly (readonly [ending: RegExp, reader: string])[] = [
  [/\.parquet$/i, 'read_parquet'],
  [/\.(csv|tsv|txt)(\.gz|\.zst)?$/i, 'read_csv'],
  [/\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i, 'read_json'],
];

/** Name of the column that tells which of several files a row is of. */
export const fileColumn = 'file_name';

/** Columns by name: an expression of SQL over the columns of a file. */
export type ColumnExpressions = ReadonlyMap<string, string>;

/** DuckDB in memory; gives connections whose times are UTC. One connection reads one result at a time. */
export async function openReader(): Promise<() => Promise<DuckDBConnection>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  return async () => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
}

/** A CSV, JSON or Parquet file, or several of one kind by a pattern with `*`. */
export class RecordedFile {
  readonly path: string;
  readonly columns: readonly string[];
  /** To stand behind FROM. */
  readonly relation: string;
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection, path: string, relation: string, columns: readonly string[]) {
    this.#connection = connection;
    this.path = path;
    this.relation = relation;
    this.columns = columns;
  }

  /** Throws BacktestError. */
  static async open(connection: DuckDBConnection, path: string): Promise<RecordedFile> {
    const reader = readers.find(([ending]) => ending.test(path))?.[1];
    if (reader === undefined)
      throw new BacktestError(`${path} is of no kind that can be read`, 'its name ends in .csv, .json, .jsonl or .parquet');
    const relation = `${reader}(${quoteText(path)}, filename = ${quoteText(fileColumn)})`;
    try {
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
      return new RecordedFile(
        connection,
        path,
        relation,
        described.getRows().map((row) => String(row[0])),
      );
    } catch (error) {
      throw new BacktestError(`${path} cannot be read: ${firstLine(error)}`, 'name a file, or several as "folder/*.csv"');
    }
  }

  /** The expression for a column: as given, or the file's own column of that name, whatever its case. Null: there is none. */
  expression(name: string, given: ColumnExpressions): string | null {
    const told = given.get(name.toLowerCase());
    if (told !== undefined) return `(${told})`;
    const own = this.columns.find((column) => column.toLowerCase() === name.toLowerCase());
    return own === undefined ? null : quoteName(own);
  }

  /** Throws BacktestError with the hint given. */
  async rows(select: string, hint: string): Promise<unknown[][]> {
    try {
      return (await this.#connection.runAndReadAll(select)).getRows() as unknown[][];
    } catch (error) {
      throw new BacktestError(`${this.path}: ${firstLine(error)}`, hint);
    }
  }
}
