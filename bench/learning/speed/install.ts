import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const installMsMax = 600_000;

/** What the kernels are measured beside, never a dependency of the product; what these need in turn is in constraints.txt. */
const pythonPackages = ['numpy==2.4.6', 'scikit-learn==1.9.1', 'pandas==2.3.3', 'polars==2.1.0', 'statsforecast==2.1.1'];
const augursVersion = '0.10.2';
const constraints = join(import.meta.dirname, 'constraints.txt');

export const defaultCache = join(import.meta.dirname, '..', '..', '..', '.cache', 'bench-rivals');

export interface Rivals {
  /** Python of a virtual environment; null where there is none. */
  readonly python: string | null;
  /** Folder of the package @bsull/augurs, or null. */
  readonly augurs: string | null;
}

/** Installs what is not in the cache folder yet; names in a line each what cannot be had. */
export async function installRivals(cache: string): Promise<Rivals> {
  mkdirSync(cache, { recursive: true });
  return { python: await installPython(cache), augurs: await installAugurs(cache) };
}

async function installPython(cache: string): Promise<string | null> {
  const folder = join(cache, 'python');
  const windows = process.platform === 'win32';
  const python = join(folder, windows ? 'Scripts/python.exe' : 'bin/python');
  if (!existsSync(python)) {
    const problem = await attempt(windows ? 'python' : 'python3', ['-m', 'venv', folder]);
    if (problem !== null) {
      console.log(`skipped the Python packages: no virtual environment (${problem})`);
      return null;
    }
  }
  for (const name of pythonPackages) {
    const mark = join(folder, `${name}.installed`);
    const pins = readFileSync(constraints, 'utf8');
    if (existsSync(mark) && readFileSync(mark, 'utf8') === pins) continue;
    const problem = await attempt(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-c', constraints, name]);
    if (problem === null) writeFileSync(mark, pins);
    else console.log(`skipped ${name}: ${problem}`);
  }
  return python;
}

async function installAugurs(cache: string): Promise<string | null> {
  const folder = join(cache, `augurs-${augursVersion}`);
  const found = join(folder, 'node_modules', '@bsull', 'augurs');
  if (existsSync(join(found, 'package.json'))) return found;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const words = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', `@bsull/augurs@${augursVersion}`];
  const problem = await attempt('npm', words, folder);
  if (problem === null) return found;
  console.log(`skipped @bsull/augurs ${augursVersion}: ${problem}`);
  return null;
}

/** What went wrong, in a line; null: nothing. */
async function attempt(command: string, words: readonly string[], cwd?: string): Promise<string | null> {
  try {
    await run(command, words, { timeout: installMsMax, ...(cwd === undefined ? {} : { cwd }) });
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr?.trim() || message).split('\n');
    return (lines.find((line) => /^(npm )?error\b/i.test(line)) ?? lines.at(-1) ?? message).trim();
  }
}
