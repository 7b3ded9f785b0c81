import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { OptionValues } from '../../connectors/options.ts';
import { connectors } from '../../connectors/registry.ts';
import type { Catalog, SourceDefinition } from '../../engine/plan/catalog.ts';
import { quoteName, typeName } from '../../engine/plan/type-name.ts';
import { ingestTimeName } from '../../engine/run/lane/ingest-time.ts';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import type { Batch, Column } from '../../connectors/batch.ts';
import { type Cell, rowsOf } from '../connectors/generator-support.ts';
import { bareValue } from './reference-values.ts';
import type { Tables, Values } from './run-case.ts';

export interface RecordLimits {
  /** Paths of the sources' options start here. */
  readonly directory: string;
  /** Clock at the beginning (ms since 1970), and how much event time is read from it. */
  readonly startMs: number;
  readonly lengthMs: number;
  readonly rowsMax: number;
  /** By connector: options in place of the source's own. */
  readonly options: Readonly<Record<string, OptionValues>>;
  /** By source: rows that come after its own. */
  readonly more: Readonly<Record<string, readonly Row[]>>;
}

/** The rows that each source brings, and DuckDB with a table of them for each. */
export async function recordSources(catalog: Catalog, limits: RecordLimits): Promise<{ tables: Tables; connection: DuckDBConnection }> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await connection.run(referenceWindowMacros);
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-recorded-'));
  const tables: Record<string, Values> = {};
  try {
    for (const source of catalog.sources.values()) {
      if (source.role !== 'source') continue;
      const own = await readSource(source, limits);
      await loadRows(connection, source, [...own, ...(limits.more[source.name] ?? [])], scratch);
      const rows = await connection.runAndReadAll(`SELECT * FROM ${quoteName(source.name)}`);
      tables[source.name] = rows.getRows().map((row) => row.map(bareValue));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { tables, connection };
}

/** A table of rows: times in microseconds. */
export async function loadRows(
  connection: DuckDBConnection,
  source: SourceDefinition,
  rows: readonly Readonly<Record<string, unknown>>[],
  scratch: string,
): Promise<void> {
  const path = join(scratch, `${source.name}.jsonl`);
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  await connection.run(loadStatement(source, path));
}

function loadStatement({ name, columns }: SourceDefinition, path: string): string {
  const isTime = ({ type }: SourceDefinition['columns'][number]) => type.kind === 'timestamp';
  const types = columns.map((column) => `${quoteName(column.name)}: '${isTime(column) ? 'BIGINT' : typeName(column.type)}'`);
  const values = columns.map((column) =>
    isTime(column) ? `make_timestamp(${quoteName(column.name)}) AS ${quoteName(column.name)}` : quoteName(column.name),
  );
  const json = `read_json('${path}', format = 'newline_delimited', columns = {${types.join(', ')}})`;
  return `CREATE OR REPLACE TABLE ${quoteName(name)} AS SELECT ${values.join(', ')} FROM ${json}`;
}

/** Times in microseconds. */
export type Row = Readonly<Record<string, Cell | Readonly<Record<string, Cell>>>>;

/** As JSON says them: maps are objects. */
function jsonRows(batch: Batch, names: readonly string[]): Row[] {
  const maps = names.filter((_, index) => (batch.columns[index] as Column).type.kind === 'map');
  return rowsOf(batch, names).map((row) => ({ ...row, ...Object.fromEntries(maps.map((name) => [name, mapOf(String(row[name] ?? ''))])) }));
}

function mapOf(text: string): Readonly<Record<string, Cell>> {
  return Object.fromEntries(text === '' ? [] : text.split(',').map((entry) => entry.split('=')));
}

/** Rows in order of arrival, by a clock that jumps from one retry to the next. */
async function readSource(source: SourceDefinition, { directory, startMs, lengthMs, rowsMax, options }: RecordLimits): Promise<Row[]> {
  const connector = connectors.get(source.connector);
  if (connector === undefined) throw new Error(`no connector ${source.connector}`);
  let now = startMs;
  const columns = source.columns.filter(({ name }) => name !== ingestTimeName);
  const eventTime = columns.findIndex(({ name }) => name === source.eventTime);
  const reader = await connector.open({
    source: source.name,
    columns,
    needed: columns.map((_, index) => index),
    options: { ...source.options, ...options[source.connector] },
    eventTime: eventTime < 0 ? null : eventTime,
    positions: new Map(),
    directory,
    clock: { now: () => now },
  });
  const names = columns.map(({ name }) => name);
  const rows: Row[] = [];
  const ended = new Set<string>();
  const within = (row: Row) => source.eventTime === null || (row[source.eventTime] as number) < (startMs + lengthMs) * 1000;
  while (now < startMs + lengthMs && rows.length < rowsMax && ended.size < reader.partitions.length) {
    const polled = await reader.poll();
    if ('idle' in polled) now = polled.retryAt ?? now + 100;
    else if ('end' in polled) ended.add(polled.end);
    else {
      rows.push(...jsonRows(polled.batch, names));
      if (connector.paced && rows.length > 0 && !within(rows.at(-1) as Row)) break;
    }
  }
  await reader.close();
  return rows.slice(0, rowsMax).filter((row) => !connector.paced || within(row));
}
