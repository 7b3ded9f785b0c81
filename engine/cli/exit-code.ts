/** What the shell is told. Documented in docs/command-line.md. */
export const exitCode = {
  good: 0,
  /** It ran and found something: errors in query files, failed tests. */
  found: 1,
  /** Wrong use: flags, a missing file, a port in use, a data folder in use. */
  usage: 2,
  /** The engine failed: I/O, full disk, a bug. */
  failure: 3,
  interrupted: 130,
} as const;

/** Ends a command with one message on standard error, a hint and an exit code. */
export class CommandError extends Error {
  readonly code: number;
  readonly hint: string | undefined;
  constructor(message: string, code: number, hint?: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.hint = hint;
  }
}
