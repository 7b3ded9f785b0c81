import type { Span } from '../diagnostic.ts';
import type { Places } from '../plan/adapt/context.ts';
import { unquote } from './raw-option.ts';
import type { Token } from './tokens.ts';

/** Above this a `query_location` means that there is none. */
const locationMax = 2 ** 40;

/**
 * Places in a SELECT body. DuckDB's locations are bytes of the body, but those of expressions that come from one of its own macros
 * count in the macro's text: a location counts only where a token begins.
 */
export class BodyPlaces implements Places {
  readonly #tokens: readonly Token[];
  readonly #bodyStart: number;
  readonly #given = new Map<string, number>();

  constructor(tokens: readonly Token[], body: Span) {
    this.#tokens = tokens.filter((token) => token.start >= body.start);
    this.#bodyStart = body.start;
  }

  at(location: number | bigint | undefined, word?: string): Span | undefined {
    if (location === undefined || Number(location) > locationMax) return undefined;
    const start = this.#bodyStart + Number(location);
    const index = this.#tokens.findIndex((token) => token.start === start);
    const token = this.#tokens[index];
    if (token === undefined || (word !== undefined && token.upper !== word)) return undefined;
    return this.#callFrom(index) ?? { start: token.start, end: token.end };
  }

  column(name: string | undefined): Span | undefined {
    if (name === undefined || name === '') return undefined;
    const found = this.#named(name).filter((index) => this.#tokens[index + 1]?.text !== '(' && this.#tokens[index - 1]?.upper !== 'AS');
    return found.length === 1 ? this.#span(found[0]!) : undefined;
  }

  call(name: string): Span | undefined {
    const written = name === 'count_star' ? 'count' : name;
    const calls = this.#named(written).filter((index) => this.#tokens[index + 1]?.text === '(');
    return this.#next(`${name}(`, calls, (index) => this.#callFrom(index));
  }

  table(name: string): Span | undefined {
    const found = this.#named(name).filter((index) => {
      const before = this.#tokens[index - 1];
      return before !== undefined && ['FROM', 'JOIN', ',', '('].includes(before.upper) && this.#tokens[index + 1]?.text !== '.';
    });
    return this.#next(`from ${name}`, found, (index) => this.#span(index));
  }

  keyword(word: string): Span | undefined {
    const found = this.#tokens.flatMap((token, index) =>
      token.upper === word && token.kind === 'keyword' && this.#tokens[index - 1]?.upper !== 'WITHIN' ? [index] : [],
    );
    return this.#next(word, found, (index) => this.#span(index));
  }

  window(kind: string, inside: Span | undefined): Span | undefined {
    const calls = this.#named(kind).flatMap((index) => {
      const span = this.#tokens[index + 1]?.text === '(' ? this.#callFrom(index) : undefined;
      return span === undefined ? [] : [span];
    });
    if (inside === undefined) return calls.length === 1 ? calls[0] : undefined;
    return calls.find((span) => span.start <= inside.start && inside.end <= span.end);
  }

  /** The first, at the next call the second; the last again when there are no more. */
  #next(key: string, found: readonly number[], span: (index: number) => Span | undefined): Span | undefined {
    const count = this.#given.get(key) ?? 0;
    this.#given.set(key, count + 1);
    const index = found[Math.min(count, found.length - 1)];
    return index === undefined ? undefined : span(index);
  }

  #named(name: string): number[] {
    const lower = name.toLowerCase();
    return this.#tokens.flatMap((token, index) =>
      (token.kind === 'identifier' || token.kind === 'keyword') && unquote(token.text).toLowerCase() === lower ? [index] : [],
    );
  }

  #span(index: number): Span {
    return { start: this.#tokens[index]!.start, end: this.#tokens[index]!.end };
  }

  /** From a function's name to the parenthesis that closes its arguments. */
  #callFrom(index: number): Span | undefined {
    const name = this.#tokens[index];
    const open = this.#tokens[index + 1];
    if (name === undefined || open?.text !== '(' || (name.kind !== 'identifier' && name.kind !== 'keyword')) return undefined;
    const close = this.#tokens.findIndex((token, at) => at > index + 1 && token.text === ')' && token.depth === open.depth - 1);
    return close < 0 ? undefined : { start: name.start, end: this.#tokens[close]!.end };
  }
}
