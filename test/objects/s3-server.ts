import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const version = '2.6.0';
const artifact = `org.gaul:s3proxy:${version}:jar:jar-with-dependencies`;
const cache = join(import.meta.dirname, '..', '..', '.cache', `s3proxy-${version}`);
const jar = join(cache, `s3proxy-${version}-jar-with-dependencies.jar`);
const fetchMsMax = 300_000;
const startMsMax = 60_000;

export interface S3Server {
  /** What a client reads from its environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): void;
}

/** Why no server can be had here, or null. */
export function missingS3Tools(): string | null {
  for (const [tool, argument] of [['java', '-version'], ...(existsSync(jar) ? [] : [['mvn', '-v']])] as [string, string][]) {
    if (spawnSync(tool, [argument], { stdio: 'ignore' }).status !== 0) return `${tool} is not there`;
  }
  return null;
}

/** S3Proxy on loopback over a folder of its own, with buckets; it checks signatures. Its one jar is fetched from Maven Central once. */
export async function startS3Server(buckets: readonly string[]): Promise<S3Server> {
  if (!existsSync(jar)) await fetchJar();
  const folder = mkdtempSync(join(tmpdir(), 's3-server-'));
  for (const bucket of buckets) mkdirSync(join(folder, 'buckets', bucket), { recursive: true });
  const [identity, credential, port] = ['millrace-tests', randomUUID(), await freePort()];
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = {
    's3proxy.authorization': 'aws-v4',
    's3proxy.endpoint': endpoint,
    's3proxy.identity': identity,
    's3proxy.credential': credential,
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.identity': 'unused',
    'jclouds.credential': 'unused',
    'jclouds.filesystem.basedir': join(folder, 'buckets'),
  };
  const properties = join(folder, 'server.properties');
  writeFileSync(
    properties,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const server = spawn('java', ['-Xmx256m', '-jar', jar, '--properties', properties], { stdio: 'ignore' });
  const stop = (): void => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  const until = Date.now() + startMsMax;
  while (!(await answers(endpoint))) {
    if (server.exitCode !== null || Date.now() > until) {
      stop();
      throw new Error('the S3 server has not started');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const environment = { AWS_ACCESS_KEY_ID: identity, AWS_SECRET_ACCESS_KEY: credential, AWS_ENDPOINT_URL: endpoint };
  return { environment, stop };
}

async function fetchJar(): Promise<void> {
  const folder = `${cache}-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    const goal = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    await promisify(execFile)('mvn', goal, { cwd: folder, timeout: fetchMsMax });
    if (!existsSync(jar)) renameSync(folder, cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
