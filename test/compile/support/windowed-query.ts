import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { Batch, Column } from '../../../connectors/batch.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { Compiler } from '../../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../../engine/compile/instance.ts';
import type { QueryProgram } from '../../../engine/compile/program.ts';
import type { QueryInstance } from '../../../engine/compile/query-instance.ts';
import type { QueryDefinition } from '../../../engine/plan/catalog.ts';
import { infinities } from '../../../engine/run/time/event-time.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import { referenceWindowMacros } from '../../../engine/sql/window-macros.ts';
import { compareRows, type Row } from '../../oracle/compare-rows.ts';
import { FoldedRows } from '../../oracle/folded-rows.ts';
import { buildBatch } from '../../store/build-batch.ts';

const connectors = new Map([['rows', { name: 'rows', options: {} }]]);

export interface Feed {
  readonly batchRows: number;
  /** Microseconds that rows may come behind the largest time before them. */
  readonly lateness: bigint;
  /** The last watermark (microseconds); absent: the end of time. */
  readonly end?: bigint;
  readonly memoryBytesMax?: number;
}

/** Runs queries over one table, as a stream through generated kernels and as a whole in DuckDB. */
export class WindowedQueries {
  readonly #connection: DuckDBConnection;
  readonly #compiler: Compiler;
  readonly #definitions: string;
  readonly columns: readonly ColumnSpec[];
  readonly values: readonly (readonly unknown[])[];

  private constructor(
    connection: DuckDBConnection,
    compiler: Compiler,
    definitions: string,
    columns: readonly ColumnSpec[],
    values: readonly (readonly unknown[])[],
  ) {
    this.#connection = connection;
    this.#compiler = compiler;
    this.#definitions = definitions;
    this.columns = columns;
    this.values = values;
  }

  /** `definitions`: the columns as in CREATE TABLE, with `ts` among them; `rows`: a SELECT of those columns, in order of arrival. */
  static async create(definitions: string, rows: string): Promise<WindowedQueries> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    await connection.run(`CREATE TABLE t(${definitions})`);
    await connection.run(`INSERT INTO t ${rows}`);
    const compiler = new Compiler({ cacheDirectory: null });
    const query = await defineQuery(definitions, 'SELECT * FROM t', 't_columns');
    const values = (await connection.runAndReadAll('SELECT * FROM t')).getRows().map((row) => row.map(bare));
    return new WindowedQueries(connection, compiler, definitions, query.schema, values);
  }

  async close(): Promise<void> {
    await this.#compiler.close();
    this.#connection.closeSync();
  }

  async define(body: string): Promise<QueryDefinition> {
    return await defineQuery(this.#definitions, body, 'q');
  }

  /** The result's batches folded to what they amount to; `options`: of the view, `emit = changes`. */
  async compareChanges(body: string, options: string, feed: Feed): Promise<string[]> {
    const program = await this.#compiler.compile(await defineQuery(this.#definitions, body, `q WITH (${options})`));
    const folded = new FoldedRows();
    await this.stream(program, feed, folded);
    const differences = compareRows(folded.list(), await this.expected(body));
    return folded.wrong === null ? differences : [folded.wrong, ...differences];
  }

  async program(body: string): Promise<QueryProgram> {
    return await this.#compiler.compile(await this.define(body));
  }

  batch(program: QueryProgram, from: number, to: number, input = 0): Batch {
    const read = program.inputs[input]?.columns ?? [];
    const indexes = read.map((name) => this.columns.findIndex((column) => column.name === name));
    const rows = this.values.slice(from, to).map((row) => indexes.map((index) => row[index]));
    return buildBatch(
      indexes.map((index) => this.columns[index] as ColumnSpec),
      rows,
    );
  }

  async expected(body: string): Promise<Row[]> {
    return (await this.#connection.runAndReadAll(body)).getRows().map((row) => row.map(shown));
  }

  /** Differences between the stream's answer and DuckDB's, in words. */
  async compare(body: string, feed: Feed): Promise<string[]> {
    const program = await this.program(body);
    const { rows } = await this.stream(program, feed);
    return compareRows(rows, await this.expected(body));
  }

  async stream(program: QueryProgram, feed: Feed, folded?: FoldedRows): Promise<{ rows: Row[]; instance: QueryInstance }> {
    const instance = await instantiateQuery(program, { memoryBytesMax: feed.memoryBytesMax ?? 256 << 20 });
    const time = this.columns.findIndex((column) => column.name === 'ts');
    const rows: Row[] = [];
    let latest: bigint | null = null;
    for (let from = 0; from < this.values.length; from += feed.batchRows) {
      const to = Math.min(this.values.length, from + feed.batchRows);
      for (const input of program.inputs.keys()) {
        instance.push(input, this.batch(program, from, to, input));
        drain(instance, rows, folded);
      }
      for (let row = from; row < to; row++) {
        const at = this.values[row]?.[time] as bigint | null;
        if (at !== null && !infinities.includes(at) && (latest === null || at > latest)) latest = at;
      }
      if (latest !== null) instance.advance(latest - feed.lateness);
      drain(instance, rows, folded);
    }
    instance.advance(feed.end ?? (1n << 63n) - 1n);
    drain(instance, rows, folded);
    return { rows, instance };
  }
}

export function drain(instance: QueryInstance, rows: Row[], folded?: FoldedRows): void {
  for (let batch = instance.take(); batch !== null; batch = instance.take()) {
    folded?.add(batch);
    if (folded !== undefined) continue;
    const cells = batch.columns.map(cellsOf);
    for (let row = 0; row < batch.rows; row++) rows.push(cells.map((cell) => cell(row)));
  }
}

export async function defineQuery(definitions: string, body: string, name: string): Promise<QueryDefinition> {
  const text = `CREATE TABLE t(${definitions}) WITH (connector = rows, event_time = ts, max_lateness = '1 h');\nCREATE MATERIALIZED VIEW ${name} AS ${body};\n`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q.sql', text }], { connectors: connectors as never });
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) throw new Error(`${error.message} (${error.sourceLine.slice(error.column - 1, error.column + 60)})`);
  return catalog.queries[0] as QueryDefinition;
}

