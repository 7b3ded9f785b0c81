/** `npm test`: types, style, then every suite; ends with the line `N passed, N failed`. Arguments are passed to vitest. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const bin = (name: string) => join(import.meta.dirname, '..', 'node_modules', '.bin', name);

function step(name: string, command: string, args: readonly string[]): boolean {
  const started = performance.now();
  const done = spawnSync(bin(command), args, { stdio: 'inherit', env: process.env });
  process.stdout.write(`${done.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  return done.status === 0;
}

function suites(args: readonly string[]): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const report = join(folder, 'report.json');
  try {
    const done = spawnSync(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args], {
      stdio: 'inherit',
      env: process.env,
    });
    const json = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numFailedTestSuites: number;
    };
    // A suite that does not even load has no failed tests in it; vitest's exit status still tells.
    const failed = json.numFailedTests + (done.status !== 0 && json.numFailedTests === 0 ? 1 : 0);
    return { passed: json.numPassedTests, failed, skipped: json.numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const only = process.argv.slice(2);
const checks =
  only.length > 0
    ? []
    : [
        step('types', 'tsc', ['--noEmit']),
        step('types of the console', 'tsc', ['--noEmit', '-p', 'engine/serve/console']),
        step('style', 'biome', ['check', '--error-on-warnings']),
      ];
const counts = suites(only);
const passed = counts.passed + checks.filter((ok) => ok).length;
const failed = counts.failed + checks.filter((ok) => !ok).length;
process.stdout.write(`${passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
