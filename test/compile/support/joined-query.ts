import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Batch } from '../../../connectors/batch.ts';
import { Compiler } from '../../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../../engine/compile/instance.ts';
import type { QueryProgram } from '../../../engine/compile/program.ts';
import type { QueryInstance } from '../../../engine/compile/query-instance.ts';
import type { QueryDefinition } from '../../../engine/plan/catalog.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import { referenceWindowMacros } from '../../../engine/sql/window-macros.ts';
import { Random } from '../../connectors/random.ts';
import { compareRows, type Row } from '../../oracle/compare-rows.ts';
import { FoldedRows } from '../../oracle/folded-rows.ts';
import { bareValue, shownValue } from '../../oracle/reference-values.ts';
import { buildBatch } from '../../store/build-batch.ts';

const connectors = new Map([['rows', { name: 'rows', options: {} }]]);

/** A source: its columns as in CREATE TABLE, `ts` its event time, and a SELECT of its rows in order of arrival. */
export interface Table {
  readonly columns: string;
  readonly rows: string;
  /** More options of the source, such as `kind = lookup`; a lookup table has no event time. */
  readonly options?: string;
  /** The event-time column, when it is not `ts`. */
  readonly time?: string;
}

export interface JoinFeed {
  readonly seed: number;
  /** Rows of a batch at most. */
  readonly batchRows: number;
  /** Options of the view: `emit = changes`, `state_ttl = '1 h'`. */
  readonly options?: string;
  readonly memoryBytesMax?: number;
  /** The sources keep step with each other. */
  readonly inStep?: boolean;
}

interface Step {
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly watermark: bigint;
}

interface Source {
  readonly schema: readonly ColumnSpec[];
  readonly values: readonly (readonly unknown[])[];
  readonly times: readonly bigint[];
  readonly lookup: boolean;
}

/** Runs queries over several tables, as streams through generated kernels and as a whole in DuckDB. */
export class JoinedQueries {
  readonly #connection: DuckDBConnection;
  readonly #compiler = new Compiler({ cacheDirectory: null });
  readonly #tables: Readonly<Record<string, Table>>;
  readonly #sources = new Map<string, Source>();

  private constructor(connection: DuckDBConnection, tables: Readonly<Record<string, Table>>) {
    this.#connection = connection;
    this.#tables = tables;
  }

  static async create(tables: Readonly<Record<string, Table>>): Promise<JoinedQueries> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    const queries = new JoinedQueries(connection, tables);
    for (const [name, { columns, rows, options }] of Object.entries(tables)) {
      await connection.run(`CREATE TABLE ${name}(${columns})`);
      await connection.run(`INSERT INTO ${name} ${rows}`);
      const schema = (await queries.define(`SELECT * FROM ${name}`)).schema;
      const values = (await connection.runAndReadAll(`SELECT * FROM ${name}`)).getRows().map((row) => row.map(bareValue));
      const time = schema.findIndex((column) => column.name === (queries.#tables[name]?.time ?? 'ts'));
      const lookup = options?.includes('lookup') ?? false;
      queries.#sources.set(name, { schema, values, times: lookup ? [] : values.map((row) => row[time] as bigint), lookup });
    }
    return queries;
  }

  async close(): Promise<void> {
    await this.#compiler.close();
    this.#connection.closeSync();
  }

  async define(body: string, options = ''): Promise<QueryDefinition> {
    const sources = Object.entries(this.#tables).map(([name, table]) => {
      const time = table.options?.includes('lookup') ? '' : `, event_time = ${table.time ?? 'ts'}, max_lateness = '1 h'`;
      return `CREATE TABLE ${name}(${table.columns}) WITH (connector = rows${time}${table.options === undefined ? '' : `, ${table.options}`});\n`;
    });
    const view = `CREATE MATERIALIZED VIEW q ${options === '' ? '' : `WITH (${options}) `}AS ${body};\n`;
    const { catalog, diagnostics } = await loadCatalog([{ path: 'q.sql', text: sources.join('') + view }], {
      connectors: connectors as never,
    });
    const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    if (error !== undefined) throw new Error(`${error.code}: ${error.message} (${error.note ?? ''})`);
    return catalog.queries[0] as QueryDefinition;
  }

  async program(body: string, options = ''): Promise<QueryProgram> {
    return await this.#compiler.compile(await this.define(body, options));
  }

  /** Differences between the streams' answer and DuckDB's, in words. */
  async compare(body: string, ...feeds: readonly JoinFeed[]): Promise<string[]> {
    const expected = await this.expected(body);
    for (const feed of feeds) {
      const program = await this.program(body, feed.options);
      const { rows, wrong } = await this.stream(program, feed);
      const differences = [...(wrong === null ? [] : [wrong]), ...compareRows(rows, expected)];
      if (differences.length > 0) return [`seed ${feed.seed}, batches of ${feed.batchRows}`, ...differences];
    }
    return [];
  }

