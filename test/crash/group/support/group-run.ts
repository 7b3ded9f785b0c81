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
/** A static member must come back within it, on a busy machine too. */
const staticSession = '30s';

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
      isStatic ? staticSession : session,
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
      'SELECT (SELECT count(*) FROM passed WHERE n >= 0)::INTEGER + (SELECT count(*) FROM m__late)::INTEGER + (SELECT count(*) FROM m__rejected)::INTEGER AS n, (SELECT count(*) FROM passed WHERE n < 0)::INTEGER AS ends, (SELECT coalesce(sum(rows), 0) FROM w)::INTEGER AS windows, (SELECT coalesce(sum(rows), 0) FROM by_digit)::INTEGER AS digits, (SELECT coalesce(sum(rows), 0) FROM by_second)::INTEGER AS seconds, (SELECT coalesce(sum(rows), 0) FROM by_tens)::INTEGER AS tens, (SELECT count(*) FROM followed)::INTEGER AS followed';
    const kept = Array.from({ length: sent }, (_, n) => fateOf(n)).filter((fate) => fate === 'kept').length;
    await process.until(`all of ${sent} rows`, () => {
      const [row] = this.#sql(process, all);
      return (
        Number(row?.n) >= sent &&
        Number(row?.ends) >= partitions &&
        [row?.windows, row?.digits, row?.seconds, row?.tens, row?.followed].every((count) => Number(count) >= kept)
      );
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
    this.#checkExchanged(process);
  }

  /** Rows of different partitions together: each view as DuckDB makes it of the rows that were stored. */
  #checkExchanged(process: GroupProcess): void {
    for (const [view, { columns, check }] of Object.entries(exchanged)) {
      const differences = `SELECT count(*)::INTEGER AS n FROM ((SELECT ${columns} FROM ${view} EXCEPT ALL (${check})) UNION ALL ((${check}) EXCEPT ALL SELECT ${columns} FROM ${view}))`;
      expect([view, ...this.#sql(process, differences).map(({ n }) => Number(n))]).toEqual([view, 0]);
    }
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

interface Exchanged {
  readonly options?: string;
  readonly made: string;
  readonly columns: string;
  /** The same over the rows that were stored. */
  readonly check: string;
}

const stored = '(SELECT * FROM passed WHERE n >= 0)';

/** Views that put rows of different partitions together. */
const exchanged: Readonly<Record<string, Exchanged>> = {
  by_digit: {
    made: "SELECT window_start, n % 7 AS digit, count(*) AS rows, sum(n)::BIGINT AS total FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start, digit",
    columns: 'window_start, digit, rows, total',
    check: `SELECT time_bucket(INTERVAL '1 second', ts), n % 7, count(*), sum(n)::BIGINT FROM ${stored} GROUP BY ALL`,
  },
  by_second: {
    made: "SELECT window_start, count(*) AS rows FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start",
    columns: 'window_start, rows',
    check: `SELECT time_bucket(INTERVAL '1 second', ts), count(*) FROM ${stored} GROUP BY ALL`,
  },
  by_tens: {
    made: "SELECT window_start, digit % 2 AS odd, sum(rows)::BIGINT AS rows, max(total) AS most FROM TUMBLE(by_digit, window_start, INTERVAL '10 seconds') GROUP BY window_start, odd",
    columns: 'window_start, odd, rows, most',
    check: `SELECT time_bucket(INTERVAL '10 seconds', second), digit % 2, sum(rows)::BIGINT, max(total) FROM (SELECT time_bucket(INTERVAL '1 second', ts) AS second, n % 7 AS digit, count(*) AS rows, sum(n)::BIGINT AS total FROM ${stored} GROUP BY ALL) GROUP BY ALL`,
  },
  followed: {
    made: "SELECT a.ts AS ts, a.n AS n, b.n AS next FROM (SELECT * FROM m WHERE n >= 0) a LEFT JOIN (SELECT * FROM m WHERE n >= 0) b ON a.n + 1 = b.n AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second'",
    columns: 'ts, n, next',
    check: `SELECT a.ts, a.n, b.n FROM ${stored} a LEFT JOIN ${stored} b ON a.n + 1 = b.n AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second'`,
  },
  running: {
    made: 'SELECT ts, n, sum(n) OVER (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)::BIGINT AS ten FROM m WHERE n >= 0',
    columns: 'ts, n, ten',
    check: `SELECT ts, n, sum(n) OVER (ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)::BIGINT FROM ${stored}`,
  },
  by_five: {
    options: "WITH (emit = changes, state_ttl = '30 days')",
    made: 'SELECT n % 5 AS five, count(*) AS rows, max(n) AS most FROM m WHERE n >= 0 GROUP BY five',
    columns: 'five, rows, most',
    check: `SELECT n % 5, count(*), max(n) FROM ${stored} GROUP BY ALL`,
  },
};

function queryFile(brokers: string, topic: string, out: string): string {
  return `CREATE TABLE m (ts TIMESTAMP, key VARCHAR, n BIGINT) WITH (
      connector = 'kafka', brokers = '${brokers}', topic = '${topic}', event_time = 'ts', max_lateness = '2 s', idle_timeout = '2 s',
      partition_key = 'key');
    CREATE MATERIALIZED VIEW passed AS SELECT ts, key, n FROM m;
    CREATE MATERIALIZED VIEW w AS SELECT window_start, key, count(*) AS rows, sum(n)::BIGINT AS total
      FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start, key;
    CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '30 days') AS SELECT key, count(*) AS rows FROM m WHERE n >= 0 GROUP BY key;
    CREATE TABLE out (n BIGINT, key VARCHAR) WITH (role = sink, connector = kafka, brokers = '${brokers}', topic = '${out}', key = 'key');
    INSERT INTO out SELECT n, key FROM m WHERE n >= 0;
${Object.entries(exchanged)
  .map(([name, { options = '', made }]) => `    CREATE MATERIALIZED VIEW ${name} ${options} AS ${made};`)
  .join('\n')}`;
}
