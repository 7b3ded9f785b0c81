import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { fileConnector } from '../../connectors/file/file.ts';
import { generator } from '../../connectors/generator/generator.ts';
import { type StreamName, streamNames } from '../../connectors/generator/stream.ts';
import { streamColumns } from '../../connectors/generator/stream-columns.ts';
import { host } from '../../connectors/host/host.ts';
import { hostColumns } from '../../connectors/host/host-columns.ts';
import { eventColumns } from '../../connectors/nexmark/event-columns.ts';
import { eventNames } from '../../connectors/nexmark/event-numbers.ts';
import { nexmark } from '../../connectors/nexmark/nexmark.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { connectors } from '../../connectors/registry.ts';
import { type ConformanceCase, conformanceSuite } from './conformance.ts';
import { column } from './open-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-conformance-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const rowsPerFile = 12_000;

async function writeFiles(): Promise<void> {
  mkdirSync(join(directory, 'parts'));
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  for (const part of [0, 1]) {
    const rows = Array.from({ length: rowsPerFile }, (_, index) => ({
      ts: new Date(1_700_000_000_000 + (part * rowsPerFile + index) * 1000).toISOString().slice(0, -1),
      name: `name ${index % 37}`,
      note: index % 5 === 0 ? null : `a note of more than twelve bytes ${index % 11}`,
      count: index,
      value: index / 7,
      tags: { part: String(part), [`k${index % 3}`]: null },
    }));
    const jsonLines = `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
    const csv = rows.map(
      ({ ts, name, note, count, value, tags }) =>
        `${ts},${name},${note ?? ''},${count},${value},"${JSON.stringify(tags).replaceAll('"', '""')}"`,
    );
    writeFileSync(join(directory, `parts/${part}.jsonl`), jsonLines);
    writeFileSync(join(directory, `parts/${part}.csv.gz`), gzipSync(`ts,name,note,count,value,tags\r\n${csv.join('\r\n')}`));
    await connection.run(
      `COPY (SELECT * FROM read_json('${directory}/parts/${part}.jsonl', columns = {ts: 'TIMESTAMP', name: 'VARCHAR', note: 'VARCHAR', count: 'BIGINT', value: 'DOUBLE', tags: 'MAP(VARCHAR, VARCHAR)'}))
       TO '${directory}/parts/${part}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 5000)`,
    );
  }
}

const fileColumns = [
  column('ts', 'timestamp', false),
  column('name', 'varchar', false),
  column('note', 'varchar'),
  column('count', 'bigint', false),
  column('value', 'double'),
  column('tags', { kind: 'map', key: { kind: 'varchar' }, value: { kind: 'varchar' } }),
];

function fileCase(name: string, options: OptionValues, faulty: ConformanceCase['faulty'] = [column('nothing', 'null')]): ConformanceCase {
  const unopenable = { path: 'absent.csv', format: 'csv' };
  return { name, connector: fileConnector, columns: fileColumns, options, directory, eventTime: 0, bounded: true, faulty, unopenable };
}

const wrongColumns = [column('no_such_column', 'double'), column('ts', 'varchar')];
const fleet = { hosts: 20, services: 10, start: '2026-01-05 08:00:00' };
/** Just enough event time for several batches. */
const streamOptions: Readonly<Record<StreamName, OptionValues>> = {
  metrics: { ...fleet, duration: 60_000 },
  spans: { ...fleet, duration: 300_000, rate: 100, partitions: 2 },
  logs: { ...fleet, duration: 300_000, rate: 100, partitions: 2 },
  deploys: { ...fleet, duration: 2 * 86_400_000 },
  labels: { ...fleet, duration: 2 * 86_400_000 },
};

const cases: readonly ConformanceCase[] = [
  fileCase('file: Parquet', { path: 'parts/*.parquet' }, [column('level', { kind: 'enum', values: ['low'] })]),
  fileCase('file: CSV, gzip, a partition for each file', { path: 'parts/*.csv.gz', partition_by: 'file' }),
  fileCase('file: JSON lines', { path: 'parts/*.jsonl' }),
  ...streamNames.map((stream): ConformanceCase => {
    return {
      name: `generator: ${stream}`,
      connector: generator,
      columns: streamColumns[stream],
      options: { ...streamOptions[stream], stream },
      directory,
      eventTime: 0,
      bounded: true,
      faulty: wrongColumns,
      unopenable: { start: 'no time' },
    };
  }),
  ...eventNames.map((event): ConformanceCase => {
    return {
      name: `nexmark: ${event}`,
      connector: nexmark,
      columns: eventColumns[event],
      options: { event, events: 50_000, partitions: 2, disorder: 100 },
      directory,
      eventTime: eventColumns[event].findIndex(({ name }) => name === 'date_time'),
      bounded: true,
      faulty: [column('no_such_column', 'double'), column('date_time', 'varchar')],
      unopenable: { base_time: 'no time' },
    };
  }),
  ...(['metrics', 'processes'] as const).map((stream): ConformanceCase => {
    return {
      name: `host: ${stream}`,
      connector: host,
      columns: hostColumns[stream],
      options: { stream, interval: 100 },
      directory,
      eventTime: 0,
      bounded: false,
      faulty: wrongColumns,
      unopenable: null,
    };
  }),
];

await writeFiles();
describe('every connector', () => {
  it('has a case here', () => {
    // Kafka's needs a broker: test/kafka/conformance.test.ts.
    const here = [...connectors.keys()].filter((name) => name !== 'kafka');
    expect([...new Set(cases.map(({ connector }) => connector.name))].sort()).toEqual(here.sort());
  });
});
for (const one of cases) conformanceSuite(one);
