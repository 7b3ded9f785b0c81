import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const directory = new URL('../../kernels/assembly/', import.meta.url);

/** asc's options, from asconfig.json. Raw loads and stores only: no runtime, no assertions. */
export const compilerFlags: readonly string[] = readCompilerFlags();

function readCompilerFlags(): string[] {
  const path = new URL('../../asconfig.json', import.meta.url);
  const { options } = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as {
    options: Record<string, string | number | boolean | string[]>;
  };
  return Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
}

/** The hand-written library that modules include, by path below kernels/assembly. */
export function readKernels(): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(fileURLToPath(new URL(name, directory)), 'utf8')]));
}

/** Hash of all that decides what a source compiles to. */
export function programKey(source: string, kernels: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json') as { version: string };
  for (const part of [version, compilerFlags.join(' '), ...[...kernels].flat(), source]) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 32);
}
