import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { faultVariable } from '../../connectors/fault-point.ts';
import { limitsVariable } from '../../engine/store/limits.ts';
import { Random } from '../connectors/random.ts';
import { KafkaCluster } from '../kafka/broker/cluster.ts';
import { limits } from './engine-process.ts';
import type { GroupProcess } from './group/support/group-process.ts';
import { brokerProperties, GroupRun } from './group/support/group-run.ts';
import { JavaClient } from '../kafka/support/java-client.ts';
import { makeTopic } from '../kafka/support/make-topic.ts';
import { Aim, pointsOf, type Target } from './points.ts';
import type { CrashReport } from './report.ts';
import type { CrashSettings } from './crash-run.ts';

/** One process of so many that go down leaves in order, another one is frozen instead. */
const leaveEvery = 11;
const freezeEvery = 13;
/** Longer than a session. */
const frozenMs = 4_500;
/** One kill of so many is at any moment. */
const anywhereEvery = 4;
const lookMs = 50;
const downMsMax = 3_000;
/** A point that was missed is given so many times as long at most. */
const patienceMax = 4;

interface Member {
  readonly name: string;
  readonly target: Target | null;
  readonly process: GroupProcess;
  /** So long (ms) after it has its first lane it is killed wherever it is. */
  readonly patienceMs: number;
}

/** Kills processes of a group in turns while rows come in, lets the others take their lanes, and compares all stores and the topic written to. */
export async function groupCrashRun(settings: CrashSettings, processes: number): Promise<CrashReport> {
  const cluster = await KafkaCluster.start({ properties: brokerProperties });
  const kafka = new Kafka({ brokers: cluster.addresses().split(','), logLevel: logLevel.NOTHING, retry: { retries: 60 } });
  const names = Array.from({ length: processes }, (_, index) => String.fromCharCode(97 + index));
  let topics = 0;
  const topic = async (numPartitions: number) => {
    const name = `group-${processes}-${process.pid}-${topics++}`;
    await makeTopic(kafka, name, { partitions: numPartitions });
    return name;
  };
  const java = await JavaClient.start(cluster);
  let group: GroupRun | null = null;
  try {
    group = await GroupRun.start({ cluster, topic, java }, `crash-${processes}-${process.pid}`, names);
    return await new GroupCrashRun(settings, cluster, group, names).run();
  } finally {
    await group?.close();
    await java.close();
    await cluster.stop();
  }
}

class GroupCrashRun {
  readonly #settings: CrashSettings;
  readonly #cluster: KafkaCluster;
  readonly #group: GroupRun;
  readonly #names: readonly string[];
  readonly #random: Random;
  readonly #aim: Aim;
  readonly #begun = Date.now();
  #kills = 0;
  #downs = 0;
  #atRandom = 0;
  #leaves = 0;
  #freezes = 0;
  #restarts = 0;
  #brokerDownAt = 0;
  #restarting: Promise<void> = Promise.resolve();
  #brokerIsDown = false;

