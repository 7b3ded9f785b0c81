import { existsSync } from 'node:fs';
import { groupFaults } from '../run/group/check-group.ts';
import { renderDiagnostics } from '../sql/diagnostic-text.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { loadQueries } from './load-queries.ts';
import { styleFor } from './style.ts';

export interface CheckOptions {
  readonly format: 'text' | 'short' | 'github' | 'json';
  readonly data?: string;
  /** Also what no group can run. */
  readonly group?: boolean;
}

const folderDefault = 'queries';

/** Paths as given, or the customary folder; an empty answer is a message, not silence. */
export function queryPaths(paths: readonly string[]): readonly string[] {
  const chosen = paths.length > 0 ? paths : [folderDefault];
  const missing = chosen.find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new CommandError(`there is no query file or folder "${missing}"`, exitCode.usage, 'name files or folders of .sql files');
  }
  return chosen;
}

export async function checkCommand(paths: readonly string[], options: CheckOptions): Promise<void> {
  const started = performance.now();
  const { catalog, diagnostics: found, files, locate } = await loadQueries(queryPaths(paths));
  const refused = options.group ? groupFaults(catalog, null).map(({ file, error }) => locate(file, error)) : [];
  const diagnostics = [...found, ...refused];
  const text = renderDiagnostics(diagnostics, { format: options.format, colour: styleFor(process.stdout).colour });
  if (text !== '') process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const faulty = new Set(diagnostics.map((diagnostic) => diagnostic.file)).size;
  const outcome =
    diagnostics.length === 0
      ? `no errors in ${count(catalog.queries.length, 'query', 'queries')}`
      : `${count(errors, 'error')}, ${count(warnings, 'warning')} in ${count(faulty, 'file')}`;
  process.stderr.write(`checked ${count(files, 'file')} in ${(performance.now() - started).toFixed(0)} ms: ${outcome}\n`);
  process.exitCode = errors > 0 ? exitCode.found : exitCode.good;
  if (options.data === undefined || errors > 0) return;
  const { checkRestart } = await import('./check-restart.ts');
  if (!(await checkRestart(catalog, options.data, options.format === 'json'))) process.exitCode = exitCode.found;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
