import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enableCompileCache } from 'node:module';
import { setFlagsForStartup } from '../../engine/run/v8-flags.ts';
import { type Consume, type ConsumeTask, windowMs } from './consumed.ts';
import { kernelDirectory } from './millrace-source.ts';

const program = join(import.meta.dirname, '..', '..', 'engine', 'cli', 'millrace.mjs');

/** A whole run from the topic to rows committed in the store, with loading and compiling before the clock when they were compiled before. */
export const aggregate: Consume = async (task, started, ended) => {
  // As the command line starts it.
  setFlagsForStartup();
  enableCompileCache();
  const { loadQueries } = await import('../../engine/cli/load-queries.ts');
  const { startEngine } = await import('../../engine/run/start-engine.ts');
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-kafka-'));
  // Names of queries hold the folder's, and kernels are found by what they are made of.
  const queries = join(folder, 'bench');
  mkdirSync(queries);
  writeFileSync(join(queries, 'bench.sql'), queryText(task));
  const { catalog, diagnostics } = await loadQueries([queries]);
  if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message);
  const data = join(folder, 'data');
  const options = { dataDirectory: data, lanes: 1, speed: 1, untilEnd: true, kernelDirectory };
  started();
  const engine = await startEngine(catalog, options);
  await engine.ended;
  await engine.stop();
  ended();
  const sql = 'SELECT sum(n)::DOUBLE AS n, sum(total)::DOUBLE AS total FROM w';
  const answer = execFileSync(process.execPath, [program, 'sql', sql, '--format', 'json', '--data', data], { encoding: 'utf8' });
  const [row] = JSON.parse(answer) as [{ n: number; total: number }];
  return { count: row.n, sum: row.total, close: async () => rmSync(folder, { recursive: true, force: true }) };
};

function queryText({ brokers, topic, kind, options }: ConsumeTask): string {
  const own = Object.entries(options).map(([name, value]) => `, ${name} = '${value}'`);
  const settings = `connector = 'kafka', brokers = '${brokers}', topic = '${topic}', "end" = 'latest', timestamp_unit = 'ms'${own.join('')}`;
  const [columns, time, key] =
    kind === '105 B'
      ? ['ts TIMESTAMP, host VARCHAR, region VARCHAR, metric VARCHAR, value DOUBLE, status INTEGER', 'ts', 'host']
      : [
          '"timestamp" TIMESTAMP, trace_id VARCHAR, service VARCHAR, route VARCHAR, duration_ms DOUBLE, status INTEGER, ok BOOLEAN, message VARCHAR',
          '"timestamp"',
          'service',
        ];
  return `CREATE TABLE m (${columns}) WITH (${settings}, event_time = '${time.replaceAll('"', '')}', max_lateness = '1 s');
CREATE MATERIALIZED VIEW w AS
  SELECT window_start, ${key}, count(*) AS n, sum(status) AS total FROM TUMBLE(m, ${time}, INTERVAL '${windowMs} milliseconds') GROUP BY window_start, ${key};
`;
}
