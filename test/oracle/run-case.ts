import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Compiler } from '../../engine/compile/compiler.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { type Diagnostic, QueryError } from '../../engine/diagnostic.ts';
import type { QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { compareRows, type Row } from './compare-rows.ts';
import { catalogText, columnDefinitions, sourceNames, type WrittenCase } from './query-case.ts';
import { bareValue, shownValue } from './reference-values.ts';

const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
/** Cells of rows, in the columns of the source. */
export type Values = readonly (readonly unknown[])[];
/** By source. */
export type Tables = Readonly<Record<string, Values>>;

export interface Compiled {
  readonly definition: QueryDefinition;
  readonly program: QueryProgram;
}

/** Views that run, and why the others do not. */
export interface Prepared {
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly compiled: readonly Compiled[];
  /** What is refused, by view. */
  readonly refused: ReadonlyMap<string, string>;
  /** Messages that no user should ever see. */
  readonly faults: readonly string[];
}

/** Faults of the loader that are its own, not the query's. */
const ownFaults = new Set(['E0290']);

export async function prepareCase(compiler: Compiler, each: WrittenCase): Promise<Prepared> {
  const refused = new Map<string, string>();
  const faults: string[] = [];
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q.sql', text: catalogText(each) }], { connectors: connectors as never });
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'error') continue;
    if (ownFaults.has(diagnostic.code)) faults.push(`${diagnostic.message} (${diagnostic.sourceLine})`);
    refused.set(viewAt(each, diagnostic), `${diagnostic.code} ${diagnostic.message}`);
  }
  const compiled: Compiled[] = [];
  await Promise.all(
    catalog.queries.map(async (definition) => {
      try {
        compiled.push({ definition, program: await compiler.compile(definition) });
      } catch (error) {
        refused.set(definition.name, (error as Error).message);
        if (!(error instanceof QueryError)) faults.push((error as Error).stack ?? String(error));
        else if (error.span === undefined) faults.push(`no place is given for: ${error.message}`);
      }
    }),
  );
  const order = catalog.queries.map((query) => query.name);
  const running = compiled.sort((a, b) => order.indexOf(a.definition.name) - order.indexOf(b.definition.name));
  for (const { definition } of running) {
    const missing = definition.reads.find((name) => refused.has(name));
    if (missing !== undefined) refused.set(definition.name, `it reads ${missing}`);
  }
  if (sourceNames.some((name) => !catalog.sources.has(name))) throw new Error(`a source is refused: ${[...refused.values()].join('; ')}`);
  return { sources: catalog.sources, compiled: running.filter(({ definition }) => !refused.has(definition.name)), refused, faults };
}

/** A diagnostic stands under the view's first line or the line after it. */
function viewAt({ views }: WrittenCase, { line }: Diagnostic): string {
  return views[Math.floor((line - 1) / 2) - sourceNames.length]?.name ?? `line ${line}`;
}

/** DuckDB with the rows of a case and every view's answer over them. */
export class CaseReference {
  readonly #connection: DuckDBConnection;
  readonly #views: WrittenCase['views'];
  readonly #names: string;
  readonly #definitions: string;

  private constructor(connection: DuckDBConnection, each: WrittenCase) {
    this.#connection = connection;
    this.#views = each.views;
    this.#names = Object.keys(each.columns).join(', ');
    this.#definitions = columnDefinitions(each);
  }

  static async create(each: WrittenCase): Promise<CaseReference> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    // DuckDB's other ASOF join, for more rows than this, takes NULL for equal to NULL and above every time.
    await connection.run('SET asof_loop_join_threshold = 1000000');
    return new CaseReference(connection, each);
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** `selects`: of each source's rows, in order of arrival, with their number last; `only`: the numbers to keep. */
  async load(selects: Readonly<Record<string, string>>, only: readonly number[] | null = null): Promise<Tables> {
    const kept = only === null ? '' : ` WHERE arrival IN (${['-1', ...only].join(', ')})`;
    const tables: Record<string, Values> = {};
    for (const name of sourceNames) {
      // Made anew: where rows were deleted, DuckDB aggregates in several parts, and `last` is not the last.
      await this.#connection.run(`CREATE OR REPLACE TABLE ${name}(${this.#definitions})`);
      const select = selects[name];
      if (select !== undefined)
        await this.#connection.run(`INSERT INTO ${name} SELECT ${this.#names} FROM (${select})${kept} ORDER BY arrival`);
      tables[name] = (await this.#connection.runAndReadAll(`SELECT * FROM ${name}`)).getRows().map((row) => row.map(bareValue));
    }
    return tables;
  }

  /** A view's rows, or DuckDB's message when it fails. Views are asked for in order; a stored one is kept as a table. */
  async answers(): Promise<Map<string, Row[] | string>> {
    const answers = new Map<string, Row[] | string>();
    for (const { name, stored, body } of this.#views) {
      try {
        await this.#connection.run(`CREATE OR REPLACE ${stored ? 'TABLE' : 'VIEW'} ${name} AS ${body}`);
        if (stored)
          answers.set(
            name,
            (await this.#connection.runAndReadAll(`FROM ${name}`)).getRows().map((row) => row.map(shownValue)),
          );
      } catch (error) {
        answers.set(name, (error as Error).message);
        await this.#connection.run(`DROP ${stored ? 'TABLE' : 'VIEW'} IF EXISTS ${name}`).catch(() => undefined);
      }
    }
    for (const { name, stored } of this.#views) await this.#connection.run(`DROP ${stored ? 'TABLE' : 'VIEW'} IF EXISTS ${name}`);
    return answers;
  }

  /** Rows as SQL literals, for a report. */
  async literals(): Promise<string[]> {
    const rows = sourceNames.map(async (name) =>
      (await this.#connection.runAndReadAll(`SELECT * FROM ${name}`)).getRowsJson().map((row) => `${name} ${JSON.stringify(row)}`),
    );
    return (await Promise.all(rows)).flat();
  }
}

/** What is wrong with a view's answer, in words; null when it is right. */
export function judge(got: Row[] | string | undefined, expected: Row[] | string | undefined): string | null {
  if (got === undefined || expected === undefined) return `no answer (${got === undefined ? 'engine' : 'DuckDB'})`;
  if (typeof expected === 'string') {
    if (typeof got === 'string') return /^trap/.test(got) ? `the kernel trapped where DuckDB says: ${expected}` : null;
    return `gives ${got.length} rows where DuckDB fails: ${expected.split('\n')[0]}`;
  }
  if (typeof got === 'string') return `fails (${got}) where DuckDB gives ${expected.length} rows`;
  const differences = compareRows(got, expected);
  return differences.length === 0 ? null : differences.join('; ');
}
