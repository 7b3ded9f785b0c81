import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Certificates, makeCertificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { brokerClassPath } from './jars.ts';
import { type ClusterPlan, type ListenerName, type NodePlan, serverProperties, user } from './server-properties.ts';

const run = promisify(execFile);
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qk';
const startMsMax = 90_000;
const stopMsMax = 20_000;
const javaFlags = ['-Xmx160m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

export interface ClusterOptions {
  readonly brokers?: number;
  readonly listeners?: readonly ListenerName[];
  /** Added to server.properties. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** A real Kafka on loopback. Brokers end with the process that started them, however that ends. */
export class KafkaCluster {
  readonly plan: ClusterPlan;
  readonly classPath: string;
  readonly #folder: string;
  readonly #running = new Map<number, ChildProcess>();

  private constructor(plan: ClusterPlan, classPath: string, folder: string) {
    this.plan = plan;
    this.classPath = classPath;
    this.#folder = folder;
  }

  static async start({ brokers = 1, listeners = ['PLAINTEXT'], properties = {} }: ClusterOptions = {}): Promise<KafkaCluster> {
    const classPath = await brokerClassPath();
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
    const ports = await freePorts(brokers * (listeners.length + 1));
    const nodes: NodePlan[] = Array.from({ length: brokers }, (_, index) => ({
      id: index + 1,
      folder: join(folder, `node-${index + 1}`),
      ports: Object.fromEntries(listeners.map((name) => [name, ports.pop() as number])),
      controllerPort: ports.pop() as number,
    }));
    const certificates = listeners.some((name) => name.endsWith('SSL')) ? makeCertificates(join(folder, 'certificates')) : null;
    const cluster = new KafkaCluster({ nodes, listeners, certificates, properties }, classPath, folder);
    try {
      await Promise.all(nodes.map((node) => cluster.#format(node)));
      await Promise.all(nodes.map((node) => cluster.startNode(node.id)));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get certificates(): Certificates {
    if (this.plan.certificates === null) throw new Error('the cluster has no TLS listener');
    return this.plan.certificates;
  }

  /** Addresses of all brokers, `host:port` by commas. */
  addresses(listener: ListenerName = 'PLAINTEXT'): string {
    return this.plan.nodes.map(({ ports }) => `127.0.0.1:${ports[listener]}`).join(',');
  }

  /** Resolves when the node's port takes connections. */
  async startNode(id: number): Promise<void> {
    const node = this.#node(id);
    const log = openSync(join(node.folder, 'broker.log'), 'a');
    const level = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
    const args = [...javaFlags, level, '-cp', this.classPath, 'SupervisedBroker', join(node.folder, 'server.properties')];
    const child = spawn('java', args, { stdio: ['pipe', log, log] });
    child.stdin?.on('error', () => undefined);
    this.#running.set(id, child);
    const until = Date.now() + startMsMax;
    while (!(await accepts(Object.values(node.ports)[0] as number))) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`broker ${id} did not start:\n${this.log(id)}`);
      await delay(50);
    }
  }

  /** SIGTERM lets it stop in order; SIGKILL and SIGSTOP are for tests of what happens then. */
  async stopNode(id: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(id);
    if (child === undefined) return;
    this.#running.delete(id);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    await exited;
    clearTimeout(killer);
  }

  log(id: number): string {
    return readFileSync(join(this.#node(id).folder, 'broker.log'), 'utf8').slice(-4000);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.stopNode(id, 'SIGKILL')));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #node(id: number): NodePlan {
    return this.plan.nodes[id - 1] as NodePlan;
  }

  async #format(node: NodePlan): Promise<void> {
    mkdirSync(node.folder, { recursive: true });
    const file = join(node.folder, 'server.properties');
    writeFileSync(file, serverProperties(this.plan, node));
    const scram = this.plan.listeners.some((name) => name.startsWith('SASL'))
      ? ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((name) => ['--add-scram', `${name}=[name=${user.name},password=${user.password}]`])
      : [];
    const tool = ['-cp', this.classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...scram];
    await run('java', [...javaFlags, ...tool], { timeout: startMsMax });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy() && resolve(true));
    socket.once('error', () => resolve(false));
  });
}
