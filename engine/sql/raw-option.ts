import type { Span } from '../diagnostic.ts';
import type { Token } from './tokens.ts';

/** An option as it was written; its value unquoted. `true` when only the name stands there. */
export interface RawOption {
  readonly name: string;
  readonly value: string;
  readonly nameSpan: Span;
  readonly valueSpan: Span;
}

/** Options of the `WITH ( ... )` that PostgreSQL's parser has accepted, read from its tokens so that each has its place. */
export function readOptions(tokens: readonly Token[]): RawOption[] {
  const start = tokens.findIndex((token, index) => token.upper === 'WITH' && token.depth === 0 && tokens[index + 1]?.text === '(');
  if (start < 0) return [];
  const options: RawOption[] = [];
  let part: Token[] = [];
  for (const token of tokens.slice(start + 2)) {
    const closing = token.text === ')' && token.depth === 0;
    if (closing || (token.text === ',' && token.depth === 1)) {
      if (part.length > 0) options.push(optionOf(part));
      part = [];
      if (closing) break;
    } else part.push(token);
  }
  return options;
}

function optionOf(tokens: readonly Token[]): RawOption {
  const equals = tokens.findIndex((token) => token.text === '=');
  const names = equals < 0 ? tokens : tokens.slice(0, equals);
  const values = equals < 0 ? [] : tokens.slice(equals + 1);
  const nameSpan = { start: names[0]!.start, end: names.at(-1)!.end };
  return {
    name: names.map((token) => (token.text === '.' ? '.' : unquote(token.text))).join(''),
    value: values.length === 0 ? 'true' : values.map((token) => unquote(token.text)).join(''),
    nameSpan,
    valueSpan: values.length === 0 ? nameSpan : { start: values[0]!.start, end: values.at(-1)!.end },
  };
}

export function unquote(text: string): string {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) return text.slice(1, -1).replaceAll('""', '"');
  return text.toLowerCase();
}
