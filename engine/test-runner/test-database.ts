import { DuckDBConnection, type DuckDBValue } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { RowAppender } from '../store/append-rows.ts';
import { encodeCommit } from '../store/commit-wire.ts';
import type { Connection } from '../store/database.ts';
import { quoteName, sqlType } from '../store/sql-text.ts';
import type { StreamDefinition } from '../store/store.ts';
import type { Generation } from '../store/stream-state.ts';
import { CommitStrings } from '../store/string-vector.ts';
import { readBatches } from './read-batches.ts';

const weightName = '_weight';
const schemas = ['given', 'made', 'log'] as const;

/**
 * DuckDB in memory, for one test at a time. Schema `given`: an empty table of each source, for a test's INSERT; `log`: every committed
 * row with its weight; `made`: what a query reads, a view of each stream.
 */
export class TestDatabase {
  readonly #database: duckdb.Database;
  readonly #connection: Connection;
  #generations = new Map<string, Generation>();
  #given: readonly { readonly name: string; readonly columns: readonly ColumnSpec[] }[] = [];

  private constructor(database: duckdb.Database, connection: Connection) {
    this.#database = database;
    this.#connection = connection;
  }

  static async create(): Promise<TestDatabase> {
    const configuration = duckdb.create_config();
    duckdb.set_config(configuration, 'threads', '1');
    const database = await duckdb.open(':memory:', configuration);
    const raw = await duckdb.connect(database);
    const sql = new DuckDBConnection(raw);
    await sql.run("SET TimeZone = 'UTC'; SET enable_external_access = false");
    return new TestDatabase(database, { raw, sql });
  }

  /** Begins a test. */
  async begin(sources: readonly { readonly name: string; readonly columns: readonly ColumnSpec[] }[]): Promise<void> {
    const { sql } = this.#connection;
    this.#generations = new Map();
    this.#given = sources;
    await sql.run(`USE memory.main; ${schemas.map((name) => `DROP SCHEMA IF EXISTS ${name} CASCADE; CREATE SCHEMA ${name}`).join('; ')}`);
    for (const { name, columns } of sources) await sql.run(`CREATE TABLE given.${quoteName(name)}(${columnList(columns, true)})`);
    await sql.run('USE memory.made');
  }

  /** Streams that rows will be committed to. */
  async define(streams: Iterable<StreamDefinition>): Promise<void> {
    const { sql } = this.#connection;
    for (const { name, columns, changes } of streams) {
      if (this.#generations.has(name)) continue;
      this.#generations.set(name, { number: 1, columns, since: 0, changing: { key: null }, archivedAs: null });
      const log = `log.${quoteName(name)}`;
      await sql.run(`CREATE TABLE ${log}(${columnList(columns, false)}, ${weightName} INTEGER)`);
      const names = columns.map((column) => quoteName(column.name)).join(', ');
      const folded = `SELECT * EXCLUDE (_rows) FROM (SELECT ${names}, unnest(range(_rows)) AS _rows FROM (SELECT ${names}, sum(${weightName})::BIGINT AS _rows FROM ${log} GROUP BY ALL))`;
      await sql.run(`CREATE VIEW made.${quoteName(name)} AS ${changes ? folded : `SELECT ${names} FROM ${log}`}`);
      if (changes) await sql.run(`CREATE VIEW made.${quoteName(`${name}__changes`)} AS SELECT ${names}, ${weightName} FROM ${log}`);
    }
  }

  append(stream: string, batch: Batch): void {
    const generation = this.#generations.get(stream);
    if (generation === undefined) throw new Error(`rows came for "${stream}", which was not defined`);
    const { commit } = encodeCommit({
      lane: 0,
      epoch: 0,
      appends: [{ stream, batch }],
      partitions: [],
      ranges: [],
      queries: [],
      counters: [],
    });
    const strings = new CommitStrings(commit.dictionaries, null);
    const staged = commit.appends.map((append) => ({ append, strings }));
    new RowAppender(this.#connection).append({ catalog: null, schema: 'log', table: stream }, generation, staged);
  }

  /** A stream of which more rows were taken back than added, or null. */
  async overdrawn(): Promise<string | null> {
    for (const [name, { columns }] of this.#generations) {
      const names = columns.map((column) => quoteName(column.name)).join(', ');
      const sums = `SELECT sum(${weightName}) AS n FROM log.${quoteName(name)} GROUP BY ${names}`;
      const reader = await this.#connection.sql.runAndReadAll(`SELECT count(*) FROM (${sums}) WHERE n < 0`);
      if (Number(reader.getRows()[0]?.[0]) > 0) return name;
    }
    return null;
  }

  /** Runs an INSERT of the test and gives the rows by source, in order. Throws DuckDB's error. */
  async insert(statement: string): Promise<{ readonly source: string; readonly batches: readonly Batch[] }[]> {
    const { sql } = this.#connection;
    await sql.run('USE memory.given');
    try {
      await sql.run(statement);
      const found = [];
      for (const { name, columns } of this.#given) {
        const batches = await readBatches(sql, `SELECT * FROM given.${quoteName(name)}`, columns);
        if (batches.length === 0) continue;
        found.push({ source: name, batches });
        await sql.run(`TRUNCATE given.${quoteName(name)}`);
      }
      return found;
    } finally {
      await sql.run('USE memory.made');
    }
  }

  /** Rows as text, sorted by their values unless `ordered`, with the kind of each column. Throws DuckDB's error. */
  async answer(query: string, ordered: boolean): Promise<{ readonly types: readonly string[]; readonly rows: (string | null)[][] }> {
    const { sql } = this.#connection;
    await sql.run(`CREATE OR REPLACE TEMP TABLE answer AS ${query}`);
    const types = (await sql.runAndReadAll('DESCRIBE answer')).getRows().map((row) => String(row[1]));
    const sorted = ordered ? 'FROM answer' : 'FROM answer ORDER BY ALL';
    const reader = await sql.runAndReadAll(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sorted})`);
    return { types, rows: reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value)))) };
  }

  /** For tests that compare with DuckDB itself. */
  async run(statements: string): Promise<void> {
    await this.#connection.sql.run(statements);
  }

  /** Values as DuckDB's client gives them. */
  async values(query: string): Promise<DuckDBValue[][]> {
    return (await this.#connection.sql.runAndReadAll(query)).getRows();
  }

  close(): void {
    this.#connection.sql.closeSync();
    duckdb.close_sync(this.#database);
  }
}

function columnList(columns: readonly ColumnSpec[], constrained: boolean): string {
  return columns
    .map(({ name, type, nullable }) => `${quoteName(name)} ${sqlType(type)}${constrained && !nullable ? ' NOT NULL' : ''}`)
    .join(', ');
}
