import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Compiler } from '../engine/compile/compiler.ts';
import type { QueryProgram } from '../engine/compile/program.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../engine/plan/catalog.ts';
import { referenceWindowMacros } from '../engine/sql/window-macros.ts';
import { TestDatabase } from '../engine/test-runner/test-database.ts';
import { cpuMs, median } from './measure.ts';
import { determined } from './nexmark/determined.ts';
import { leastMs, runForRows, runKernel } from './nexmark/kernel.ts';
import { feedingsOf, nexmarkCatalog, sourceBatches } from './nexmark/rows.ts';

const help = `Nexmark queries, kernel only (columns already in memory), beside DuckDB over the same rows.
  --queries LIST  default q0,q1,q2,q3,q4,q5,q6,q7,q8
  --events N      of all three kinds (default 1000000)
  --rounds N      measured rounds (default 5), contestants by turns: of the kernel each batch's least time counts, of DuckDB the median CPU time
  --no-duckdb     without DuckDB: neither beside it nor compared with it
  --json FILE     writes the figures too`;

interface Figure {
  readonly query: string;
  readonly rowsRead: number;
  readonly rowsOut: number;
  /** Sums over all batches of the least time of the rounds. */
  readonly kernelMs: number;
  readonly copiedMs: number;
  /** CPU time of each round. */
  readonly duckdbMs: readonly number[];
  readonly hash: string | null;
}

export async function nexmark(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      queries: { type: 'string', default: 'q0,q1,q2,q3,q4,q5,q6,q7,q8' },
      events: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '5' },
      duckdb: { type: 'boolean', default: true },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  // The parser's and compiler's own wasm need no optimising; kernels get V8's best code at once.
  setFlagsFromString('--liftoff');
  const catalog = await nexmarkCatalog();
  const queries = values.queries.split(',').map((name) => queryOf(catalog, name));
  const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-bench-kernels') });
  const programs = await Promise.all(queries.map((query) => compiler.compile(query))).finally(() => compiler.close());
  setFlagsFromString('--no-liftoff');
  const events = Number(values.events);
  const database = values.duckdb ? await loadDatabase(catalog, queries, events) : null;
  console.log(`${events.toLocaleString('en')} events; per second of one core: rows that the query reads, and events of all kinds`);
  const figures: Figure[] = [];
  for (const [index, query] of queries.entries()) {
    const figure = await measure(query, programs[index] as QueryProgram, catalog, events, Number(values.rounds), database);
    print(figure, events);
    figures.push(figure);
  }
  database?.close();
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, events, figures }, null, 2)}\n`);
}

function queryOf(catalog: Catalog, name: string): QueryDefinition {
  const query = catalog.queries.find((each) => each.name === name);
  if (query === undefined) throw new Error(`there is no Nexmark query "${name}", or it cannot run`);
  return query;
}

/** Tables of every source that is read, in DuckDB's own memory. */
export async function loadDatabase(catalog: Catalog, queries: readonly QueryDefinition[], events: number): Promise<TestDatabase> {
  const database = await TestDatabase.create();
  await database.begin([]);
  for (const name of new Set(queries.flatMap((query) => query.reads))) {
    const source = catalog.sources.get(name) as SourceDefinition;
    await database.define([{ name, columns: source.columns, eventTime: null, retentionMs: null, hotMs: 0 }]);
    for (const batch of await sourceBatches(source, events)) database.append(name, batch);
    await database.run(`CREATE TABLE main.${name} AS FROM made.${name}; DROP VIEW made.${name}; DROP TABLE log.${name}`);
  }
  await database.run(`USE memory.main; ${referenceWindowMacros}`);
  return database;
}

async function measure(
  query: QueryDefinition,
  program: QueryProgram,
  catalog: Catalog,
  events: number,
  rounds: number,
  database: TestDatabase | null,
): Promise<Figure> {
  const feedings = await feedingsOf(query, program, catalog, events);
  const [kernel, copied, duckdbMs]: [Float64Array[], Float64Array[], number[]] = [[], [], []];
  let rowsOut = 0;
  for (let round = -1; round < rounds; round++) {
    const own = await runKernel(program, feedings);
    rowsOut = own.rowsOut;
    const rival = database === null ? null : await cpuMs(() => database.run(`CREATE OR REPLACE TEMP TABLE expected AS ${query.body}`));
    if (round < 0) continue;
    kernel.push(own.kernel);
    copied.push(own.copied);
    if (rival !== null) duckdbMs.push(rival);
  }
  const hash = database === null ? null : await compare(query, program, feedings, database);
  return { query: query.name, rowsRead: feedings.rows, rowsOut, kernelMs: leastMs(kernel), copiedMs: leastMs(copied), duckdbMs, hash };
}

/** SQL for a table's number of rows and sum of row hashes, of what the query's answer determines. */
export function digestOf({ name, schema }: QueryDefinition, table: string): string {
  // Averages agree to the last digits only.
  const columns = determined[name]?.columns ?? schema.map((column) => column.name);
  const hashed = columns.map((column) => {
    const isDouble = schema.find((each) => each.name === column)?.type.kind === 'double';
    return isDouble ? `printf('%.9e', ${column})` : column;
  });
  return `SELECT count(*)::VARCHAR || ' rows ' || printf('%x', sum(hash(${hashed.join(', ')})) % 18446744073709551557) AS digest FROM ${table} WHERE ${determined[name]?.where ?? 'true'}`;
}

/** Both answers' number of rows and sum of row hashes; throws when they differ. */
async function compare(
  query: QueryDefinition,
  program: QueryProgram,
  feedings: Awaited<ReturnType<typeof feedingsOf>>,
  database: TestDatabase,
): Promise<string> {
  const { name, schema } = query;
  await database.define([{ name, columns: schema, eventTime: null, retentionMs: null, hotMs: 0, changes: true }]);
  await runForRows(program, feedings, (batch) => database.append(name, batch));
  const digest = (table: string) => digestOf(query, table);
  const [[got], [expected]] = (await Promise.all([database.values(digest(`made.${name}`)), database.values(digest('expected'))])) as [
    unknown[][],
    unknown[][],
  ];
  if (String(got) !== String(expected)) throw new Error(`${name} gives ${got}, DuckDB ${expected}`);
  return String(got);
}

function print({ query, rowsRead, kernelMs, copiedMs, duckdbMs, hash }: Figure, events: number): void {
  const millions = (count: number, ms: number) => (count / ms / 1000).toFixed(2).padStart(7);
  const rival = duckdbMs.length === 0 ? '' : `   DuckDB batch ${millions(rowsRead, median(duckdbMs))} M rows/s`;
  console.log(
    `${query.padEnd(4)} kernel ${millions(rowsRead, kernelMs)} M rows/s ${millions(events, kernelMs)} M events/s   copied in ${millions(rowsRead, copiedMs)} M rows/s${rival}   ${hash ?? ''}`,
  );
}
