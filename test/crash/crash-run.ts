import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { KafkaCluster } from '../kafka/broker/cluster.ts';
import { JavaClient } from '../kafka/support/java-client.ts';
import { makeTopic } from '../kafka/support/make-topic.ts';
import { Random } from '../connectors/random.ts';
import { checkResults } from './check-results.ts';
import { EngineProcess } from './engine-process.ts';
import { Aim, pointsOf, type Target } from './points.ts';
import { NumberedRows } from './producer.ts';
import { readCommitted } from './read-committed.ts';
import type { CrashReport } from './report.ts';
import { kafkaSinkNames, partitions, queryFile, sourceNames, type Topics } from './workload.ts';

export interface CrashSettings {
  readonly kills: number;
  readonly seed: number;
  /** Restarts of the broker, spread over the kills. */
  readonly brokerRestarts: number;
  readonly log: (text: string) => void;
  /** How long (ms) a process is given after its start to come to the point that it shall die at; half of it at most where it dies anywhere. */
  readonly pointMsMax: number;
  /** `--lanes`, one of them for each process; null: none is given. */
  readonly lanes: readonly (number | null)[];
  /** The folder with data and queries stays. */
  readonly keep?: boolean;
}

/** One kill of so many is at any moment. */
const anywhereEvery = 4;
/** A point that was missed is given so many times as long at most. */
const patienceMax = 4;
const startMsMax = 60_000;
const lastRunMsMax = 300_000;

