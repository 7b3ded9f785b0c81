import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import type { Finding } from '../../check-results.ts';
import type { JavaClient } from '../../../kafka/support/java-client.ts';
import type { GroupProtocol } from '../../../../connectors/kafka/group/membership.ts';
import { readNumbers } from '../../read-committed.ts';
import { GroupProcess } from './group-process.ts';
import { fateOf, NumberedRows } from './numbered-rows.ts';
import { type ExchangedView, exchangedViews } from './exchanged-views.ts';

const millrace = join(import.meta.dirname, '..', '..', '..', '..', 'engine', 'cli', 'millrace.mjs');
export const lanes = 4;
const partitions = 8;
const sqlMsMax = 60_000;
/** Brokers of these tests take sessions as short as this. */
export const brokerProperties = { 'group.min.session.timeout.ms': 1_000, 'transaction.state.log.num.partitions': 3 };
/** The same where the broker shares the lanes out: it says how long a session is, and how often it wants to hear of a member. */
export const consumerProperties = {
  ...brokerProperties,
  'group.consumer.session.timeout.ms': 3_000,
  'group.consumer.min.session.timeout.ms': 1_000,
  'group.consumer.heartbeat.interval.ms': 500,
  'group.consumer.min.heartbeat.interval.ms': 200,
};
const session = '3s';
/** A static member must come back within it, on a busy machine too. */
const staticSession = '30s';

/** Where a group runs: a broker, on which topics can be made. */
export interface GroupPlace {
  readonly cluster: { addresses(): string };
  readonly java: JavaClient;
  topic(partitions: number): Promise<string>;
}

export interface GroupRunOptions {
  /** Each process is a static member. */
  readonly isStatic?: boolean;
  /** Views whose rows go from lane to lane run too (default). */
  readonly exchanged?: boolean;
  /** Classic by default. */
  readonly protocol?: GroupProtocol;
}

/** What a process is started with besides its group. */
export interface UpOptions {
  /** Added to the options of a group; null: it is to run by itself. */
  readonly more?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  /** The broker says how long sessions are. */
  readonly sessionless?: boolean;
}

/** A group with its topics, folders and processes, and rows that come in all the while. */
export class GroupRun {
  readonly name: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-group-'));
  readonly processes = new Map<string, GroupProcess>();
  readonly rows: NumberedRows;
  readonly #flags: readonly string[];
  readonly #static: boolean;
  readonly #exchanged: Readonly<Record<string, ExchangedView>>;

  readonly #java: JavaClient;
  readonly #out: string;

