import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compileQuery } from '../compile/compile-query.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { planJson, printPlan } from '../plan/print-plan.ts';
import { renderDiagnostics } from '../sql/diagnostic-text.ts';
import { count, queryPaths } from './check-command.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { loadQueries } from './load-queries.ts';
import { styleFor } from './style.ts';

export interface ExplainOptions {
  readonly plan?: boolean;
  readonly kernel?: boolean;
  readonly json?: boolean;
  readonly with?: readonly string[];
  /** Name of a group: how it runs the queries. */
  readonly group?: string;
  readonly lanes?: number;
}

export async function explainCommand(file: string, options: ExplainOptions): Promise<void> {
  if (/^E\d{4}$/i.test(file)) {
    process.stdout.write(explainCode(file.toUpperCase()));
    return;
  }
  queryPaths([file]);
  if (statSync(file).isDirectory())
    throw new CommandError(`${file} is a folder`, exitCode.usage, 'name one of its files: millrace explain FOLDER/NAME.sql');
  const around = options.with ?? [dirname(file)];
  const { catalog, diagnostics } = await loadQueries([...new Set([file, ...queryPaths(around)])]);
  const own = diagnostics.filter((diagnostic) => resolve(diagnostic.file) === resolve(file));
  if (own.length > 0) process.stderr.write(`${renderDiagnostics(own, { format: 'text', colour: styleFor(process.stderr).colour })}\n`);
  if (own.some((diagnostic) => diagnostic.severity === 'error')) {
    process.exitCode = exitCode.found;
    return;
  }
  const queries = catalog.queries.filter((query) => resolve(query.file) === resolve(file));
  if (queries.length === 0)
    throw new CommandError(
      `${file} holds no query`,
      exitCode.usage,
      'a query is CREATE MATERIALIZED VIEW ... AS SELECT or INSERT INTO ... SELECT',
    );
  if (options.group !== undefined) {
    const { explainGroup } = await import('./explain-group.ts');
    process.exitCode = (await explainGroup(catalog, queries, { ...options, group: options.group })) ? exitCode.good : exitCode.found;
    return;
  }
  if (options.lanes !== undefined) throw new CommandError('--lanes is for the lanes of a group', exitCode.usage, 'name it: --group NAME');
  if (options.json) process.stdout.write(`${JSON.stringify({ v: 1, queries: queries.map(asJson) }, null, 2)}\n`);
  else for (const query of queries) process.stdout.write(options.kernel ? kernelText(query) : planText(query));
}

function planText(query: QueryDefinition): string {
  const style = styleFor(process.stdout);
  const head = `${style.bold(query.id)}   ${style.cyan(`${query.file}:${query.line}`)}   reads ${query.reads.join(', ')}; ${count(query.schema.length, 'column')}`;
  return `${head}\n\n${printPlan(query)}\n\n`;
}

function asJson(query: QueryDefinition): object {
  return { id: query.id, file: query.file, line: query.line, reads: query.reads, event_time: query.eventTime, plan: planJson(query) };
}

function kernelText(query: QueryDefinition): string {
  return `// ${query.id}   ${query.file}:${query.line}\n${compileQuery(query).source}\n`;
}

/** The section of docs/errors.md that speaks of a code. */
function explainCode(code: string): string {
  const page = join(import.meta.dirname, '..', '..', 'docs', 'errors.md');
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.includes(code));
  if (start < 0) throw new CommandError(`there is no error code ${code}`, exitCode.usage, 'codes are listed in docs/errors.md');
  const isHeading = lines[start]?.startsWith('#') ?? false;
  const end = lines.findIndex((line, index) => index > start && line.startsWith('#'));
  return `${(isHeading ? lines.slice(start, end < 0 ? undefined : end) : [lines[start]]).join('\n').trim()}\n`;
}
