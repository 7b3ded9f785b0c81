import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const kafkaVersion = '4.3.1';
const cache = join(import.meta.dirname, '..', '..', '..', '.cache', `kafka-${kafkaVersion}`);
const sources = join(import.meta.dirname, '..', 'java');
const fetchMsMax = 300_000;
const compileMsMax = 120_000;

const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** Why no broker can be had here, or null. */
export function missingTools(): string | null {
  for (const [tool, argument] of [
    ['java', '-version'],
    ['javac', '-version'],
    ...(existsSync(join(cache, 'lib')) ? [] : [['mvn', '-v']]),
  ] as [string, string][]) {
    if (spawnSync(tool, [argument], { stdio: 'ignore' }).status !== 0) return `${tool} is not there`;
  }
  return null;
}

/** Java's class path of the broker, its clients and the helpers of test/kafka/java; fetched and compiled when not there yet. */
export async function brokerClassPath(): Promise<string> {
  const lib = join(cache, 'lib');
  if (!existsSync(lib)) await fetchJars(lib);
  const jars = readdirSync(lib).map((name) => join(lib, name));
  return [await compiledHelpers(jars), ...jars].join(delimiter);
}

async function fetchJars(lib: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const folder = join(cache, `fetch-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, 'pom.xml'), project);
    const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
    await run('mvn', goal, { cwd: folder, timeout: fetchMsMax });
    moveUnlessThere(join(folder, 'lib'), lib);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compiledHelpers(jars: readonly string[]): Promise<string> {
  const files = readdirSync(sources)
    .filter((name) => name.endsWith('.java'))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(sources, file)));
  const classes = join(cache, `classes-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(classes)) return classes;
  const folder = `${classes}-${process.pid}`;
  const paths = files.map((file) => join(sources, file));
  await run('javac', ['-nowarn', '-d', folder, '-cp', jars.join(delimiter), ...paths], { timeout: compileMsMax });
  moveUnlessThere(folder, classes);
  return classes;
}

/** Another process may have been faster. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
    rmSync(from, { recursive: true, force: true });
  }
}
