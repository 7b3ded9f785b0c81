import { loadModule, parseSync, scanSync, SqlError } from 'libpg-query';
import { QueryError } from '../diagnostic.ts';
import { bytesOfCodePoints, type SourceText } from './source-text.ts';
import { syntaxHint } from './syntax-hint.ts';

export interface Token {
  readonly text: string;
  readonly upper: string;
  /** Bytes of the file. */
  readonly start: number;
  readonly end: number;
  /** Brackets open around it; an opening bracket counts itself, a closing one does not. */
  readonly depth: number;
  readonly kind: 'keyword' | 'identifier' | 'string' | 'number' | 'symbol';
}

const commentTypes: ReadonlySet<number> = new Set([275, 276]);
const openBrackets = '([{';
const closeBrackets = ')]}';

let loading: Promise<void> | undefined;
/** Must have been awaited once before `scan` or `parseShell`. */
export function loadParser(): Promise<void> {
  loading ??= loadModule();
  return loading;
}

/** Tokens of a whole file, comments left out. Throws QueryError E0101 where a quote or comment does not end. */
export function scan(source: SourceText): Token[] {
  let raw: ReturnType<typeof scanSync>['tokens'];
  try {
    raw = scanSync(source.text).tokens;
  } catch {
    throw scannerError(source);
  }
  let depth = 0;
  const tokens: Token[] = [];
  for (const token of raw) {
    if (commentTypes.has(token.tokenType)) continue;
    if (token.text.length === 1 && openBrackets.includes(token.text)) depth++;
    if (token.text.length === 1 && closeBrackets.includes(token.text)) depth--;
    tokens.push({ text: token.text, upper: token.text.toUpperCase(), start: token.start, end: token.end, depth, kind: tokenKind(token) });
  }
  return tokens;
}

function tokenKind(token: { text: string; tokenName: string; keywordName: string }): Token['kind'] {
  if (token.keywordName !== 'NO_KEYWORD') return 'keyword';
  if (token.text.startsWith('"') || token.tokenName === 'IDENT') return 'identifier';
  if (token.tokenName === 'SCONST' || token.text.endsWith("'")) return 'string';
  return /^\.?\d/.test(token.text) ? 'number' : 'symbol';
}

/** The scanner gives no position; the parser fails on the same text with one. */
function scannerError(source: SourceText): QueryError {
  try {
    parseSync(source.text);
  } catch (error) {
    if (error instanceof SqlError && error.sqlDetails) {
      const start = bytesOfCodePoints(source.text, error.sqlDetails.cursorPosition);
      const hint = /unterminated/.test(error.message) ? { hint: 'it must end somewhere: look for its other half' } : {};
      return new QueryError('E0101', error.message, { span: { start, end: start + 1 }, ...hint });
    }
  }
  return new QueryError('E0101', 'the file cannot be read as SQL');
}

/** PostgreSQL's tree of one statement whose text begins at byte `start`. Throws QueryError E0101 on a syntax error. */
export function parseShell(shell: string, start: number, tokens: readonly Token[]): { kind: string; node: Record<string, unknown> } {
  try {
    const statement = parseSync(shell).stmts?.[0]?.stmt as Record<string, Record<string, unknown>> | undefined;
    const [kind, node] = Object.entries(statement ?? {})[0] ?? [];
    if (kind === undefined || node === undefined) throw new QueryError('E0101', 'the statement is empty');
    return { kind, node };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const at = start + bytesOfCodePoints(shell, error.sqlDetails?.cursorPosition ?? 0);
    throw syntaxError(error.message, at, tokens);
  }
}

/** A syntax error at a byte of the file, said with the token that stands there and with the usual mistake, when it is one. */
export function syntaxError(message: string, at: number, tokens: readonly Token[]): QueryError {
  const index = tokens.findIndex((token) => token.end > at);
  const token = tokens[index];
  const last = tokens.at(-1);
  if (token === undefined || message.includes('end of input')) {
    const end = last?.end ?? at;
    const hint = syntaxHint(tokens, tokens.length);
    return new QueryError('E0101', 'the statement ends too early', {
      span: { start: Math.max(0, end - 1), end },
      note: 'something is missing after this',
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const hint = syntaxHint(tokens, index);
  return new QueryError('E0101', `syntax error near "${token.text}"`, {
    span: { start: token.start, end: token.end },
    ...(hint === undefined ? {} : { hint }),
  });
}
