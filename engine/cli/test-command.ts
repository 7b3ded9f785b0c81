import { join } from 'node:path';
import { Compiler } from '../compile/compiler.ts';
import type { Failure } from '../test-runner/run-test.ts';
import { type TestReport, TestRunner } from '../test-runner/run-tests.ts';
import { findTests } from '../test-runner/test-folder.ts';
import { count, queryPaths } from './check-command.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { type Style, styleFor } from './style.ts';

export interface TestOptions {
  readonly data: string;
  readonly update?: boolean;
  readonly quiet?: boolean;
}

/** Lines of a diff that are shown. */
const diffLinesMax = 40;

export async function testCommand(paths: readonly string[], options: TestOptions): Promise<void> {
  const tests = await findTests(queryPaths(paths));
  if (tests.length === 0)
    throw new CommandError('there is no test here', exitCode.usage, 'a test stands beside its query file: name.test for name.sql');
  const style = styleFor(process.stdout);
  const compiler = new Compiler({ cacheDirectory: join(options.data, 'kernels') });
  const runner = new TestRunner(compiler, options.update ?? false);
  const failed: string[] = [];
  try {
    await runner.prepare(tests);
    for (const test of tests) {
      const report = await runner.run(test);
      if (report.failures.length > 0) failed.push(test);
      const text = reportText(report, options.quiet ?? false, style);
      if (text !== '') process.stdout.write(`${text}\n`);
    }
  } finally {
    await runner.close();
    await compiler.close();
  }
  process.stdout.write(`${tests.length - failed.length} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length === 0 ? exitCode.good : exitCode.found;
}

function reportText({ path, failures, checks, updated, ms }: TestReport, quiet: boolean, style: Style): string {
  const time = style.dim(`${ms.toFixed(0)} ms`);
  const changed = updated === 0 ? '' : `, ${count(updated, 'expectation')} rewritten`;
  if (failures.length > 0) return failures.map((failure) => failureText(path, failure, style)).join('\n');
  return quiet && updated === 0 ? '' : `${style.cyan('ok  ')} ${path}  ${count(checks, 'check')}${changed}  ${time}`;
}

function failureText(path: string, { line, message, hint, diff = [] }: Failure, style: Style): string {
  const head = `${style.red('FAIL')} ${style.bold(line > 0 ? `${path}:${line}` : path)}  ${message}`;
  const shown = diff.slice(0, diffLinesMax).map((text) => `    ${painted(text, style)}`);
  const more = diff.length > diffLinesMax ? [`    ... ${diff.length - diffLinesMax} lines more`] : [];
  const key = diff.length > 0 ? [style.dim('    - expected, + got')] : [];
  return [head, ...key, ...shown, ...more, ...(hint === undefined ? [] : [`  ${style.bold('help')}: ${hint}`])].join('\n');
}

function painted(text: string, style: Style): string {
  return text.startsWith('-') ? style.red(text) : text.startsWith('+') ? style.cyan(text) : text;
}
