import { distance } from 'fastest-levenshtein';
import type { Token } from './tokens.ts';

const expectedKeywords = [
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP',
  'ORDER',
  'HAVING',
  'CREATE',
  'TABLE',
  'VIEW',
  'MATERIALIZED',
  'INSERT',
  'INTO',
  'JOIN',
  'WITH',
  'VALUES',
  'INTERVAL',
  'BETWEEN',
  'PARTITION',
  'OVER',
  'WINDOW',
  'PRIMARY',
  'FILTER',
  'QUALIFY',
  'UNION',
  'DISTINCT',
  'FUNCTION',
] as const;
const clauseStarts: ReadonlySet<string> = new Set(['FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'WINDOW', 'QUALIFY', ')']);
/** Tokens looked at before the one that the parser stopped at: a misspelt keyword often passes as an alias. */
const lookBack = 3;

/** What a person probably meant, when the parser stopped at `tokens[index]`. */
export function syntaxHint(tokens: readonly Token[], index: number): string | undefined {
  const misspelt = misspeltKeyword(tokens, index);
  if (misspelt !== undefined) return misspelt;
  const token = tokens[index];
  const before = tokens[index - 1];
  if (token === undefined) return unclosed(tokens);
  if (before?.text === ',' && clauseStarts.has(token.upper)) return `remove the comma before ${token.upper}`;
  if (before?.text === ',' && token.text === ',') return 'there is one comma too many';
  if (before === undefined) return undefined;
  const opened = tokens.slice(0, index).filter((each) => each.text === '(').length;
  const closed = tokens.slice(0, index).filter((each) => each.text === ')').length;
  if (opened > closed && clauseStarts.has(token.upper) && token.text !== ')') return 'a closing parenthesis is missing before this';
  if (endsValue(before) && startsValue(token)) return 'a comma is missing before this';
  return undefined;
}

function misspeltKeyword(tokens: readonly Token[], index: number): string | undefined {
  for (let back = 0; back <= lookBack; back++) {
    const token = tokens[index - back];
    if (token === undefined || token.kind !== 'identifier' || token.text.startsWith('"')) continue;
    const keyword = expectedKeywords.find((each) => isMisspelling(token.upper, each));
    if (keyword !== undefined) return `did you mean ${keyword} instead of "${token.text}"?`;
  }
  return undefined;
}

/** Two letters swapped, or one wrong, missing or doubled. */
function isMisspelling(word: string, keyword: string): boolean {
  if (word.length < 3 || Math.abs(word.length - keyword.length) > 1) return false;
  const sameLetters = [...word].sort().join('') === [...keyword].sort().join('');
  return word !== keyword && (distance(word, keyword) === 1 || (sameLetters && distance(word, keyword) === 2));
}

function unclosed(tokens: readonly Token[]): string | undefined {
  const depth = tokens.filter((each) => each.text === '(').length - tokens.filter((each) => each.text === ')').length;
  return depth > 0 ? 'a closing parenthesis is missing' : undefined;
}

function endsValue(token: Token): boolean {
  return token.kind === 'identifier' || token.kind === 'string' || token.kind === 'number' || token.text === ')';
}

function startsValue(token: Token): boolean {
  return (
    token.kind === 'identifier' || token.kind === 'string' || token.kind === 'number' || token.kind === 'keyword' || token.text === '('
  );
}
