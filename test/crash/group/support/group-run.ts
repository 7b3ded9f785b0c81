import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import type { KafkaFixture } from '../../../kafka/support/fixture.ts';
import { GroupProcess } from './group-process.ts';
import { readNumbers } from './read-numbers.ts';
import { fateOf, NumberedRows } from './numbered-rows.ts';

const millrace = join(import.meta.dirname, '..', '..', '..', '..', 'engine', 'cli', 'millrace.mjs');
export const lanes = 4;
const partitions = 8;
const sqlMsMax = 60_000;
/** Brokers of these tests take sessions as short as this. */
export const brokerProperties = { 'group.min.session.timeout.ms': 1_000, 'transaction.state.log.num.partitions': 3 };
const session = '3s';

/** A group with its topics, folders and processes, and rows that come in all the while. */
export class GroupRun {
  readonly name: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-group-'));
  readonly processes = new Map<string, GroupProcess>();
  readonly rows: NumberedRows;
  readonly #flags: readonly string[];
  readonly #static: boolean;

  readonly #kafka: Kafka;
  readonly #out: string;

  private constructor(fixture: KafkaFixture, name: string, topic: string, out: string, isStatic: boolean) {
    this.name = name;
    this.#static = isStatic;
    // It outlasts a restart of the broker.
    const retry = { retries: 200, maxRetryTime: 2_000 };
    const kafka = new Kafka({ brokers: fixture.cluster.addresses().split(','), logLevel: logLevel.NOTHING, retry });
    this.#kafka = kafka;
    this.#out = out;
    this.rows = new NumberedRows(kafka, [topic]);
    mkdirSync(join(this.folder, 'queries'));
    writeFileSync(join(this.folder, 'queries', 'all.sql'), queryFile(fixture.cluster.addresses(), topic, out));
    this.#flags = [
      '--group',
      name,
      '--brokers',
      fixture.cluster.addresses(),
      '--snapshots',
      join(this.folder, 'snapshots'),
      '--snapshot-every',
      '1s',
      '--session',
      session,
    ];
  }

  static async start(fixture: KafkaFixture, name: string, members: readonly string[], isStatic = false): Promise<GroupRun> {
    const run = new GroupRun(fixture, name, await fixture.topic(partitions), await fixture.topic(3), isStatic);
    await run.rows.start();
    const [first, ...others] = members as [string, ...string[]];
    run.up(first);
    await run.settled();
    for (const member of others) run.up(member);
    await run.settled();
    return run;
  }

  /** `more`: added to the options of a group; null: it is to run by itself. */
  up(member: string, more: readonly string[] | null = ['--lanes', String(lanes)]): GroupProcess {
    const member_ = this.#static ? ['--member', member] : [];
    const data = join(this.folder, `data-${member}`);
    // Compiling takes most of a start.
    const compiled = member === 'a' ? null : join(this.folder, 'data-a', 'kernels');
    if (compiled !== null && existsSync(compiled)) cpSync(compiled, join(data, 'kernels'), { recursive: true });
    const process = new GroupProcess({
      name: member,
      queries: join(this.folder, 'queries'),
      data,
      arguments: more === null ? [] : [...this.#flags, ...more, ...member_],
    });
    this.processes.set(member, process);
    return process;
  }

  process(member: string): GroupProcess {
    return this.processes.get(member) as GroupProcess;
  }

  /** Every lane runs, in one process each. `without`: processes that are dead or frozen. */
  async settled(without: readonly string[] = []): Promise<void> {
    const live = [...this.processes.values()].filter(({ name, running }) => running && !without.includes(name));
    const all = () => live.flatMap((process) => process.lanes).sort((a, b) => a - b);
    const each = Math.floor(lanes / live.length);
    const done = () =>
      all().join() === Array.from({ length: lanes }, (_, lane) => lane).join() && live.every((one) => one.lanes.length >= each);
    await live[0]?.until(`every lane in one of ${live.map(({ name }) => name).join(', ')}`, done);
  }

  /** Every row that was sent has come out once in the store of each process. */
  async finish(): Promise<void> {
    const sent = await this.rows.finish(partitions);
    for (const process of this.processes.values()) await this.#loaded(process, sent);
    for (const process of this.processes.values()) await process.stop();
    for (const process of this.processes.values()) this.#check(process, sent);
    expect(await readNumbers(this.#kafka, this.#out)).toEqual(
      Array.from({ length: sent }, (_, n) => n).filter((n) => fateOf(n) === 'kept'),
    );
  }

  async #loaded(process: GroupProcess, sent: number): Promise<void> {
    const all =
      'SELECT (SELECT count(*) FROM passed WHERE n >= 0)::INTEGER + (SELECT count(*) FROM m__late)::INTEGER + (SELECT count(*) FROM m__rejected)::INTEGER AS n, (SELECT count(*) FROM passed WHERE n < 0)::INTEGER AS ends, (SELECT coalesce(sum(rows), 0) FROM w)::INTEGER AS windows';
    const kept = Array.from({ length: sent }, (_, n) => fateOf(n)).filter((fate) => fate === 'kept').length;
    await process.until(`all of ${sent} rows`, () => {
      const [row] = this.#sql(process, all);
      return Number(row?.n) >= sent && Number(row?.ends) >= partitions && Number(row?.windows) >= kept;
    });
  }

  #check(process: GroupProcess, sent: number): void {
    const numbers = (fate: string) => Array.from({ length: sent }, (_, n) => n).filter((n) => fateOf(n) === fate);
    const found = (sql: string) => this.#sql(process, sql).map(({ n }) => Number(n));
    expect(found('SELECT n FROM passed WHERE n >= 0 ORDER BY n')).toEqual(numbers('kept'));
    expect(found('SELECT n FROM m__late ORDER BY n')).toEqual(numbers('late'));
    const rejected = "SELECT regexp_extract(decode(bytes), '\\d+')::INTEGER AS n FROM m__rejected ORDER BY n";
    expect(found(rejected)).toEqual(numbers('rejected'));
    const twice = 'SELECT count(*)::INTEGER AS n FROM (SELECT 1 FROM w GROUP BY window_start, key HAVING count(*) > 1)';
    expect(found(twice)).toEqual([0]);
    const windows = `SELECT count(*)::INTEGER AS n FROM (SELECT window_start, key, rows, total FROM w EXCEPT
      SELECT time_bucket(INTERVAL '1 second', ts), key, count(*), sum(n) FROM passed WHERE n >= 0 GROUP BY ALL)`;
    expect(found(windows)).toEqual([0]);
    expect(found('SELECT coalesce(sum(rows), 0)::INTEGER AS n FROM w')).toEqual([numbers('kept').length]);
    expect(found('SELECT sum(rows)::INTEGER AS n FROM totals')).toEqual([numbers('kept').length]);
  }

  #sql(process: GroupProcess, sql: string): Record<string, unknown>[] {
    const args = [millrace, 'sql', sql, '--data', process.data, '--format', 'json', '--limit', '10000000'];
    const done = spawnSync(globalThis.process.execPath, args, { encoding: 'utf8', timeout: sqlMsMax, maxBuffer: 1 << 28 });
    if (done.status !== 0) throw new Error(`${process.name}: ${done.stderr}\n${process.trouble}`);
    return JSON.parse(done.stdout) as Record<string, unknown>[];
  }

  async close(): Promise<void> {
    for (const process of this.processes.values()) {
      process.signal('SIGCONT');
      if (process.running) await process.kill();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function queryFile(brokers: string, topic: string, out: string): string {
  return `CREATE TABLE m (ts TIMESTAMP, key VARCHAR, n BIGINT) WITH (
      connector = 'kafka', brokers = '${brokers}', topic = '${topic}', event_time = 'ts', max_lateness = '2 s', idle_timeout = '2 s',
      partition_key = 'key');
    CREATE MATERIALIZED VIEW passed AS SELECT ts, key, n FROM m;
    CREATE MATERIALIZED VIEW w AS SELECT window_start, key, count(*) AS rows, sum(n)::BIGINT AS total
      FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start, key;
    CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '30 days') AS SELECT key, count(*) AS rows FROM m WHERE n >= 0 GROUP BY key;
    CREATE TABLE out (n BIGINT, key VARCHAR) WITH (role = sink, connector = kafka, brokers = '${brokers}', topic = '${out}', key = 'key');
    INSERT INTO out SELECT n, key FROM m WHERE n >= 0;`;
}
