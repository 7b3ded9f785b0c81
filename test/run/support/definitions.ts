import type { Batch } from '../../../connectors/batch.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import type { QueryProgram } from '../../../engine/compile/program.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../../engine/plan/catalog.ts';
import type { PlanNode } from '../../../engine/plan/plan.ts';

/** [event time in ms or null, key, value] */
export type Row = readonly [number | null, string, number];

export const rowColumns: readonly ColumnSpec[] = [
  { name: 'ts', type: { kind: 'timestamp' }, nullable: true },
  { name: 'key', type: { kind: 'varchar' }, nullable: true },
  { name: 'value', type: { kind: 'double' }, nullable: true },
];

export function batchOf(rows: readonly Row[]): Batch {
  const dictionary = new StringDictionary();
  const validity = rows.some((row) => row[0] === null) ? new Uint8Array((rows.length + 7) >> 3) : null;
  rows.forEach((row, i) => {
    if (validity !== null && row[0] !== null) validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7));
  });
  return {
    rows: rows.length,
    columns: [
      { kind: 'fixed', type: { kind: 'timestamp' }, data: BigInt64Array.from(rows, ([ts]) => BigInt(ts ?? 0) * 1000n), validity },
      {
        kind: 'string',
        type: { kind: 'varchar' },
        codes: Uint32Array.from(rows, ([, key]) => dictionary.intern(key)),
        dictionary,
        validity: null,
      },
      { kind: 'fixed', type: { kind: 'double' }, data: Float64Array.from(rows, ([, , value]) => value), validity: null },
    ],
  };
}

export function source(name: string, settings: Partial<SourceDefinition> = {}): SourceDefinition {
  return {
    name,
    role: 'source',
    kind: 'stream',
    connector: 'memory',
    columns: rowColumns,
    primaryKey: [],
    options: {},
    eventTime: 'ts',
    maxLatenessMs: 0,
    idleTimeoutMs: null,
    late: 'divert',
    refreshMs: null,
    retentionMs: null,
    file: 'test.sql',
    line: 1,
    span: { start: 0, end: 0 },
    ...settings,
  };
}

const options: QueryDefinition['options'] = {
  emit: 'final',
  emitEarlyEveryMs: null,
  stateTtlMs: null,
  retentionMs: null,
  tierMs: { hot: null, warm: null, cold: null },
  kind: 'view',
  alert: {},
  seriesMax: 1_000_000,
  memoryBytesMax: 1 << 30,
};

/** What the fake instance does; its program carries it as its source text. */
export type FakeOperation =
  | { readonly kind: 'tumble'; readonly table: string; readonly time: string; readonly sizeMs: number }
  | { readonly kind: 'pass'; readonly table: string; readonly above: number; readonly failsAt?: number };

const tumbleColumns: readonly ColumnSpec[] = [
  { name: 'window_start', type: { kind: 'timestamp' }, nullable: false },
  { name: 'window_end', type: { kind: 'timestamp' }, nullable: false },
  { name: 'key', type: { kind: 'varchar' }, nullable: true },
  { name: 'value', type: { kind: 'double' }, nullable: true },
  { name: 'rows', type: { kind: 'bigint' }, nullable: false },
];

function query(
  name: string,
  operation: FakeOperation,
  plan: PlanNode,
  schema: readonly ColumnSpec[],
  eventTime: string,
  delay: bigint,
): QueryDefinition {
  return {
    id: `test/${name}`,
    name,
    kind: 'view',
    file: 'test.sql',
    line: 1,
    statement: '',
    body: JSON.stringify(operation),
    bodySpan: { start: 0, end: 0 },
    options,
    plan,
    schema,
    eventTime,
    eventTimeDelayMicros: delay,
    clock: 'event',
    reads: [operation.table],
    bounds: [],
    changes: [],
    nodeChanges: [],
    resultChanges: false,
    resultKey: null,
    lookups: [],
    nodeFacts: [],
    functions: [],
  };
}

const scan = (table: string): PlanNode => ({ id: 0, schema: [], kind: 'scan', table, columns: [] });

/** Sum and count by key and window. */
export function tumble(name: string, table: string, sizeMs: number, time = 'ts', eventTime = 'window_start'): QueryDefinition {
  const sizeMicros = BigInt(sizeMs) * 1000n;
  const column = { kind: 'column', index: 0, type: { kind: 'timestamp' }, nullable: true } as const;
  const plan: PlanNode = { id: 1, schema: [], kind: 'window', input: scan(table), window: { kind: 'tumble', time: column, sizeMicros } };
  return query(name, { kind: 'tumble', table, time, sizeMs }, plan, tumbleColumns, eventTime, eventTime === 'window_end' ? 0n : sizeMicros);
}

/** Rows whose value is above a limit. */
export function pass(name: string, table: string, above: number, failsAt?: number): QueryDefinition {
  const operation: FakeOperation = failsAt === undefined ? { kind: 'pass', table, above } : { kind: 'pass', table, above, failsAt };
  return query(name, operation, scan(table), rowColumns, 'ts', 0n);
}

export function catalog(sources: readonly SourceDefinition[], queries: readonly QueryDefinition[]): Catalog {
  return { sources: new Map(sources.map((each) => [each.name, each])), queries };
}

export async function compile(definition: QueryDefinition): Promise<QueryProgram> {
  const operation = JSON.parse(definition.body) as FakeOperation;
  const stateless = operation.kind === 'pass';
  return {
    key: definition.id,
    wasm: new Uint8Array(0),
    source: definition.body,
    inputs: [{ table: operation.table, columns: operation.kind === 'tumble' ? [operation.time, 'key', 'value'] : ['ts', 'key', 'value'] }],
    outputs: definition.schema,
    operators: [
      { node: 0, kind: 'filter', label: '', stateful: false },
      { node: 1, kind: 'aggregate', label: '', stateful: !stateless },
    ],
    stateless,
    functions: [],
  };
}
