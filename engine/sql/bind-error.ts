import { QueryError, type Span } from '../diagnostic.ts';
import type { DuckError } from '../plan/adapt/duckdb-plan.ts';
import { nearestHint, nearestName } from './options.ts';
import { bytesOfCodePoints, type SourceText } from './source-text.ts';
import { syntaxError, type Token } from './tokens.ts';

export interface BindSite {
  readonly source: SourceText;
  readonly body: Span;
  readonly tokens: readonly Token[];
  /** What the SELECT reads, for hints. */
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[];
}

/** DuckDB's binding error in our words, at its place. */
export function bindError(error: DuckError, site: BindSite): QueryError {
  const { source, body, tokens } = site;
  const text = source.slice(body.start, body.end);
  if (error.error_type === 'parser') {
    return syntaxError(error.error_message, body.start + bytesOfCodePoints(text, Number(error.position ?? 0)), tokens);
  }
  const span = placeOf(error, site);
  const message = plainMessage(error.error_message);
  const first = message.split('\n')[0] ?? message;
  const near = suggestion(error);
  const say = (code: string, text: string, more: { note?: string; hint?: string } = {}): QueryError =>
    new QueryError(code, text, { span, ...more });
  const window = windowCallError(error, site, span);
  if (window !== null) return window;
  switch (error.error_subtype) {
    case 'COLUMN_NOT_FOUND':
      return unknownColumn(error.name ?? '', site, span);
    case 'NO_MATCHING_FUNCTION':
      return noMatchingFunction(error, message, span);
    case 'MISSING_ENTRY':
      if (/^(scalar|aggregate|table) function|function with name/i.test(first))
        return say('E0203', `unknown function "${error.name ?? ''}"`, near);
      return say('E0202', `unknown table "${error.name ?? ''}"`, {
        ...near,
        ...(near.hint === undefined ? { hint: 'declare it with CREATE TABLE, or create a view of this name' } : {}),
      });
    default:
      break;
  }
  const missing = /^Table "([^"]+)" does not have a column named "([^"]+)"/.exec(first);
  if (missing !== null) return unknownColumn(missing[2] ?? '', site, tokenNamed(missing[2] ?? '', site) ?? span);
  if (/must appear in the GROUP BY clause/.test(first)) {
    const column = /column "([^"]+)"/.exec(first)?.[1] ?? '';
    return say('E0208', `column "${column}" is neither grouped nor aggregated`, {
      hint: `add ${column} to GROUP BY, or take any_value(${column})`,
    });
  }
  if (/Ambiguous reference/.test(first)) {
    const column = /column name "([^"]+)"/.exec(first)?.[1] ?? '';
    return say('E0204', `column "${column}" is in more than one table`, { hint: rest(message) ?? 'write the table before it' });
  }
  const code = error.error_type === 'conversion' ? 'E0207' : 'E0209';
  const hint = /WHERE clause cannot contain aggregates/.test(first) ? 'compare aggregates in HAVING' : rest(message);
  return say(code, first, hint === undefined ? {} : { hint });
}

/** The token at DuckDB's position; where it names something, the first place of that name after it. */
function placeOf(error: DuckError, site: BindSite): Span | undefined {
  const { body, tokens } = site;
  if (error.position === undefined) return namedOnce(error, site);
  const at = body.start + Number(error.position);
  const index = tokens.findIndex((token) => token.end > at);
  const token = tokens[index];
  if (token === undefined) return undefined;
  const name = error.name?.toLowerCase();
  if (name !== undefined && token.text.toLowerCase() !== name) {
    // DuckDB points at the call or at the table before it: the name is what is wrong.
    const own = tokens.slice(index).find((each) => each.text.replaceAll('"', '').toLowerCase() === name);
    if (own !== undefined) return { start: own.start, end: own.end };
  }
  return { start: token.start, end: token.end };
}

function namedOnce(error: DuckError, site: BindSite): Span | undefined {
  const name = error.name ?? /"([^"]+)"/.exec(error.error_message)?.[1];
  return name === undefined ? undefined : tokenNamed(name, site);
}

function tokenNamed(name: string, { tokens, body }: BindSite): Span | undefined {
  const token = tokens.find((each) => each.start >= body.start && each.text.replaceAll('"', '').toLowerCase() === name.toLowerCase());
  return token === undefined ? undefined : { start: token.start, end: token.end };
}

