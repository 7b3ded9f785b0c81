import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Batch, Column } from '../../connectors/batch.ts';
import { batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { QueryFailure, type QueryInstance } from '../../engine/compile/query-instance.ts';
import { type Diagnostic, QueryError } from '../../engine/diagnostic.ts';
import type { QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { endOfTime, infinities } from '../../engine/run/time/event-time.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { Random } from '../connectors/random.ts';
import { buildBatch } from '../store/build-batch.ts';
import { compareRows, type Row } from './compare-rows.ts';
import { catalogText, columnDefinitions, type WrittenCase } from './query-case.ts';
import { latenessMicros } from './random-rows.ts';
import { appendRows, bareValue, shownValue } from './reference-values.ts';

const connectors = new Map([['rows', { name: 'rows', options: {} }]]);
const memoryBytesMax = 512 << 20;
/** Cells of a batch's rows, in the columns of the source. */
export type Values = readonly (readonly unknown[])[];

export interface Compiled {
  readonly definition: QueryDefinition;
  readonly program: QueryProgram;
}

/** Views that run, and why the others do not. */
export interface Prepared {
  readonly source: SourceDefinition;
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
  const source = catalog.sources.get('t');
  if (source === undefined) throw new Error(`the source is refused: ${[...refused.values()].join('; ')}`);
  return { source, compiled: running.filter(({ definition }) => !refused.has(definition.name)), refused, faults };
}

/** A diagnostic stands under the view's first line or the line after it. */
function viewAt({ views }: WrittenCase, { line }: Diagnostic): string {
  return views[Math.floor((line - 3) / 2)]?.name ?? `line ${line}`;
}

/** DuckDB with the rows of a case and every view's answer over them. */
export class CaseReference {
  readonly #connection: DuckDBConnection;
  readonly #views: WrittenCase['views'];
  readonly #names: string;

  private constructor(connection: DuckDBConnection, { columns, views }: WrittenCase) {
    this.#connection = connection;
    this.#views = views;
    this.#names = Object.keys(columns).join(', ');
  }

  static async create(each: WrittenCase): Promise<CaseReference> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    await connection.run(referenceWindowMacros);
    await connection.run(`CREATE TABLE t(${columnDefinitions(each)})`);
    return new CaseReference(connection, each);
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** `select`: of the rows, in order of arrival, with their number last; `only`: the numbers to keep. */
  async load(select: string, only: readonly number[] | null = null): Promise<Values> {
    await this.#connection.run('DELETE FROM t');
    const kept = only === null ? '' : ` WHERE arrival IN (${['-1', ...only].join(', ')})`;
    await this.#connection.run(`INSERT INTO t SELECT ${this.#names} FROM (${select})${kept} ORDER BY arrival`);
    return (await this.#connection.runAndReadAll('SELECT * FROM t')).getRows().map((row) => row.map(bareValue));
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
    return (await this.#connection.runAndReadAll('SELECT * FROM t')).getRowsJson().map((row) => JSON.stringify(row));
  }
}

interface Node extends Compiled {
  readonly instance: QueryInstance;
  readonly rows: Row[];
  failure: string | null;
}

/** How rows come in: batches of so many rows, and a watermark that goes up by chance. */
export interface Feed {
  readonly batchRows: number;
  readonly seed: number;
}

/** Runs every compiled view over the rows, each reading what the ones before put out. Gives rows or the failure, by view. */
export async function streamCase({ compiled, source }: Prepared, values: Values, feed: Feed): Promise<Map<string, Row[] | string>> {
  const nodes: Node[] = await Promise.all(
    compiled.map(async (each) => ({
      ...each,
      instance: await instantiateQuery(each.program, { memoryBytesMax }),
      rows: [],
      failure: null,
    })),
  );
  const graph = new Graph(nodes, source.columns);
  const random = new Random(feed.seed);
  const time = source.columns.findIndex((column) => column.name === source.eventTime);
  let latest: bigint | null = null;
  for (let from = 0; from < values.length; from += feed.batchRows) {
    const rows = values.slice(from, from + feed.batchRows);
    graph.pushSource(buildBatch(source.columns, rows));
    for (const row of rows) {
      const at = row[time] as bigint | null;
      if (at !== null && !infinities.includes(at) && (latest === null || at > latest)) latest = at;
    }
    if (latest !== null && random.chance(0.7))
      graph.advance(latest - BigInt(latenessMicros) - BigInt(random.chance(0.3) ? random.below(10_000_000) : 0));
  }
  graph.advance(endOfTime);
  return new Map(nodes.map((node) => [node.definition.name, node.failure ?? node.rows]));
}

class Graph {
  readonly #nodes: readonly Node[];
  readonly #columns: readonly ColumnSpec[];

  constructor(nodes: readonly Node[], columns: readonly ColumnSpec[]) {
    this.#nodes = nodes;
    this.#columns = columns;
  }

  pushSource(batch: Batch): void {
    this.#pushInto('t', this.#columns, batch);
  }

  /** Watermarks go down the graph as the runtime sends them. */
  advance(watermark: bigint): void {
    const reached = new Map<string, bigint | null>([['t', watermark]]);
    for (const node of this.#nodes) {
      const { definition } = node;
      const above = reached.get(definition.reads[0] as string) ?? null;
      if (above !== null) this.#guarded(node, () => node.instance.advance(above));
      const ends = above === endOfTime;
      const known =
        above === null || (definition.eventTime === null && !ends) ? null : ends ? above : above - definition.eventTimeDelayMicros;
      reached.set(definition.name, known);
    }
  }

  #pushInto(table: string, columns: readonly ColumnSpec[], batch: Batch): void {
    if (batch.rows === 0) return;
    for (const node of this.#nodes) {
      node.program.inputs.forEach((input, index) => {
        if (input.table !== table) return;
        const picked = input.columns.map((name) => batch.columns[columns.findIndex((column) => column.name === name)] as Column);
        this.#guarded(node, () => node.instance.push(index, { rows: batch.rows, columns: picked }));
      });
    }
  }

  #guarded(node: Node, work: () => void): void {
    if (node.failure !== null) return;
    try {
      work();
      for (let batch = node.instance.take(); batch !== null; batch = node.instance.take()) {
        if (batch.rows > batchRowsMax) throw new Error(`an output batch of ${batch.rows} rows`);
        appendRows(batch, node.rows);
        this.#pushInto(node.definition.name, node.definition.schema, batch);
      }
    } catch (error) {
      if (!(error instanceof QueryFailure)) throw error;
      this.#fail(node, `${error.reason}: ${error.message}`);
    }
  }

  #fail(node: Node, message: string): void {
    node.failure ??= message;
    for (const reader of this.#nodes)
      if (reader.definition.reads.includes(node.definition.name)) this.#fail(reader, 'its input has failed');
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
