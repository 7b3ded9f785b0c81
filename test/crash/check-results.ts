import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { referenceWindowMacros } from '../../engine/sql/window-macros.ts';
import { readDirectory } from '../../engine/store/read-directory.ts';
import type { Summary } from '../../engine/run/summary.ts';
import type { CommittedMessage } from './read-committed.ts';
import {
  expiring,
  type KafkaSinkName,
  kafkaSinks,
  latenessMicros,
  message,
  partitions,
  sinks,
  type SourceName,
  sourceNames,
  views,
} from './workload.ts';

export interface Finding {
  readonly name: string;
  readonly rows: number;
  /** What is wrong; null when nothing is. */
  readonly fault: string | null;
}

const differencesShown = 3;
const rowsMax = 100_000_000;

/** Compares everything in the data folder and the sinks with DuckDB over the rows that were produced. */
export async function checkResults(
  folder: string,
  data: string,
  produced: number,
  summary: Summary,
  messages: Readonly<Record<KafkaSinkName, readonly CommittedMessage[]>>,
): Promise<Finding[]> {
  const reader = await readDirectory(data);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(referenceWindowMacros);
    const late: Record<string, number> = {};
    for (const source of sourceNames) late[source] = await loadSource(connection, source, produced);
    for (const [name, { select }] of Object.entries(views)) await connection.run(`CREATE TABLE ${name} AS ${select}`);
    const stored = async (name: string, columns = '*') => {
      const file = join(folder, `${name}.parquet`);
      writeFileSync(file, await reader.export({ sql: `SELECT ${columns} FROM ${name}`, rowsMax, timeoutMs: 600_000 }, 'parquet'));
      return `read_parquet('${file}')`;
    };
    const findings: Finding[] = [];
    for (const source of sourceNames)
      findings.push(...(await checkSource(connection, source, produced, late[source] ?? 0, stored, summary)));
    for (const name of Object.keys(views)) findings.push(await compare(connection, name, `FROM ${await stored(name)}`, `FROM ${name}`));
    findings.push(await checkExpiring(connection, await stored(expiring.name)));
    const { high, means } = sinks;
    const types = "{'n': 'BIGINT', 'ts': 'TIMESTAMP', 'k': 'VARCHAR', 'v': 'BIGINT'}";
    const csv = `FROM read_csv('${join(folder, 'high', '*.csv')}', columns = ${types}, header = true)`;
    findings.push(await compare(connection, 'sink high', csv, high.select));
    findings.push(await compare(connection, 'sink means', `FROM read_parquet('${join(folder, 'means', '*.parquet')}')`, means.select));
    const rowsOf = (name: KafkaSinkName, values: readonly CommittedMessage[]) => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, values.map(({ value }) => value).join('\n'));
      const types = kafkaSinks[name].columns.split(', ').map((column) => column.replace(' ', ": '"));
      return `FROM read_json('${file}', format = 'newline_delimited', columns = {${types.join("', ")}'})`;
    };
    findings.push(await compare(connection, 'topic published', rowsOf('published', messages.published), kafkaSinks.published.select));
    const newest = [...new Map(messages.newest.map((message) => [message.key, message])).values()];
    findings.push(await compare(connection, 'topic newest', rowsOf('newest', newest), kafkaSinks.newest.select));
    return findings;
  } finally {
    await reader.close();
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows in time as the table `<source>`, late ones as `<source>_late`, the numbers of those that are no rows as `<source>_broken`. */
async function loadSource(connection: DuckDBConnection, source: SourceName, produced: number): Promise<number> {
  const columns = 'n BIGINT, ts TIMESTAMP, k VARCHAR, v BIGINT, _partition INTEGER, _offset BIGINT';
  await connection.run(`CREATE TABLE ${source}_all(${columns}); CREATE TABLE ${source}_broken(partition INTEGER, bytes VARCHAR)`);
  const rows = await connection.createAppender(`${source}_all`);
  const broken = await connection.createAppender(`${source}_broken`);
  const offsets = Array.from({ length: partitions }, () => 0);
  for (let number = 0; number < produced; number++) {
    const { partition, value } = message(source, number);
    const offset = offsets[partition] as number;
    offsets[partition] = offset + 1;
    if (value.startsWith('{')) {
      const { n, ts, k, v } = JSON.parse(value) as { n: number; ts: string; k: string; v: number };
      rows.appendBigInt(BigInt(n));
      rows.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(`${ts.slice(0, 23)}Z`)) * 1000n + BigInt(ts.slice(23, 26))));
      rows.appendVarchar(k);
      rows.appendBigInt(BigInt(v));
      rows.appendInteger(partition);
      rows.appendBigInt(BigInt(offset));
      rows.endRow();
    } else {
      broken.appendInteger(partition);
      broken.appendVarchar(value);
      broken.endRow();
    }
  }
  rows.closeSync();
  broken.closeSync();
  const bound = `max(ts) OVER (PARTITION BY _partition ORDER BY _offset ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  await connection.run(`CREATE TABLE ${source}_judged AS SELECT *, coalesce(epoch_us(ts) < epoch_us(${bound}) - ${latenessMicros}, false) AS late
    FROM ${source}_all`);
  await connection.run(`CREATE TABLE ${source} AS SELECT * EXCLUDE (late) FROM ${source}_judged WHERE NOT late;
    CREATE TABLE ${source}_late AS SELECT * EXCLUDE (late) FROM ${source}_judged WHERE late`);
  return count(connection, `FROM ${source}_late`);
}

async function checkSource(
  connection: DuckDBConnection,
  source: SourceName,
  produced: number,
  late: number,
  stored: (name: string, columns?: string) => Promise<string>,
  summary: Summary,
): Promise<Finding[]> {
  const broken = await count(connection, `FROM ${source}_broken`);
  const columns = 'n, ts, k, v, _partition, _offset';
  const counted = summary.sources[source] as unknown as { rows: number; late: number; rejected: number };
  const told = [counted.rows, counted.late, counted.rejected];
  const expected = [produced - broken, late, broken];
  return [
    await compare(connection, `${source} recorded`, `FROM ${await stored(source, columns)}`, `FROM ${source}`),
    await compare(connection, `${source} late`, `FROM ${await stored(`${source}__late`, columns)}`, `FROM ${source}_late`),
    await compare(
      connection,
      `${source} rejected`,
      `SELECT partition::INTEGER, bytes::VARCHAR FROM ${await stored(`${source}__rejected`)}`,
      `FROM ${source}_broken`,
    ),
    {
      name: `${source} counted`,
      rows: produced,
      fault: told.join() === expected.join() ? null : `rows, late, rejected are ${told.join(', ')}, not ${expected.join(', ')}`,
    },
  ];
}

async function checkExpiring(connection: DuckDBConnection, stored: string): Promise<Finding> {
  const { name, select, retentionMicros } = expiring;
  await connection.run(`CREATE OR REPLACE TEMP TABLE got AS FROM ${stored}; CREATE OR REPLACE TEMP TABLE expected AS ${select}`);
  const newest = `(SELECT max(epoch_us(ts)) FROM expected)`;
  const wrong = await count(connection, 'FROM got EXCEPT ALL FROM expected');
  const missing = await count(connection, `FROM (FROM expected EXCEPT ALL FROM got) WHERE epoch_us(ts) >= ${newest} - ${retentionMicros}`);
  const fault = wrong + missing === 0 ? null : `${wrong} rows that should not be there, ${missing} missing`;
  return { name, rows: await count(connection, 'FROM got'), fault };
}

async function compare(connection: DuckDBConnection, name: string, got: string, expected: string): Promise<Finding> {
  try {
    await connection.run(`CREATE OR REPLACE TEMP TABLE got AS ${got}; CREATE OR REPLACE TEMP TABLE expected AS ${expected}`);
    const rows = await count(connection, 'FROM expected');
    const extra = await differences(connection, 'got', 'expected');
    const missing = await differences(connection, 'expected', 'got');
    if (extra === null && missing === null) return { name, rows, fault: rows === 0 ? 'nothing to compare' : null };
    return { name, rows, fault: [extra && `too many: ${extra}`, missing && `missing: ${missing}`].filter(Boolean).join('; ') };
  } catch (error) {
    return { name, rows: 0, fault: (error as Error).message };
  }
}

async function differences(connection: DuckDBConnection, left: string, right: string): Promise<string | null> {
  const query = `FROM (FROM ${left} EXCEPT ALL FROM ${right})`;
  const rows = await count(connection, query);
  if (rows === 0) return null;
  const some = (await connection.runAndReadAll(`${query} ORDER BY ALL LIMIT ${differencesShown}`)).getRowsJson();
  return `${rows} rows, such as ${some.map((row) => JSON.stringify(row)).join(' ')}`;
}

async function count(connection: DuckDBConnection, query: string): Promise<number> {
  return Number((await connection.runAndReadAll(`SELECT count(*) FROM (${query})`)).getRows()[0]?.[0]);
}
