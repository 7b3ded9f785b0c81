import type { Batch, Column } from '../../../connectors/batch.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Compiler } from '../../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../../engine/compile/instance.ts';
import type { QueryInstance } from '../../../engine/compile/query-instance.ts';
import type { QueryDefinition } from '../../../engine/plan/catalog.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import { buildBatch } from '../../store/build-batch.ts';

const second = 1_000_000n;
const columns = 'ts TIMESTAMP NOT NULL, k VARCHAR, v BIGINT';
const connectors = new Map([['rows', { name: 'rows', options: {} }]]);

const specs: Readonly<Record<string, ColumnSpec>> = {
  ts: { name: 'ts', type: { kind: 'timestamp' }, nullable: false },
  k: { name: 'k', type: { kind: 'varchar' }, nullable: true },
  v: { name: 'v', type: { kind: 'bigint' }, nullable: true },
};

/** Views over `t`, by name. */
async function define(views: string): Promise<Map<string, QueryDefinition>> {
  const text = `CREATE TABLE t(${columns}) WITH (connector = rows, event_time = ts, max_lateness = '1 h');\n${views}\n`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q.sql', text }], { connectors: connectors as never });
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) throw new Error(error.message);
  return new Map(catalog.queries.map((query) => [query.name, query]));
}

/** Seconds, key and value. */
export type InputRow = readonly [number, string | null, number | null];

function batchOf(schema: readonly ColumnSpec[], rows: readonly InputRow[]): Batch {
  const cells = rows.map(([at, k, v]) =>
    schema.map(({ name }) => (name === 'ts' ? BigInt(at) * second : name === 'k' ? k : v === null ? null : BigInt(v))),
  );
  return buildBatch(schema, cells);
}

/** One query, fed with rows of seconds, key and value; what it puts out as text: `+ row` and `- row`. */
export class Running {
  readonly #instance: QueryInstance;
  readonly #schema: readonly ColumnSpec[];

  private constructor(instance: QueryInstance, schema: readonly ColumnSpec[]) {
    this.#instance = instance;
    this.#schema = schema;
  }

  static async start(compiler: Compiler, options: string, body: string): Promise<Running> {
    const query = (await define(`CREATE MATERIALIZED VIEW q WITH (${options}) AS ${body};`)).get('q') as QueryDefinition;
    const program = await compiler.compile(query);
    return new Running(await instantiateQuery(program, { memoryBytesMax: 64 << 20 }), timeKeyValue(program.inputs[0]?.columns ?? []));
  }

  get instance(): QueryInstance {
    return this.#instance;
  }

  push(...rows: readonly InputRow[]): string[] {
    this.#instance.push(0, batchOf(this.#schema, rows));
    return this.#taken();
  }

  advance(seconds: number): string[] {
    this.#instance.advance(BigInt(seconds) * second);
    return this.#taken();
  }

  #taken(): string[] {
    const lines: string[] = [];
    for (let batch = this.#instance.take(); batch !== null; batch = this.#instance.take()) lines.push(...linesOf(batch));
    return lines;
  }
}

function linesOf(batch: Batch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const weight = batch.weights?.[row] ?? 1;
    return `${weight > 0 ? '+' : '-'} ${batch.columns.map((column) => cell(column, row)).join(' ')}`;
  });
}

function cell(column: Column, row: number): string {
  if (column.validity !== null && (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 0) return 'NULL';
  if (column.kind === 'string') return column.dictionary.text(column.codes[row] as number);
  if (column.kind !== 'fixed') throw new Error('a nested result');
  if (column.type.kind === 'hugeint') return String(column.data[row * 2]);
  return column.type.kind === 'timestamp' ? `${(column.data[row] as bigint) / second}s` : String(column.data[row]);
}

/** Rows of one view go to another, as the engine hands them on. */
export class Cascade {
  readonly #lower: QueryInstance;
  readonly #upper: QueryInstance;
  readonly #picked: readonly number[];
  readonly #schema: readonly ColumnSpec[];
  readonly #delay: bigint | null;

  private constructor(
    lower: QueryInstance,
    upper: QueryInstance,
    picked: readonly number[],
    schema: readonly ColumnSpec[],
    delay: bigint | null,
  ) {
    this.#lower = lower;
    this.#upper = upper;
    this.#picked = picked;
    this.#schema = schema;
    this.#delay = delay;
  }

  static async start(compiler: Compiler, views: string): Promise<Cascade> {
    const [lower, upper] = [...(await define(views)).values()] as [QueryDefinition, QueryDefinition];
    const [first, second] = [await compiler.compile(lower), await compiler.compile(upper)];
    const names = first.outputs.map((column) => column.name);
    const picked = (second.inputs[0]?.columns ?? []).map((name) => names.indexOf(name));
    const memory = { memoryBytesMax: 64 << 20 };
    const delay = lower.eventTime === null ? null : lower.eventTimeDelayMicros;
    return new Cascade(
      await instantiateQuery(first, memory),
      await instantiateQuery(second, memory),
      picked,
      timeKeyValue(first.inputs[0]?.columns ?? []),
      delay,
    );
  }

  push(...rows: readonly InputRow[]): string[] {
    this.#lower.push(0, batchOf(this.#schema, rows));
    return this.#handOn();
  }

  advance(seconds: number): string[] {
    this.#lower.advance(BigInt(seconds) * second);
    const lines = this.#handOn();
    if (this.#delay !== null) this.#upper.advance(BigInt(seconds) * second - this.#delay);
    return [...lines, ...this.#taken()];
  }

  #handOn(): string[] {
    const lines: string[] = [];
    for (let batch = this.#lower.take(); batch !== null; batch = this.#lower.take()) {
      const columns = this.#picked.map((column) => batch.columns[column] as Column);
      this.#upper.push(0, { rows: batch.rows, columns, ...(batch.weights === undefined ? {} : { weights: batch.weights }) });
      lines.push(...this.#taken());
    }
    return lines;
  }

  #taken(): string[] {
    const lines: string[] = [];
    for (let batch = this.#upper.take(); batch !== null; batch = this.#upper.take()) lines.push(...linesOf(batch));
    return lines;
  }
}

function timeKeyValue(names: readonly string[]): ColumnSpec[] {
  return names.map((name) => specs[name] as ColumnSpec);
}
