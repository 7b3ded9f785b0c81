import {
  ANY,
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBScalarFunction,
  type DuckDBType,
  DuckDBTypeId,
  DOUBLE,
  INTERVAL,
  TIMESTAMP,
} from '@duckdb/node-api';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { adaptType } from '../plan/adapt/type.ts';
import { type DuckPlan, parseLossless } from '../plan/adapt/duckdb-plan.ts';
import type { ConstantValue } from '../plan/expression.ts';
import { quoteName, quoteText, typeName } from '../plan/type-name.ts';
import { constantOf } from './constant-of.ts';
import { learningFunctions, learningMarker } from '../plan/learning/learning-functions.ts';
import { learningDuckType, learningMacros, learningValueDuckType } from './learning-macros.ts';
import { markerWindowMacros } from './window-macros.ts';

/** What binding may take: schemas are empty, so only a runaway constant gets near it. */
const binderMemory = '512MB';

/** Names of users have no two underscores in a row. */
const functionScratch = '__function_types';

/** DuckDB in memory, holding every declared table, empty: it parses, binds and types SELECTs, and reads or writes nothing. */
export class Binder {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #unstable: ReadonlySet<string>;
  readonly #declared = new Set<string>();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, unstable: ReadonlySet<string>) {
    this.#instance = instance;
    this.#connection = connection;
    this.#unstable = unstable;
  }

  static async create(): Promise<Binder> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: binderMemory,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const marker = (name: string, parameterTypes: readonly DuckDBType[]): void =>
      registerStandIn(connection, name, parameterTypes, TIMESTAMP);
    for (const end of ['start', 'end']) {
      marker(`__tumble_${end}`, [TIMESTAMP, INTERVAL]);
      marker(`__hop_${end}`, [TIMESTAMP, INTERVAL, INTERVAL]);
      marker(`__session_${end}`, [TIMESTAMP, ANY, INTERVAL]);
    }
    for (const learns of learningFunctions) {
      const parameters = learns.parameters.map(() => DOUBLE);
      registerStandIn(connection, learningMarker(learns), [learningValueDuckType(learns), ANY, ...parameters], learningDuckType(learns));
    }
    await connection.run(markerWindowMacros);
    await connection.run(learningMacros);
    const rows = await connection.runAndReadAll(
      "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'scalar' AND stability <> 'CONSISTENT'",
    );
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return new Binder(instance, connection, new Set(rows.getRows().map(([name]) => String(name))));
  }

  /** False for functions that differ from call to call or from run to run: now(), random(), nextval(). */
  isStable(name: string): boolean {
    return !this.#unstable.has(name);
  }

  /** False for functions that cannot be computed here as well: those declared in WebAssembly, the window markers. */
  isFoldable(name: string): boolean {
    return this.isStable(name) && name !== 'error' && !name.startsWith('__') && !this.#declared.has(name.toLowerCase());
  }

  /** The syntax tree of a SELECT, or the error, as DuckDB writes them. */
  async parse(body: string): Promise<unknown> {
    return JSON.parse(await this.#text(`SELECT json_serialize_sql(${quoteText(body)}, skip_null := true)`));
  }

  /** The bound plan. `optimize` stays off: over empty tables it folds everything away, and fails on some plans. */
  async bind(body: string): Promise<DuckPlan> {
    return parseLossless(await this.#text(`SELECT json_serialize_plan(${quoteText(body)}, skip_null := true)`)) as DuckPlan;
  }

  /** Names of the result's columns, as DuckDB would print them. */
  async resultNames(body: string): Promise<string[]> {
    const result = await this.#connection.runAndReadAll(`DESCRIBE ${body}`);
    return result.getRows().map(([name]) => String(name));
  }

  /** Declares a table from the column list of a CREATE TABLE, parentheses included. Rejects with DuckDB's message. */
  async declareTable(name: string, columnList: string): Promise<void> {
    await this.#connection.run(`CREATE TABLE ${quoteName(name)} ${columnList}`);
  }

  async declareView(name: string, columns: readonly ColumnSpec[]): Promise<void> {
    const list = columns.map((column) => `${quoteName(column.name)} ${typeName(column.type)}`);
    await this.declareTable(name, `(${list.join(', ')})`);
  }

  /** Columns of a declared table that may not be NULL, and those of its primary key. */
  async constraints(name: string): Promise<{ notNull: Set<string>; primaryKey: string[] }> {
    const rows = await this.#connection.runAndReadAll(`SELECT name, "notnull", pk FROM pragma_table_info(${quoteText(quoteName(name))})`);
    const list = rows.getRows().map(([column, notNull, key]) => ({ column: String(column), notNull: notNull === true, key: key === true }));
    return {
      notNull: new Set(list.filter((each) => each.notNull || each.key).map((each) => each.column)),
      primaryKey: list.filter((each) => each.key).map((each) => each.column),
    };
  }

  /** A function whose body is elsewhere (WebAssembly): bound by its types only, which come back as the binder knows them. */
  async declareFunction(
    name: string,
    parameters: readonly string[],
    returns: string,
  ): Promise<{ parameters: DataType[]; returns: DataType }> {
    const duckTypes: DuckDBType[] = [];
    for (const type of [...parameters, returns])
      duckTypes.push((await this.#connection.runAndReadAll(`SELECT NULL::${type}`)).columnType(0));
    const columns = [...parameters, returns].map((type, index) => `p${index} ${type}`);
    await this.declareTable(functionScratch, `(${columns.join(', ')})`);
    const plan = await this.bind(`SELECT * FROM ${functionScratch}`);
    await this.#connection.run(`DROP TABLE ${functionScratch}`);
    const types = (plan.error ? [] : (plan.plans[0]?.children?.[0]?.returned_types ?? [])).map((type) => adaptType(type));
    registerStandIn(this.#connection, name, duckTypes.slice(0, -1), duckTypes.at(-1) as DuckDBType);
    this.#declared.add(name.toLowerCase());
    return { parameters: types.slice(0, -1), returns: types.at(-1) as DataType };
  }

  /** Values of constant expressions. Rejects when one cannot be computed. */
  async evaluate(expressions: readonly string[]): Promise<ConstantValue[]> {
    const result = await this.#connection.runAndReadAll(`SELECT ${expressions.join(', ')}`);
    const types = result.columnTypes();
    return (result.getRows()[0] ?? []).map((value, index) => {
      const type = types[index]?.typeId;
      return constantOf(value, type === DuckDBTypeId.DOUBLE || type === DuckDBTypeId.FLOAT);
    });
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #text(sql: string): Promise<string> {
    const result = await this.#connection.runAndReadAll(sql);
    return String(result.getRows()[0]?.[0]);
  }
}

/** A function that only has a type: binding never calls it. */
function registerStandIn(connection: DuckDBConnection, name: string, parameterTypes: readonly DuckDBType[], returnType: DuckDBType): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      parameterTypes,
      returnType,
      mainFunction() {
        throw new Error(`${name} cannot be called while binding`);
      },
    }),
  );
}