  /** Batches of the sources in any order among each other; after each the watermark moves to some time that no row comes before. */
  async stream(program: QueryProgram, feed: JoinFeed): Promise<{ rows: readonly Row[]; wrong: string | null; instance: QueryInstance }> {
    const random = new Random(feed.seed);
    const instance = await instantiateQuery(program, { memoryBytesMax: feed.memoryBytesMax ?? 512 << 20 });
    const folded = new FoldedRows();
    const drain = (): void => {
      for (let batch = instance.take(); batch !== null; batch = instance.take()) folded.add(batch);
    };
    const cursors = [...new Set(program.inputs.map((input) => input.table))].map((table) => ({ table, at: 0, ahead: this.#ahead(table) }));
    const open = () => cursors.filter(({ table, at }) => at < this.#source(table).values.length);
    for (let left = open(); left.length > 0; left = open()) {
      const lookup = left.find(({ table }) => this.#source(table).lookup);
      const behind = left.reduce((a, b) => (b.at < a.at ? b : a));
      const cursor = lookup ?? (feed.inStep ? behind : random.pick(left));
      const rows = Math.min(1 + random.below(feed.batchRows), this.#source(cursor.table).values.length - cursor.at);
      for (const [input, { table, columns }] of program.inputs.entries()) {
        if (table !== cursor.table) continue;
        instance.push(input, this.#batch(table, columns, cursor.at, cursor.at + rows));
        drain();
      }
      cursor.at += rows;
      const next = cursors.map(({ at, ahead }) => ahead[at] ?? null).filter((time) => time !== null);
      if (next.length === 0 || random.chance(0.3)) continue;
      const limit = next.reduce((a, b) => (a < b ? a : b));
      instance.advance(random.chance(0.5) ? limit : limit - BigInt(random.below(5_000_000)));
      drain();
    }
    instance.advance((1n << 63n) - 1n);
    drain();
    return { rows: folded.list(), wrong: folded.wrong, instance };
  }

  /**
   * The answer of an instance that was stopped after `cut` batches and another one that goes on: it gets again the rows that the first
   * said it needed, whose results are thrown away.
   */
  async restarted(program: QueryProgram, batchRows: number, cut: number): Promise<readonly Row[]> {
    const before = await instantiateQuery(program, { memoryBytesMax: 512 << 20 });
    const after = await instantiateQuery(program, { memoryBytesMax: 512 << 20 });
    const kept = new FoldedRows();
    const drain = (instance: QueryInstance, into: FoldedRows | null): void => {
      for (let batch = instance.take(); batch !== null; batch = instance.take()) into?.add(batch);
    };
    const steps = this.#steps(program, batchRows);
    const push = (instance: QueryInstance, { table, from, to }: Step, into: FoldedRows | null, since: bigint): void => {
      const { times } = this.#source(table);
      for (const [input, read] of program.inputs.entries()) {
        if (read.table !== table) continue;
        for (let row = from; row < to; row++) {
          if (since > (times[row] as bigint)) continue;
          instance.push(input, this.#batch(table, read.columns, row, row + 1));
          drain(instance, into);
        }
      }
    };
    for (const step of steps.slice(0, cut)) {
      push(before, step, kept, -(1n << 63n));
      before.advance(step.watermark);
      drain(before, kept);
    }
    const watermark = steps[cut - 1]?.watermark ?? 0n;
    const oldest = before.oldestOpenStart();
    after.resumeFrom(watermark);
    if (oldest !== null) for (const step of steps.slice(0, cut)) push(after, step, null, oldest);
    for (const step of steps.slice(cut)) {
      push(after, step, kept, -(1n << 63n));
      after.advance(step.watermark);
      drain(after, kept);
    }
    after.advance((1n << 63n) - 1n);
    drain(after, kept);
    return kept.list();
  }

  /** Batches of the tables in turn, each with a watermark that no later row comes before. */
  #steps(program: QueryProgram, batchRows: number): Step[] {
    const cursors = [...new Set(program.inputs.map((input) => input.table))].map((table) => ({ table, at: 0, ahead: this.#ahead(table) }));
    const steps: Step[] = [];
    for (let left = cursors; left.length > 0; left = cursors.filter(({ table, at }) => at < this.#source(table).values.length)) {
      const cursor = left.reduce((a, b) => (b.at < a.at ? b : a));
      const from = cursor.at;
      cursor.at = Math.min(from + batchRows, this.#source(cursor.table).values.length);
      const next = cursors.flatMap(({ at, ahead }) => ahead[at] ?? []);
      const watermark = next.length === 0 ? (steps.at(-1)?.watermark ?? 0n) : next.reduce((a, b) => (a < b ? a : b));
      steps.push({ table: cursor.table, from, to: cursor.at, watermark });
    }
    return steps;
  }

  async expected(body: string): Promise<Row[]> {
    return (await this.#connection.runAndReadAll(body)).getRows().map((row) => row.map(shownValue));
  }

  #source(table: string): Source {
    return this.#sources.get(table) as Source;
  }

  /** For each row, the least time of it and all after it. */
  #ahead(table: string): bigint[] {
    const { times } = this.#source(table);
    const ahead = [...times];
    for (let row = times.length - 2; row >= 0; row--)
      if ((ahead[row + 1] as bigint) < (ahead[row] as bigint)) ahead[row] = ahead[row + 1] as bigint;
    return ahead;
  }

  #batch(table: string, columns: readonly string[], from: number, to: number): Batch {
    const { schema, values } = this.#source(table);
    const indexes = columns.map((name) => schema.findIndex((column) => column.name === name));
    const specs = indexes.map((index) => schema[index] as ColumnSpec);
    return buildBatch(
      specs,
      values.slice(from, to).map((row) => indexes.map((index) => row[index])),
    );
  }
}
