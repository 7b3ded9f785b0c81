import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Batch, Column, FixedArray, ListColumn } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { buildBatch } from '../store/build-batch.ts';

/** A table of one engine source: its columns as SQL types, and rows as SQL literals. */
export interface TestTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly string[])[];
}

const connectors = new Map([['rows', { name: 'rows', options: {} }]]);

/** Evaluates expressions over one table in DuckDB and in a generated kernel. */
export class Differential {
  readonly #connection: DuckDBConnection;
  readonly #table: TestTable;
  readonly #compiler: Compiler;

  private constructor(connection: DuckDBConnection, table: TestTable, compiler: Compiler) {
    this.#connection = connection;
    this.#table = table;
    this.#compiler = compiler;
  }

  static async create(table: TestTable): Promise<Differential> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const definitions = Object.entries(table.columns).map(([name, type]) => `${name} ${type}`);
    await connection.run(`CREATE TABLE t(${definitions.join(', ')})`);
    await connection.run(`INSERT INTO t VALUES ${table.rows.map((row) => `(${row.join(', ')})`).join(', ')}`);
    return new Differential(connection, table, new Compiler({ cacheDirectory: null }));
  }

  async close(): Promise<void> {
    await this.#compiler.close();
    this.#connection.closeSync();
  }

  /** Differences, one line each; tolerance is relative, for doubles. */
  async compare(expressions: readonly string[], tolerance = 0): Promise<string[]> {
    const select = expressions.map((expression, i) => `${expression} AS c${i}`).join(', ');
    const expected = await this.#duckdb(`SELECT ${select} FROM t`);
    const { columns, rows } = await this.#engine(select);
    const differences: string[] = [];
    if (rows.length !== expected.length) return [`${rows.length} rows instead of ${expected.length}`];
    for (const [c, expression] of expressions.entries()) {
      const wrong = rows.flatMap((row, r) => {
        const want = canonical((expected[r] as DuckDBValue[])[c] as DuckDBValue);
        return same(row[c] as string, want, tolerance) ? [] : [{ row: r, got: row[c], want }];
      });
      if (wrong.length > 0) {
        const { row, got, want } = wrong[0] as (typeof wrong)[0];
        differences.push(
          `${expression}: ${got} instead of ${want} in row ${row} (${this.#describe(row, expression)}) and ${wrong.length - 1} others, ${columns[c]?.type.kind}`,
        );
      }
    }
    return differences;
  }

  /** What the engine says of one expression: its fault at compile time or at run time, or null. */
  async fault(expression: string): Promise<string | null> {
    try {
      await this.#engine(`${expression} AS c0`);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Whether DuckDB fails on some row. */
  async duckdbFails(expression: string): Promise<boolean> {
    return await this.#duckdb(`SELECT ${expression} FROM t`).then(
      () => false,
      () => true,
    );
  }

  async #duckdb(sql: string): Promise<DuckDBValue[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRows();
  }

  async #engine(select: string): Promise<{ columns: readonly ColumnSpec[]; rows: string[][] }> {
    const { query, columns } = await this.#define(select);
    const program = await this.#compiler.compile(query);
    const instance = await instantiateQuery(program, { memoryBytesMax: 256 << 20 });
    const names = Object.keys(this.#table.columns);
    const read = program.inputs[0]?.columns ?? [];
    const values = (await this.#duckdb('SELECT * FROM t')).map((row) => read.map((name) => plain(row[names.indexOf(name)] as DuckDBValue)));
    const specs = read.map((name) => columns.find((column) => column.name === name) as ColumnSpec);
    instance.push(0, buildBatch(specs, values));
    const rows: string[][] = [];
    for (let batch = instance.take(); batch !== null; batch = instance.take()) rows.push(...rowsOf(batch));
    return { columns: program.outputs, rows };
  }

  async #define(select: string) {
    const definitions = Object.entries(this.#table.columns).map(([name, type]) => `${name} ${type}`);
    const text = `CREATE TABLE t(${definitions.join(', ')}) WITH (connector = rows);\nCREATE MATERIALIZED VIEW q AS SELECT ${select} FROM t;\n`;
    const { catalog, diagnostics } = await loadCatalog([{ path: 'q.sql', text }] as never, { connectors: connectors as never });
    const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    if (error !== undefined) throw new Error(`${error.message} (${error.sourceLine.slice(error.column - 1, error.column + 60)})`);
    return { query: catalog.queries[0] as NonNullable<(typeof catalog.queries)[0]>, columns: catalog.sources.get('t')?.columns ?? [] };
  }

  #describe(row: number, expression: string): string {
    const names = Object.keys(this.#table.columns);
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(expression));
    return used.map((name) => `${name} = ${(this.#table.rows[row] as readonly string[])[names.indexOf(name)]?.slice(0, 60)}`).join(', ');
  }
}