  constructor(settings: CrashSettings, cluster: KafkaCluster, group: GroupRun, names: readonly string[]) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#group = group;
    this.#names = names;
    this.#random = new Random(settings.seed + names.length);
    this.#aim = new Aim(pointsOf(names.length), this.#random);
  }

  async run(): Promise<CrashReport> {
    const { kills } = this.#settings;
    for (const process of this.#group.processes.values()) await process.kill();
    await Promise.all(this.#names.map((name, index) => this.#keepKilling(name, index)));
    await this.#restarting;
    if (this.#group.rows.failure !== null) throw this.#group.rows.failure;
    for (const name of this.#names) this.#group.up(name);
    await this.#group.settled();
    const findings = await this.#group.findings();
    const { hits: atPoints, never } = this.#aim;
    const counts = { kills, atRandom: this.#atRandom, leaves: this.#leaves, freezes: this.#freezes, brokerRestarts: this.#restarts };
    return { processes: this.#names.length, ...counts, produced: this.#group.rows.sent, topics: 1, atPoints, never, findings };
  }

  /** One member's life: it starts, dies, and is away for a while, until all have died often enough. */
  async #keepKilling(name: string, index: number): Promise<void> {
    const { kills, pointMsMax, log } = this.#settings;
    await delay(index * pointMsMax * this.#random.next());
    while (this.#kills < kills) {
      const target = (this.#downs + 1) % anywhereEvery === 0 ? null : this.#aim.next();
      const patience = target === null ? this.#random.next() : Math.min(patienceMax, 1 + target.missed);
      const environment = {
        [limitsVariable]: JSON.stringify(limits),
        [faultVariable]: target === null ? '' : `${target.point}:${target.count}`,
      };
      const process = this.#group.up(name, { environment });
      const how = await this.#down({ name, target, process, patienceMs: pointMsMax * patience });
      log(`${this.#kills}/${kills} ${Math.round((Date.now() - this.#begun) / 1000)} s, ${this.#group.rows.sent} rows: ${name} ${how}`);
      this.#maybeRestartBroker();
      await delay(this.#random.below(downMsMax));
    }
  }

  /** Brings a process down; returns how. */
  async #down({ name, target, process, patienceMs }: Member): Promise<string> {
    await this.#wait(process, target === null ? patienceMs : startMsMax, () => target !== null && process.lanes.length > 0);
    if (target !== null) await this.#wait(process, patienceMs);
    const turn = ++this.#downs;
    if (!process.running) {
      const { signal, code } = await process.exited;
      if (signal === 'SIGKILL' && target !== null) {
        this.#kills++;
        this.#aim.hit(target.point);
        return `at ${target.point}`;
      }
      const refused = (this.#brokerIsDown || Date.now() - this.#brokerDownAt < startMsMax) && /broker|Kafka/i.test(process.errors);
      if (!refused) throw new Error(`${name} ended by itself with ${code ?? signal}:\n${process.trouble}`);
      await delay(downMsMax);
      return 'did not start without a broker';
    }
    if (target !== null) this.#aim.miss(target.point);
    if (turn % freezeEvery === 0) await this.#freeze(process);
    if (turn % leaveEvery === 0 && !this.#brokerIsDown && process.running) return this.#leave(name, process, target);
    this.#kills++;
    this.#atRandom++;
    await process.kill();
    return `at any moment${target === null ? '' : ` (${target.point} was not passed)`}${turn % freezeEvery === 0 ? ', after it was frozen' : ''}`;
  }

  async #wait(process: GroupProcess, ms: number, done: () => boolean = () => false): Promise<void> {
    const until = Date.now() + ms;
    while (process.running && Date.now() < until && !done()) await delay(lookMs);
  }

  async #freeze(process: GroupProcess): Promise<void> {
    process.signal('SIGSTOP');
    await delay(frozenMs);
    process.signal('SIGCONT');
    this.#freezes++;
    await delay(this.#random.below(downMsMax));
  }

  async #leave(name: string, process: GroupProcess, target: Target | null): Promise<string> {
    process.signal('SIGTERM');
    const { signal, code } = await Promise.race([
      process.exited,
      delay(stopMsMax).then(() => {
        throw new Error(`${name} did not stop in ${stopMsMax} ms:\n${process.trouble}`);
      }),
    ]);
    // It may die at the point that it was started for.
    if (signal === 'SIGKILL' && target !== null) {
      this.#kills++;
      this.#aim.hit(target.point);
      return `at ${target.point}, while it left`;
    }
    if (code !== 0 && signal !== 'SIGTERM') throw new Error(`${name} left with ${code ?? signal}:\n${process.trouble}`);
    this.#leaves++;
    return 'left in order';
  }

  #maybeRestartBroker(): void {
    const { kills, brokerRestarts } = this.#settings;
    const due = this.#restarts < brokerRestarts && this.#kills >= ((this.#restarts + 1) * kills) / (brokerRestarts + 1);
    if (!due || this.#brokerIsDown) return;
    this.#brokerIsDown = true;
    this.#restarting = this.#restarting.then(() => this.#restartBroker());
  }

  async #restartBroker(): Promise<void> {
    await this.#cluster.stopNode(1, this.#restarts % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    await this.#cluster.startNode(1);
    this.#restarts++;
    this.#brokerDownAt = Date.now();
    this.#brokerIsDown = false;
    this.#settings.log('the broker was restarted');
  }
}

const startMsMax = 60_000;
const stopMsMax = 120_000;