function unknownColumn(name: string, { tables }: BindSite, span: Span | undefined): QueryError {
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const near = nearestHint(name, columns);
  const hint = near ?? (columns.length === 0 ? undefined : `columns: ${columns.join(', ')}`);
  const where = tables.map((table) => table.name).join(' nor in ');
  return new QueryError('E0204', `unknown column "${name}"`, {
    span,
    ...(where === '' ? {} : { note: `not in ${where}` }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Names of the binder's stand-ins, and of our tables as DuckDB qualifies them, are nobody's business. */
function plainMessage(message: string): string {
  return message
    .replace(/__(tumble|hop|session)_(start|end)/g, '$1')
    .replaceAll('memory.main.', '')
    .replace(/^(Binder|Catalog|Conversion|Parser|Invalid Input) Error: /, '')
    .replace(/\bINTEGER_LITERAL\b/g, 'INTEGER')
    .replace(/\bSTRING_LITERAL\b/g, 'VARCHAR')
    .replace(/!+$/gm, '');
}

function rest(message: string): string | undefined {
  const lines = message
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('LINE ') && !/^\^+$/.test(line));
  return lines.length === 0 ? undefined : lines.slice(0, 3).join('; ');
}

/** One candidate that is close: DuckDB lists what is like it, best first. */
function suggestion(error: DuckError): { hint?: string } {
  const hinted = /Did you mean "([^"]+)"/.exec(error.error_message)?.[1];
  const candidates = (error.candidates ?? '')
    .split(',')
    .map((each) => each.trim().replaceAll('"', ''))
    .filter((each) => each !== '');
  const name = error.name ?? '';
  const near = nearestOf(name, hinted === undefined ? candidates : [hinted.replace(/^(memory\.)?main\./, '')]);
  return near === null ? {} : { hint: `did you mean "${near}"?` };
}

function nearestOf(name: string, candidates: readonly string[]): string | null {
  return nearestName(
    name,
    candidates.map((each) => each.split('.').at(-1) ?? each),
  );
}

function noMatchingFunction(error: DuckError, message: string, span: Span | undefined): QueryError {
  const call = /'([^']+)'/.exec(message)?.[1] ?? error.name ?? '';
  const types = /\((.*)\)/.exec(call)?.[1] ?? '';
  const name = error.name ?? '';
  const isOperator = !/^[a-z_]/i.test(name);
  const accepted = (error.candidates ?? '').match(/[^,(]*\([^)]*\)[^,]*/g)?.map((each) => each.trim()) ?? [];
  const forms = isOperator
    ? 'cast one side: CAST(x AS ...)'
    : `it takes ${accepted.slice(0, 3).join(' or ')}${accepted.length > 3 ? ', ...' : ''}`;
  return new QueryError(
    'E0203',
    isOperator ? `"${name}" cannot take ${types.replaceAll(',', ' and')}` : `${name}() cannot take (${types})`,
    { span, hint: forms },
  );
}

const windowForms: Readonly<Record<string, string>> = {
  tumble: "tumble(table, time column, INTERVAL '1 minute')",
  hop: "hop(table, time column, INTERVAL '1 minute', INTERVAL '5 minutes'): first the slide, then the size",
  session: "session(table, time column, key, INTERVAL '30 seconds'); several keys as (a, b)",
};

/** Errors that come from the macros behind tumble, hop and session. */
function windowCallError(error: DuckError, site: BindSite, span: Span | undefined): QueryError | null {
  const named = /__(tumble|hop|session)_(?:start|end)|Macro "?(tumble|hop|session)"?/.exec(error.error_message);
  const kind = named?.[1] ?? named?.[2];
  if (kind === undefined) return null;
  const types = /'__\w+\(([^']*)\)'/.exec(error.error_message)?.[1]?.replaceAll('_LITERAL', '');
  const call = windowCallSpan(kind, site) ?? span;
  return new QueryError('E0210', types === undefined ? `${kind}() has the wrong arguments` : `${kind}() cannot take (${types})`, {
    span: call,
    hint: windowForms[kind] ?? '',
  });
}

function windowCallSpan(kind: string, { tokens, body }: BindSite): Span | undefined {
  const calls = tokens.filter(
    (token, index) => token.start >= body.start && token.text.toLowerCase() === kind && tokens[index + 1]?.text === '(',
  );
  const [only] = calls;
  return calls.length === 1 && only !== undefined ? { start: only.start, end: only.end } : undefined;
}
