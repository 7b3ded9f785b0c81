import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { compileKernel } from '../compile-kernel.ts';

/** Folder of the data and file for the rows, of a benchmark over labelled series. Exits with 2 where a file is not there. */
export function dataOptions(args: string[], name: string, file: string): { data: string; out: string | null } {
  const { values } = parseArgs({ args, options: { data: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } } });
  const data = values.data;
  if (values.help || data === undefined) {
    process.stdout.write(`usage: npm run bench -- ${name} --data DIR [--out FILE.parquet]\n  DIR holds ${file}\n`);
    process.exit(values.help ? 0 : 2);
  }
  if (!existsSync(join(data, file))) {
    process.stderr.write(`${join(data, file)} is not there\n`);
    process.exit(2);
  }
  return { data, out: values.out ?? null };
}

export async function openDuckDb(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
}

/** A model's kernel, compiled alone. */
export async function compileModel<T>(file: string, names: readonly string[]): Promise<T & { readonly memory: WebAssembly.Memory }> {
  return compileKernel(`
import { limitMemory } from "./kernels/memory";
export { ${names.join(', ')} } from "./kernels/models/${file}";
limitMemory(65536);
`);
}

/** Microseconds of CPU time that `work` took. */
export function cpuMicros(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** As a literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