  private constructor(fixture: GroupPlace, name: string, topic: string, out: string, options: GroupRunOptions) {
    const { isStatic = false, exchanged = true, protocol = 'classic' } = options;
    this.name = name;
    this.#static = isStatic;
    this.#exchanged = exchanged ? exchangedViews : {};
    // It outlasts a restart of the broker.
    const retry = { retries: 200, maxRetryTime: 2_000 };
    const kafka = new Kafka({ brokers: fixture.cluster.addresses().split(','), logLevel: logLevel.NOTHING, retry });
    this.#java = fixture.java;
    this.#out = out;
    this.rows = new NumberedRows(kafka, [topic]);
    mkdirSync(join(this.folder, 'queries'));
    writeFileSync(join(this.folder, 'queries', 'all.sql'), queryFile(fixture.cluster.addresses(), topic, out, this.#exchanged));
    this.#flags = [
      '--group',
      name,
      '--brokers',
      fixture.cluster.addresses(),
      '--snapshots',
      join(this.folder, 'snapshots'),
      '--snapshot-every',
      '1s',
      '--group-protocol',
      protocol,
      ...(protocol === 'consumer' ? [] : ['--session', isStatic ? staticSession : session]),
    ];
  }

  static async start(fixture: GroupPlace, name: string, members: readonly string[], options: GroupRunOptions = {}): Promise<GroupRun> {
    const run = new GroupRun(fixture, name, await fixture.topic(partitions), await fixture.topic(3), options);
    await run.rows.start();
    const [first, ...others] = members as [string, ...string[]];
    run.up(first);
    await run.settled();
    for (const member of others) run.up(member);
    await run.settled();
    return run;
  }

  up(member: string, { more = ['--lanes', String(lanes)], environment = {}, sessionless = false }: UpOptions = {}): GroupProcess {
    const member_ = this.#static ? ['--member', member] : [];
    const data = join(this.folder, `data-${member}`);
    const session = this.#flags.indexOf('--session');
    const flags = sessionless ? this.#flags.filter((_, index) => session < 0 || index < session || index > session + 1) : this.#flags;
    // Compiling takes most of a start.
    const compiled = member === 'a' ? null : join(this.folder, 'data-a', 'kernels');
    if (compiled !== null && existsSync(compiled)) cpSync(compiled, join(data, 'kernels'), { recursive: true });
    const process = new GroupProcess({
      name: member,
      queries: join(this.folder, 'queries'),
      data,
      environment,
      arguments: more === null ? [] : [...flags, ...more, ...member_],
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

  /** Every row that was sent has come out once in the store of each process, and in the topic written to. */
  async finish(): Promise<void> {
    const wrong = (await this.findings()).filter(({ fault }) => fault !== null);
    if (wrong.length > 0) throw new Error(wrong.map(({ name, fault }) => `${name}: ${fault}`).join('\n'));
  }

  /** Sends what ends all windows, waits until every process has all results, stops them in order, and compares. */
  async findings(): Promise<Finding[]> {
    const sent = await this.rows.finish(partitions);
    for (const process of this.processes.values()) await this.#loaded(process, sent);
    for (const process of this.processes.values()) await process.stop();
    const findings = [...this.processes.values()].flatMap((process) => this.#check(process, sent));
    return [...findings, sameNumbers('topic out', await readNumbers(this.#java, this.#out), numbersOf('kept', sent))];
  }

  async #loaded(process: GroupProcess, sent: number): Promise<void> {
    const counts = Object.entries(this.#exchanged).flatMap(([view, { count }]) =>
      count === undefined ? [] : `(SELECT ${count} FROM ${view})`,
    );
    const results = ['(SELECT sum(rows) FROM w)', ...counts].map((one) => `coalesce(${one}, 0)`).join(', ');
    const all = `SELECT (SELECT count(*) FROM passed WHERE n >= 0)::INTEGER + (SELECT count(*) FROM m__late)::INTEGER
      + (SELECT count(*) FROM m__rejected)::INTEGER AS n, (SELECT count(*) FROM passed WHERE n < 0)::INTEGER AS ends, least(${results})::INTEGER AS results`;
    const kept = Array.from({ length: sent }, (_, n) => fateOf(n)).filter((fate) => fate === 'kept').length;
    await process.until(`all of ${sent} rows`, () => {
      const [row] = this.#sql(process, all);
      return Number(row?.n) >= sent && Number(row?.ends) >= partitions && Number(row?.results) >= kept;
    });
  }

  #check(process: GroupProcess, sent: number): Finding[] {
    const found = (sql: string) => this.#sql(process, sql).map(({ n }) => Number(n));
    const check = (name: string, sql: string, expected: readonly number[]) => sameNumbers(`${process.name}: ${name}`, found(sql), expected);
    const kept = numbersOf('kept', sent);
    return [
      check('rows', 'SELECT n FROM passed WHERE n >= 0 ORDER BY n', kept),
      check('late', 'SELECT n FROM m__late ORDER BY n', numbersOf('late', sent)),
      check(
        'rejected',
        "SELECT regexp_extract(decode(bytes), '\\d+')::INTEGER AS n FROM m__rejected ORDER BY n",
        numbersOf('rejected', sent),
      ),
      check(
        'windows that came twice',
        'SELECT count(*)::INTEGER AS n FROM (SELECT 1 FROM w GROUP BY window_start, key HAVING count(*) > 1)',
        [0],
      ),
      check(
        'windows that differ',
        `SELECT count(*)::INTEGER AS n FROM (SELECT window_start, key, rows, total FROM w EXCEPT
          SELECT time_bucket(INTERVAL '1 second', ts), key, count(*), sum(n) FROM passed WHERE n >= 0 GROUP BY ALL)`,
        [0],
      ),
      check('rows in windows', 'SELECT coalesce(sum(rows), 0)::INTEGER AS n FROM w', [kept.length]),
      check('rows in totals', 'SELECT sum(rows)::INTEGER AS n FROM totals', [kept.length]),
      // Rows of different partitions together: each view as DuckDB makes it of the rows that were stored.
      ...Object.entries(this.#exchanged).map(([view, { columns, check: same }]) =>
        check(
          `${view}: rows that differ`,
          `SELECT count(*)::INTEGER AS n FROM ((SELECT ${columns} FROM ${view} EXCEPT ALL (${same})) UNION ALL ((${same}) EXCEPT ALL SELECT ${columns} FROM ${view}))`,
          [0],
        ),
      ),
    ];
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

function numbersOf(fate: string, sent: number): number[] {
  return Array.from({ length: sent }, (_, n) => n).filter((n) => fateOf(n) === fate);
}

function sameNumbers(name: string, found: readonly number[], expected: readonly number[]): Finding {
  const at = Array.from({ length: Math.max(found.length, expected.length) }, (_, index) => index).find((i) => found[i] !== expected[i]);
  const fault =
    at === undefined
      ? null
      : `${found.length} numbers, not ${expected.length}: number ${at} is ${found[at] ?? 'missing'}, not ${expected[at] ?? 'there'}`;
  return { name, rows: expected.length, fault };
}

function queryFile(brokers: string, topic: string, out: string, exchanged: Readonly<Record<string, ExchangedView>>): string {
  return `CREATE TABLE m (ts TIMESTAMP, key VARCHAR, n BIGINT) WITH (
      connector = 'kafka', brokers = '${brokers}', topic = '${topic}', event_time = 'ts', max_lateness = '2 s', idle_timeout = '2 s',
      partition_key = 'key');
    CREATE MATERIALIZED VIEW passed WITH (tier.hot = '20 s') AS SELECT ts, key, n FROM m;
    CREATE MATERIALIZED VIEW w AS SELECT window_start, key, count(*) AS rows, sum(n)::BIGINT AS total
      FROM TUMBLE(m, ts, INTERVAL '1 second') WHERE n >= 0 GROUP BY window_start, key;
    CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '30 days') AS SELECT key, count(*) AS rows FROM m WHERE n >= 0 GROUP BY key;
    CREATE TABLE out (n BIGINT, key VARCHAR) WITH (role = sink, connector = kafka, brokers = '${brokers}', topic = '${out}', key = 'key');
    INSERT INTO out SELECT n, key FROM m WHERE n >= 0;
${Object.entries(exchanged)
  .map(([name, { options = '', made }]) => `    CREATE MATERIALIZED VIEW ${name} ${options} AS ${made};`)
  .join('\n')}`;
}
