/** Bytes [start, end) of a query file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** `E0204`: stable, explained in docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly file: string;
  /** From 1; columns count code points. */
  readonly line: number;
  readonly column: number;
  /** Code points under the caret; at least 1. */
  readonly length: number;
  readonly sourceLine: string;
  /** What stands beside the caret: `not in http_logs`. */
  readonly note?: string;
  readonly hint?: string;
}

/** Thrown by whatever finds a fault in a query file; the file's loader turns the span into a line and column. */
export class QueryError extends Error {
  readonly code: string;
  readonly span: Span | undefined;
  readonly note: string | undefined;
  readonly hint: string | undefined;
  constructor(code: string, message: string, where: { span?: Span | undefined; note?: string; hint?: string } = {}) {
    super(message);
    this.name = 'QueryError';
    this.code = code;
    this.span = where.span;
    this.note = where.note;
    this.hint = where.hint;
  }
}
