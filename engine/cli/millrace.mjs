#!/usr/bin/env node
// Starts the command line on the Node that the project pins (see package.json), whichever Node runs this file.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) {
  // Stripped and compiled modules are kept between runs: a third of the start.
  nodeModule.enableCompileCache?.();
  await import(main);
} else {
  const pinned = join(here, '..', '..', 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(pinned)) {
    process.stderr.write(
      `error: Node ${nodeMajorMin} or newer is needed and this is ${process.version}; run \`npm ci\` in ${join(here, '..', '..')}\n`,
    );
    process.exit(3);
  }
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the whole group; a supervisor signals this process only.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 3) : 128 + (signal === 'SIGINT' ? 2 : 15);
  });
}