/** A DuckDB value as buildBatch takes it. */
function bare(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  const object = value as unknown as Record<string, unknown>;
  if ('entries' in object) {
    const { entries } = object;
    if (Array.isArray(entries))
      return (entries as { key: DuckDBValue; value: DuckDBValue }[]).map((entry) => [bare(entry.key), bare(entry.value)]);
    return Object.values(entries as Record<string, DuckDBValue>).map(bare);
  }
  if ('items' in object) return (object.items as DuckDBValue[]).map(bare);
  if ('months' in object) return [object.months, object.days, object.micros];
  for (const key of ['value', 'micros', 'days', 'seconds', 'millis', 'nanos', 'hugeint']) if (key in object) return object[key];
  throw new Error(`a value with ${Object.keys(object).join(', ')}`);
}

/** Integers as text and doubles as numbers, so that only doubles are compared with tolerance. */
function shown(value: DuckDBValue): unknown {
  return plainly(bare(value));
}

function plainly(plain: unknown): unknown {
  if (Array.isArray(plain)) return plain.map(plainly);
  return typeof plain === 'bigint' ? String(plain) : typeof plain === 'number' && Object.is(plain, -0) ? 0 : plain;
}

function cellsOf(column: Column): (row: number) => unknown {
  const valid = (row: number) => column.validity === null || (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 1;
  if (column.kind === 'string') return (row) => (valid(row) ? column.dictionary.text(column.codes[row] as number) : null);
  if (column.kind === 'list') {
    const [items, values] = column.children.map(cellsOf) as [(row: number) => unknown, ((row: number) => unknown) | undefined];
    const { offsets } = column;
    return (row) => {
      if (!valid(row)) return null;
      const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
      return Array.from({ length: to - from }, (_, k) => (values === undefined ? items(from + k) : [items(from + k), values(from + k)]));
    };
  }
  if (column.kind === 'struct') {
    const fields = column.children.map(cellsOf);
    return (row) => (valid(row) ? fields.map((field) => field(row)) : null);
  }
  const { data, type } = column;
  const wide = type.kind === 'hugeint' || type.kind === 'uuid' || (type.kind === 'decimal' && type.width > 18);
  return (row) => {
    if (!valid(row)) return null;
    if (wide) return String((BigInt.asIntN(64, data[row * 2 + 1] as bigint) << 64n) | (data[row * 2] as bigint));
    if (type.kind === 'boolean') return data[row] !== 0;
    if (type.kind === 'decimal') return String(data[row]);
    if (type.kind === 'interval') {
      const view = new DataView(data.buffer, data.byteOffset + row * 16, 16);
      return [view.getInt32(0, true), view.getInt32(4, true), String(view.getBigInt64(8, true))];
    }
    const value = data[row];
    return typeof value === 'bigint' ? String(value) : Object.is(value, -0) ? 0 : value;
  };
}
