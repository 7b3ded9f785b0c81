import type { Span } from '../diagnostic.ts';
import type { SourceText } from './source-text.ts';
import { scan, type Token } from './tokens.ts';

export interface Statement {
  readonly source: SourceText;
  readonly tokens: readonly Token[];
  readonly span: Span;
  /** Where its SELECT begins, up to the statement's end (empty when it should be there and is not); null when it needs none. */
  readonly body: Span | null;
}

const queryStarts: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'FROM', 'VALUES', 'TABLE', '(']);

/** Cuts a file at its top-level semicolons and finds where each statement's SELECT begins. Throws QueryError on text that is no SQL. */
export function splitStatements(source: SourceText): Statement[] {
  const statements: Statement[] = [];
  let current: Token[] = [];
  const finish = (): void => {
    if (current.length > 0) statements.push(statementOf(source, current));
    current = [];
  };
  for (const token of scan(source)) {
    if (token.text === ';') finish();
    else current.push(token);
  }
  finish();
  return statements.map(withOwnDepth);
}

/** A bracket left open in one statement must not swallow the next. */
function withOwnDepth(statement: Statement): Statement {
  const base = statement.tokens[0]!;
  const offset = base.depth - (base.text === '(' ? 1 : 0);
  if (offset === 0) return statement;
  return statementOf(
    statement.source,
    statement.tokens.map((token) => ({ ...token, depth: token.depth - offset })),
  );
}

function statementOf(source: SourceText, tokens: readonly Token[]): Statement {
  const span = { start: tokens[0]!.start, end: tokens.at(-1)!.end };
  const bodyIndex = findBody(tokens);
  if (bodyIndex === null) return { source, tokens, span, body: null };
  return { source, tokens, span, body: { start: tokens[bodyIndex]?.start ?? span.end, end: span.end } };
}

/** Index of the first token of the SELECT; tokens.length when it should be there and is not. */
function findBody(tokens: readonly Token[]): number | null {
  const first = tokens[0]!.upper;
  if (queryStarts.has(first)) return 0;
  const top = tokens.map((token, index) => ({ token, index })).filter(({ token }) => token.depth === 0 && token.kind !== 'symbol');
  if (first === 'CREATE') {
    const kind = top.slice(0, 6).find(({ token }) => ['VIEW', 'TABLE', 'FUNCTION', 'MATERIALIZED'].includes(token.upper));
    if (kind === undefined || kind.token.upper === 'FUNCTION') return null;
    const as = top.find(({ token }) => token.upper === 'AS');
    return as === undefined ? null : as.index + 1;
  }
  if (first !== 'INSERT') return null;
  return top.find(({ token, index }) => index > 1 && queryStarts.has(token.upper))?.index ?? null;
}
