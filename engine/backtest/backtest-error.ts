/** What a person who backtests can set right: data, labels, options. */
export class BacktestError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'BacktestError';
    this.hint = hint;
  }
}

/** Without the lines in which DuckDB shows a statement that its user has not written. */
export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
