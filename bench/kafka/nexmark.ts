import { execFile, execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Catalog, QueryDefinition } from '../../engine/plan/catalog.ts';
import type { TestDatabase } from '../../engine/test-runner/test-database.ts';
import { KafkaCluster } from '../../test/kafka/broker/cluster.ts';
import { missingTools } from '../../test/kafka/broker/jars.ts';
import { JavaClient } from '../../test/kafka/support/java-client.ts';
import { cpuMs } from '../measure.ts';
import { nexmarkCatalog } from '../nexmark/rows.ts';
import { digestOf, loadDatabase } from '../nexmark.ts';
import { kernelDirectory } from './millrace-source.ts';

const run = promisify(execFile);
const runMsMax = 300_000;
const rowsPerRead = 20_000;
const program = join(import.meta.dirname, '..', '..', 'engine', 'cli', 'millrace.mjs');

/** CPU seconds per million rows of five million events, one partition, as seen by others on such a machine (2026-11). */
const flink: Readonly<Record<string, string>> = { q0: '2.2-5.3', q2: '1.9-2.1', q5: '4.1-5.3', q7: '12.5', q11: '4.7-4.8' };
const duckdbOnJson: Readonly<Record<string, string>> = { q0: '0.53', q2: '0.30', q5: '0.52', q7: '0.81', q11: '0.94' };

interface Figures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** Nexmark's bids as JSON in a topic, and queries over them whose rows are committed; answers are compared with DuckDB's over the same rows. */
export async function kafkaNexmark(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '1000000' },
      queries: { type: 'string', default: 'q0,q2,q5,q7,q11' },
    },
  });
  const missing = missingTools();
  if (missing !== null) throw new Error(`no Kafka broker: ${missing}`);
  const catalog = await nexmarkCatalog();
  const queries = values.queries.split(',').map((name) => queryOf(catalog, name));
  const database = await loadDatabase(catalog, queries, Number(values.events));
  const cluster = await KafkaCluster.start({ properties: { 'log.segment.bytes': 1 << 30 } });
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-nexmark-'));
  try {
    const rows = await produce(cluster, database, join(folder, 'bids'));
    process.stdout.write(`${rows} bids; CPU seconds per million with the start, which is most of it when there are few (--events)\n`);
    for (const query of queries) {
      const duckdbMs = await cpuMs(() => database.run(`CREATE OR REPLACE TEMP TABLE expected AS ${query.body}`));
      const expected = String((await database.values(digestOf(query, 'expected')))[0]?.[0]);
      const { figures, digest } = await measure(query, cluster.addresses(), join(folder, query.name));
      process.stdout.write(
        `${line(query.name, rows, figures, duckdbMs)} ${digest === expected ? digest : `${digest} IS NOT ${expected}`}\n`,
      );
    }
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
    await cluster.stop();
  }
}

function queryOf(catalog: Catalog, name: string): QueryDefinition {
  const query = catalog.queries.find((each) => each.name === name);
  if (query === undefined) throw new Error(`there is no Nexmark query "${name}"`);
  if (query.reads.some((source) => source !== 'bid')) throw new Error(`${name} reads more than bids, which alone are in the topic`);
  return query;
}

/** The rows of DuckDB's table as JSON, by Java's producer; gives their number. */
async function produce(cluster: KafkaCluster, database: TestDatabase, file: string): Promise<number> {
  const rows = Number((await database.values('SELECT count(*) FROM bid'))[0]?.[0]);
  const descriptor = openSync(file, 'w');
  const json = 'to_json({auction: auction, bidder: bidder, price: price, channel: channel, url: url, date_time: date_time, extra: extra})';
  for (let first = 0; first < rows; first += rowsPerRead) {
    const read = await database.values(`SELECT ${json}::VARCHAR FROM bid WHERE rowid BETWEEN ${first} AND ${first + rowsPerRead - 1}`);
    const parts = read.flatMap(([text]) => {
      const value = Buffer.from(String(text));
      const head = Buffer.alloc(4);
      head.writeUInt32BE(value.length);
      return [head, value];
    });
    writeSync(descriptor, Buffer.concat(parts));
  }
  closeSync(descriptor);
  const java = await JavaClient.start(cluster);
  try {
    await java.tell('create', 'bid');
    await java.tell('open', 'bid', 'none', false, 65_536);
    await java.tell('file', 'bid', 'bid', file);
    await java.tell('close', 'bid');
  } finally {
    await java.close();
  }
  return rows;
}

/** The kernels are in the cache afterwards: the second run is measured. */
async function measure(query: QueryDefinition, brokers: string, folder: string): Promise<{ figures: Figures; digest: string }> {
  // Names of queries hold the folder's, and kernels are found by what they are made of.
  const queries = join(folder, 'bench');
  mkdirSync(queries, { recursive: true });
  writeFileSync(join(queries, 'bench.sql'), queryText(query, brokers));
  const once = async (data: string) => {
    const words = ['--no-warnings', join(import.meta.dirname, 'nexmark-worker.ts'), queries, data, kernelDirectory];
    return JSON.parse((await run(process.execPath, words, { timeout: runMsMax })).stdout) as Figures;
  };
  await once(join(folder, 'first'));
  const data = join(folder, 'data');
  const figures = await once(data);
  const words = [program, 'sql', digestOf(query, query.name), '--format', 'json', '--data', data];
  const [row] = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as [{ digest: string }];
  rmSync(folder, { recursive: true, force: true });
  return { figures, digest: row.digest };
}

function queryText({ name, body }: QueryDefinition, brokers: string): string {
  return `CREATE TABLE bid (
  auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, date_time TIMESTAMP, extra VARCHAR
) WITH (connector = kafka, brokers = '${brokers}', topic = bid, "end" = latest, event_time = date_time, max_lateness = '4 s');
CREATE MATERIALIZED VIEW ${name} AS
${body};
`;
}

function line(name: string, rows: number, { wallMs, cpuMs: cpu, memoryBytes }: Figures, duckdbMs: number): string {
  const perMillion = (ms: number) => ((ms * 1000) / rows).toFixed(2);
  return [
    name.padEnd(4),
    `${perMillion(cpu)} CPU s/M`.padStart(13),
    `${(rows / wallMs).toFixed(0)} k/s`.padStart(9),
    `${(memoryBytes / 1e6).toFixed(0)} MB`.padStart(7),
    `  beside: Flink ${flink[name] ?? '-'}, DuckDB on JSON files ${duckdbOnJson[name] ?? '-'}, DuckDB on its own table ${perMillion(duckdbMs)} ;`,
  ].join(' ');
}