/** Kills one engine over and over while rows come in, lets the last one read to the end, and compares. */
export async function crashRun(settings: CrashSettings): Promise<CrashReport> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
  const cluster = await KafkaCluster.start();
  const run = new CrashRun(settings, folder, cluster);
  try {
    return await run.run();
  } finally {
    await run.close();
    await cluster.stop();
    if (settings.keep) settings.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #settings: CrashSettings;
  readonly #cluster: KafkaCluster;
  readonly #kafka: Kafka;
  readonly #random: Random;
  readonly #folder: string;
  readonly #queries: string;
  readonly #data: string;
  readonly #topics: Topics;
  readonly #aim: Aim;
  #atRandom = 0;
  #restarts = 0;
  #brokerIsDown = false;
  #engine: EngineProcess | null = null;
  #rows: NumberedRows | null = null;

  constructor(settings: CrashSettings, folder: string, cluster: KafkaCluster) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#folder = folder;
    this.#queries = join(folder, 'queries.sql');
    this.#data = join(folder, 'data');
    this.#random = new Random(settings.seed);
    this.#aim = new Aim(pointsOf(1), this.#random);
    const own = (name: string) => `${name}-${process.pid}`;
    this.#topics = { orders: own('orders'), payments: own('payments'), published: own('published'), newest: own('newest') };
    this.#kafka = new Kafka({
      brokers: cluster.addresses().split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 60, maxRetryTime: 2_000 },
    });
  }

  async run(): Promise<CrashReport> {
    const { kills, log, brokerRestarts } = this.#settings;
    await this.#makeTopics();
    mkdirSync(this.#data, { recursive: true });
    this.#writeQueries(false);
    await this.#warmUp();
    this.#rows = new NumberedRows(this.#kafka, this.#topics);
    await this.#rows.start();
    const begun = Date.now();
    const restartEvery = brokerRestarts === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(kills / (brokerRestarts + 1)));
    for (let kill = 1; kill <= kills; kill++) {
      const broker = kill % restartEvery === 0 && this.#restarts < brokerRestarts ? this.#restartBroker() : null;
      const died = await this.#killOnce(this.#plan(kill));
      await broker;
      if (this.#rows.failure !== null) throw this.#rows.failure;
      log(
        `${kill}/${kills} ${Math.round((Date.now() - begun) / 1000)} s, ${this.#rows.produced} rows: ${died}${broker === null ? '' : ', broker restarted'}`,
      );
    }
    const produced = await this.#rows.stop();
    this.#rows = null;
    this.#writeQueries(true);
    const last = this.#start(null, null, true);
    await this.#within(last, lastRunMsMax, 'the last run');
    const { code } = await last.exited;
    if (code !== 0) throw new Error(`the last run ended with ${code}:\n${last.complaints}`);
    const { published, newest } = this.#topics;
    const java = await JavaClient.start(this.#cluster);
    const messages = { published: await readCommitted(java, published), newest: await readCommitted(java, newest) };
    await java.close();
    const findings = await checkResults(this.#folder, this.#data, produced, last.summary, messages);
    const { hits: atPoints, never } = this.#aim;
    const counts = { kills, atRandom: this.#atRandom, leaves: 0, freezes: 0, brokerRestarts: this.#restarts, produced };
    return { processes: 1, ...counts, topics: sourceNames.length, atPoints, never, findings };
  }

  async close(): Promise<void> {
    this.#engine?.kill();
    await this.#engine?.exited;
    await this.#rows?.stop().catch(() => undefined);
  }

  async #makeTopics(): Promise<void> {
    for (const name of [...sourceNames, ...kafkaSinkNames]) await makeTopic(this.#kafka, this.#topics[name], { partitions });
  }

  /** Kernels are compiled now, so that kills hit more than the compiler. */
  async #warmUp(): Promise<void> {
    for (const lanes of new Set(this.#settings.lanes)) {
      const engine = this.#start(null, lanes);
      await this.#within(engine, lastRunMsMax, 'the first start', engine.started);
      if (!engine.running) await this.#expectKilled(engine);
      engine.kill();
      await engine.exited;
    }
  }

  #writeQueries(ends: boolean): void {
    writeFileSync(this.#queries, queryFile(this.#cluster.addresses(), this.#topics, ends));
  }

  /** Most at a point, those that were hit least first; null: at any moment. */
  #plan(kill: number): Target | null {
    return kill % anywhereEvery === 0 ? null : this.#aim.next();
  }

  #start(faultAt: string | null, lanes: number | null, untilEnd = false): EngineProcess {
    this.#engine = new EngineProcess({ queries: this.#queries, data: this.#data, lanes, faultAt, untilEnd });
    return this.#engine;
  }

  async #killOnce(plan: Target | null): Promise<string> {
    const lanes = this.#random.pick(this.#settings.lanes);
    const engine = this.#start(plan === null ? null : `${plan.point}:${plan.count}`, lanes);
    if (plan !== null) {
      const died = await Promise.race([engine.exited.then(() => true), this.#waitAfterStart(engine, plan.missed).then(() => false)]);
      if (died) {
        await this.#expectKilled(engine);
        if ((await engine.exited).signal === null) return 'no start without a broker';
        this.#aim.hit(plan.point);
        return `at ${plan.point}, lanes ${lanes ?? 'default'}`;
      }
      this.#aim.miss(plan.point);
    } else {
      // One in four dies while it starts.
      if (this.#random.below(4) > 0) await this.#within(engine, startMsMax, 'a start', engine.started);
      await Promise.race([engine.exited, delay(this.#random.below(this.#settings.pointMsMax / 2))]);
    }
    if (!engine.running) await this.#expectKilled(engine);
    engine.kill();
    await engine.exited;
    this.#atRandom++;
    return `at random${plan === null ? '' : ` (${plan.point} was not passed)`}, lanes ${lanes ?? 'default'}`;
  }

  /** Rows that are read again after so many kills take their time, and most points come after. */
  async #waitAfterStart(engine: EngineProcess, missed: number): Promise<void> {
    await Promise.race([engine.started, delay(startMsMax)]);
    await delay(this.#settings.pointMsMax * Math.min(patienceMax, 1 + missed));
  }

  /** It died, but not by itself: it may say only that no broker is there, where that is so. */
  async #expectKilled(engine: EngineProcess): Promise<void> {
    const { code, signal } = await engine.exited;
    const refused = this.#brokerIsDown && engine.errors.includes('no broker can be spoken to');
    if (signal !== 'SIGKILL' && !refused) throw new Error(`the engine ended by itself with ${code ?? signal}:\n${engine.complaints}`);
  }

  async #within(engine: EngineProcess, ms: number, what: string, done: Promise<unknown> = engine.exited): Promise<void> {
    const timer = new AbortController();
    const late = delay(ms, true, { signal: timer.signal }).catch(() => false);
    const timedOut = await Promise.race([done.then(() => false), late]);
    timer.abort();
    if (timedOut) throw new Error(`${what} took more than ${ms / 1000} s:\n${engine.complaints}\n${engine.output.slice(-2000)}`);
  }

  async #restartBroker(): Promise<void> {
    await delay(this.#random.below(2_500));
    this.#brokerIsDown = true;
    await this.#cluster.stopNode(1, this.#restarts % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    await this.#cluster.startNode(1);
    this.#brokerIsDown = false;
    this.#restarts++;
  }
}
