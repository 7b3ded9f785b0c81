import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { type Backtest, type BacktestOptions, backtest } from '../backtest/backtest.ts';
import { BacktestError } from '../backtest/backtest-error.ts';
import type { Skip } from '../backtest/measure.ts';
import { reportPage } from '../backtest/report/report-page.ts';
import type { ChosenColumns } from '../backtest/result-columns.ts';
import { Compiler } from '../compile/compiler.ts';
import { QueryError } from '../diagnostic.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { renderDiagnostics } from '../sql/diagnostic-text.ts';
import { TestFolder } from '../test-runner/test-folder.ts';
import { backtestJson, backtestText } from './backtest-text.ts';
import { queryPaths } from './check-command.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { readProgress } from './read-progress.ts';
import { styleFor } from './style.ts';

export interface BacktestFlags extends ChosenColumns {
  readonly data: readonly string[];
  readonly labels?: string;
  readonly query?: string;
  readonly out?: string;
  readonly where?: string;
  readonly column?: ReadonlyMap<string, string>;
  readonly labelColumn?: ReadonlyMap<string, string>;
  readonly series?: string;
  readonly threshold?: number;
  readonly skip?: Skip;
  readonly step?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly cache: string;
}

const skipNone: Skip = { rows: 0, share: 0 };

export async function backtestCommand(file: string, flags: BacktestFlags): Promise<void> {
  queryPaths([file]);
  if (!file.endsWith('.sql'))
    throw new CommandError(`${file} is no query file`, exitCode.usage, 'name one: millrace backtest FOLDER/NAME.sql --data PATH');
  if (flags.out !== undefined && !existsSync(dirname(flags.out)))
    throw new CommandError(
      `there is no folder ${dirname(flags.out)}`,
      exitCode.usage,
      'name a file in a folder that is there: --out report.html',
    );
  const compiler = new Compiler({ cacheDirectory: join(flags.cache, 'kernels') });
  try {
    const path = normalize(file);
    const folder = await TestFolder.load(dirname(path), compiler);
    const query = chosenQuery(folder, path, flags.query);
    if (query === null) return;
    const progress = readProgress(process.stderr, flags.quiet === true || flags.json === true);
    const result = await run(folder, query, flags, progress.update).finally(progress.end);
    if (result === null) return;
    for (const warning of result.warnings) process.stderr.write(`${styleFor(process.stderr).yellow('warning')}: ${warning}\n`);
    process.stdout.write(flags.json ? backtestJson(result) : backtestText(result, styleFor(process.stdout)));
    if (flags.out !== undefined) await write(flags.out, reportPage(result, { data: flags.data, labels: flags.labels ?? null }));
  } catch (error) {
    if (error instanceof BacktestError) throw new CommandError(error.message, exitCode.usage, error.hint);
    throw error;
  } finally {
    await compiler.close();
  }
}

/** The query meant, or null after its errors have been printed. */
function chosenQuery(folder: TestFolder, path: string, name: string | undefined): QueryDefinition | null {
  const errors = folder.errorsOf(path);
  if (errors.length > 0) {
    process.stderr.write(`${renderDiagnostics(errors, { colour: styleFor(process.stderr).colour })}\n`);
    process.exitCode = exitCode.found;
    return null;
  }
  const queries = folder.catalog.queries.filter((query) => query.file === path);
  const listed = queries.map((query) => query.name).join(', ');
  if (queries.length === 0)
    throw new CommandError(`${path} holds no query`, exitCode.usage, 'a query is CREATE MATERIALIZED VIEW name AS SELECT ...');
  if (name === undefined && queries.length > 1)
    throw new CommandError(`${path} holds ${queries.length} queries`, exitCode.usage, `say which: --query NAME, of ${listed}`);
  const found = name === undefined ? queries[0] : queries.find((query) => query.name === name);
  if (found === undefined) throw new CommandError(`${path} holds no query "${name}"`, exitCode.usage, `it holds ${listed}`);
  return found;
}

/** Null when the query cannot run, after it has been said why. */
async function run(
  folder: TestFolder,
  query: QueryDefinition,
  flags: BacktestFlags,
  onProgress: (read: number, total: number) => void,
): Promise<Backtest | null> {
  const options: BacktestOptions = {
    data: flags.data,
    where: flags.where ?? null,
    columns: flags.column ?? new Map(),
    labels: flags.labels ?? null,
    labelColumns: flags.labelColumn ?? new Map(),
    chosen: flags,
    series: flags.series?.split(',').map((name) => name.trim()) ?? null,
    threshold: flags.threshold ?? null,
    skip: flags.skip ?? skipNone,
    stepMs: flags.step ?? null,
  };
  try {
    return await backtest(folder.catalog, query, (queries) => folder.programs(queries), options, onProgress);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    process.stderr.write(`${renderDiagnostics([folder.diagnostic(error, query)], { colour: styleFor(process.stderr).colour })}\n`);
    process.exitCode = exitCode.found;
    return null;
  }
}

async function write(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new CommandError(
      `${path} cannot be written: ${(error as Error).message}`,
      exitCode.usage,
      'name a file in a folder that is there',
    );
  }
  process.stderr.write(`the report is ${path}\n`);
}