type Objectlike = Record<string, unknown>;

/** A DuckDB value as buildBatch takes it. */
function plain(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  const object = value as unknown as Objectlike;
  if ('entries' in object) {
    const entries = object.entries;
    if (Array.isArray(entries))
      return (entries as { key: DuckDBValue; value: DuckDBValue }[]).map((entry) => [plain(entry.key), plain(entry.value)]);
    return Object.values(entries as Record<string, DuckDBValue>).map(plain);
  }
  if ('items' in object) return (object.items as DuckDBValue[]).map(plain);
  if ('months' in object) return [object.months, object.days, object.micros];
  for (const key of ['value', 'micros', 'days', 'seconds', 'milliseconds', 'nanoseconds', 'nanos', 'millis', 'hugeint'])
    if (key in object) return object[key];
  throw new Error(`a value with ${Object.keys(object).join(', ')}`);
}

/** One text per value that tells every bit apart. */
function canonical(value: DuckDBValue): string {
  const bare = plain(value);
  if (bare === null) return 'NULL';
  if (Object.is(bare, -0)) return '-0';
  if (isInterval(value)) return (bare as unknown[]).map(String).join(' ');
  if (value instanceof DuckDBMapValue)
    return `{${value.entries.map((entry) => `${canonical(entry.key)}: ${canonical(entry.value)}`).join(', ')}}`;
  if (value instanceof DuckDBListValue) return `[${value.items.map(canonical).join(', ')}]`;
  if (value instanceof DuckDBStructValue) return `(${Object.values(value.entries).map(canonical).join(', ')})`;
  return typeof bare === 'string' ? JSON.stringify(bare) : String(bare);
}

function isInterval(value: DuckDBValue): boolean {
  return typeof value === 'object' && value !== null && 'months' in value;
}

function rowsOf(batch: Batch): string[][] {
  const columns = batch.columns.map(textsOf);
  return Array.from({ length: batch.rows }, (_, row) => columns.map((texts) => texts(row)));
}

function textsOf(column: Column): (row: number) => string {
  const valid = (row: number) => column.validity === null || (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 1;
  if (column.kind === 'string') return (row) => (valid(row) ? JSON.stringify(column.dictionary.text(column.codes[row] as number)) : 'NULL');
  if (column.kind === 'list') return listTexts(column, valid);
  if (column.kind === 'struct') {
    const fields = column.children.map(textsOf);
    return (row) => (valid(row) ? `(${fields.map((field) => field(row)).join(', ')})` : 'NULL');
  }
  return (row) => (valid(row) ? fixedText(column.type, column.data, row) : 'NULL');
}

function listTexts(column: ListColumn, valid: (row: number) => boolean): (row: number) => string {
  const [items, values] = column.children.map(textsOf) as [(row: number) => string, ((row: number) => string) | undefined];
  return (row) => {
    if (!valid(row)) return 'NULL';
    const [from, to] = [column.offsets[row] as number, column.offsets[row + 1] as number];
    const texts = Array.from({ length: to - from }, (_, k) => {
      return values === undefined ? items(from + k) : `${items(from + k)}: ${values(from + k)}`;
    });
    return values === undefined ? `[${texts.join(', ')}]` : `{${texts.join(', ')}}`;
  };
}

function fixedText(type: DataType, data: FixedArray, row: number): string {
  if (type.kind === 'boolean') return String(data[row] !== 0);
  if (type.kind === 'interval') {
    const view = new DataView(data.buffer, data.byteOffset + row * 16, 16);
    return `${view.getInt32(0, true)} ${view.getInt32(4, true)} ${view.getBigInt64(8, true)}`;
  }
  const wide = type.kind === 'hugeint' || type.kind === 'uhugeint' || type.kind === 'uuid' || (type.kind === 'decimal' && type.width > 18);
  if (wide) {
    const low = data[row * 2] as bigint;
    const both = (BigInt(data[row * 2 + 1] as bigint) << 64n) | low;
    return String(type.kind === 'hugeint' || type.kind === 'decimal' ? BigInt.asIntN(128, both) : both);
  }
  const value = data[row];
  return Object.is(value, -0) ? '-0' : String(value);
}

function same(got: string, want: string, tolerance: number): boolean {
  if (got === want) return true;
  const [a, b] = [Number(got), Number(want)];
  return (
    tolerance > 0 &&
    got !== 'NULL' &&
    want !== 'NULL' &&
    Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), Number.MIN_VALUE)
  );
}
