import type { SqlRequest, SqlResult } from '../store/store.ts';
import { SqlError } from '../store/store.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { openSqlAccess } from './sql-access.ts';
import { readStandardInput } from './standard-input.ts';
import { styleFor } from './style.ts';
import { hiddenColumns, renderTable } from './text-table.ts';

export interface SqlOptions {
  readonly data: string;
  readonly format?: 'table' | 'tsv' | 'json' | 'ndjson' | 'csv' | 'arrow' | 'parquet';
  readonly limit: number;
  readonly timeout: number;
  readonly rows?: string;
}

const tableRowsDefault = 40;

export async function sqlCommand(statement: string | undefined, options: SqlOptions): Promise<void> {
  const sql = statement === undefined || statement === '-' ? await readStandardInput() : statement;
  if (sql.trim() === '') throw new CommandError('no statement given', exitCode.usage, 'millrace sql "SELECT ..."');
  const format = options.format ?? (process.stdout.isTTY ? 'table' : 'tsv');
  const request: SqlRequest = { sql, rowsMax: options.limit, timeoutMs: options.timeout };
  const access = await openSqlAccess(options.data);
  try {
    if (format === 'csv' || format === 'arrow' || format === 'parquet') await writeBytes(access.export(request, format));
    else print(await access.query(request), format, options.rows);
  } catch (error) {
    if (error instanceof SqlError) throw new CommandError(withCaret(sql, error), exitCode.found, error.hint);
    throw error;
  } finally {
    await access.close();
  }
}

async function writeBytes(bytes: Promise<Uint8Array>): Promise<void> {
  const data = await bytes;
  await new Promise<void>((resolve, reject) => process.stdout.write(data, (error) => (error ? reject(error) : resolve())));
}

function print(result: SqlResult, format: 'table' | 'tsv' | 'json' | 'ndjson', rows: string | undefined): void {
  if (format === 'table') printTable(result, rows);
  else if (format === 'tsv') printTsv(result);
  else {
    const objects = result.rows.map((row) =>
      JSON.stringify(Object.fromEntries(result.columns.map((column, index) => [column.name, row[index]]))),
    );
    process.stdout.write(format === 'json' ? `[${objects.join(',\n ')}]\n` : objects.map((line) => `${line}\n`).join(''));
  }
  if (result.truncated) process.stderr.write(`only the first ${result.rows.length} rows are shown; --limit gives more\n`);
}

function printTable(result: SqlResult, rows: string | undefined): void {
  const shown = rows === 'all' ? Number.POSITIVE_INFINITY : Number(rows ?? tableRowsDefault);
  if (!(shown > 0)) throw new CommandError(`--rows ${rows} is not a number of rows`, exitCode.usage);
  const width = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  process.stdout.write(renderTable(result, shown, width, styleFor(process.stdout)));
  const hidden = hiddenColumns(result, width);
  const folded = result.rows.length > shown ? ` (${shown} shown, --rows all)` : '';
  const columns = hidden > 0 ? `, ${result.columns.length - hidden} of ${result.columns.length} columns (the terminal is too narrow)` : '';
  process.stderr.write(
    styleFor(process.stderr).dim(
      `${result.rows.length} ${result.rows.length === 1 ? 'row' : 'rows'}${folded}${columns}   ${result.ms.toFixed(0)} ms`,
    ),
  );
  process.stderr.write('\n');
}

/** Exact values, a header, tab-separated; tabs, line ends and backslashes escaped, NULL empty. */
function printTsv(result: SqlResult): void {
  const plain = (value: unknown) =>
    value === null || value === undefined
      ? ''
      : (typeof value === 'object' ? JSON.stringify(value) : String(value))
          .replaceAll('\\', '\\\\')
          .replaceAll('\t', '\\t')
          .replaceAll('\n', '\\n')
          .replaceAll('\r', '\\r');
  const lines = [result.columns.map((column) => column.name), ...result.rows.map((row) => row.map(plain))];
  process.stdout.write(lines.map((line) => `${line.join('\t')}\n`).join(''));
}

function withCaret(sql: string, error: SqlError): string {
  if (error.position === undefined) return error.message;
  const before = [...sql].slice(0, error.position);
  const line = before.filter((character) => character === '\n').length;
  const column = before.length - (before.lastIndexOf('\n') + 1);
  const text = sql.split('\n')[line] ?? '';
  const gutter = String(line + 1);
  return `${error.message}\n  --> <sql>:${gutter}:${column + 1}\n   |\n ${gutter} | ${text}\n   | ${' '.repeat(column)}^`;
}
