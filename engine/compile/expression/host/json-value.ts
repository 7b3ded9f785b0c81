/** A JSON value, read as DuckDB reads it: keys in their order, twice when they come twice; numbers as written when nothing else holds them. */
export type JsonValue =
  | { readonly kind: 'null' | 'true' | 'false' }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonValue])[] };

const depthMax = 1000;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const infinitePattern = /-?(?:nan|inf(?:inity)?)/iy;

/** Undefined for what is no JSON. A comma may stand before a closing bracket; NaN and infinities are numbers. */
export function parseJson(text: string): JsonValue | undefined {
  const reader = new JsonReader(text);
  const value = reader.value(0);
  return value !== undefined && reader.ended() ? value : undefined;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  ended(): boolean {
    this.#space();
    return this.#at === this.#text.length;
  }

  value(depth: number): JsonValue | undefined {
    this.#space();
    if (depth > depthMax) return undefined;
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"': {
        const text = this.#string();
        return text === undefined ? undefined : { kind: 'string', text };
      }
      case 't':
        return this.#word('true');
      case 'f':
        return this.#word('false');
      case 'n':
        return this.#word('null') ?? this.#number();
      default:
        return this.#number();
    }
  }

  #space(): void {
    while (this.#at < this.#text.length && ' \t\n\r'.includes(this.#text[this.#at] as string)) this.#at++;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #word(word: 'true' | 'false' | 'null'): JsonValue | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined;
    this.#at += word.length;
    return { kind: word };
  }

  #number(): JsonValue | undefined {
    for (const pattern of [numberPattern, infinitePattern]) {
      pattern.lastIndex = this.#at;
      const match = pattern.exec(this.#text);
      if (match === null) continue;
      this.#at += match[0].length;
      return { kind: 'number', text: match[0] };
    }
    return undefined;
  }

  #string(): string | undefined {
    const from = ++this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 34) {
        const body = this.#text.slice(from, this.#at++);
        return body.includes('\\') ? unescaped(body) : body;
      }
      if (code < 32) return undefined;
      if (code === 92) this.#at++;
    }
    return undefined;
  }

  #array(depth: number): JsonValue | undefined {
    const items: JsonValue[] = [];
    this.#at++;
    while (!this.#take(']')) {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#take(',')) continue;
      if (!this.#take(']')) return undefined;
      break;
    }
    return { kind: 'array', items };
  }

  #object(depth: number): JsonValue | undefined {
    const entries: [string, JsonValue][] = [];
    this.#at++;
    while (!this.#take('}')) {
      if (this.#text[this.#at] !== '"') return undefined;
      const key = this.#string();
      if (key === undefined || !this.#take(':')) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      entries.push([key, value]);
      if (this.#take(',')) continue;
      if (!this.#take('}')) return undefined;
      break;
    }
    return { kind: 'object', entries };
  }
}

/** Undefined for an escape that JSON does not have. */
function unescaped(body: string): string | undefined {
  try {
    return JSON.parse(`"${body}"`) as string;
  } catch {
    return undefined;
  }
}

const signed64 = [-(1n << 63n), (1n << 64n) - 1n] as const;

/** What json_type says. */
export function jsonType(value: JsonValue): string {
  switch (value.kind) {
    case 'null':
      return 'NULL';
    case 'true':
    case 'false':
      return 'BOOLEAN';
    case 'string':
      return 'VARCHAR';
    case 'array':
      return 'ARRAY';
    case 'object':
      return 'OBJECT';
    case 'number':
      if (!isInteger(value.text)) return 'DOUBLE';
      return value.text.startsWith('-') ? 'BIGINT' : 'UBIGINT';
  }
}

/** Digits only, and 64 bits hold them. */
function isInteger(text: string): boolean {
  if (!/^-?\d+$/.test(text) || text === '-0') return false;
  const number = BigInt(text);
  return number >= signed64[0] && number <= signed64[1];
}

/** Text without spaces, numbers in their shortest form. */
export function jsonText(value: JsonValue): string {
  switch (value.kind) {
    case 'number':
      return numberText(value.text);
    case 'string':
      return quoted(value.text);
    case 'array':
      return `[${value.items.map(jsonText).join(',')}]`;
    case 'object':
      return `{${value.entries.map(([key, entry]) => `${quoted(key)}:${jsonText(entry)}`).join(',')}}`;
    default:
      return value.kind;
  }
}

function numberText(text: string): string {
  if (isInteger(text)) return text;
  const number = Number(text);
  // Integers of more than 64 bits, and what no double holds, stay as they are written.
  if (!Number.isFinite(number) || (/^-?\d+$/.test(text) && text !== '-0')) return text;
  const shortest = Object.is(number, -0) ? '-0' : String(number).replace('e+', 'e');
  return /[.e]/.test(shortest) ? shortest : `${shortest}.0`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
    return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** A key of an object, or a place in an array (below 0 from the end); `either`: a number that a JSON pointer may mean as both. */
export type JsonStep = { readonly key: string } | { readonly index: number } | { readonly either: string };

/** The steps of a path; null for one with wildcards or in no known form. `$.a[0]`, `/a/0`, or a key. */
export function parseJsonPath(path: string): JsonStep[] | null {
  if (path === '') return [];
  if (path.startsWith('/')) {
    const tokens = path
      .slice(1)
      .split('/')
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    return tokens.map((token) => (/^\d+$/.test(token) ? { either: token } : { key: token }));
  }
  if (!path.startsWith('$')) return [{ key: path }];
  const steps: JsonStep[] = [];
  const step = /\.(?:"([^"]*)"|([^."[*]+))|\[(\d+)\]|\[#-(\d+)\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return null;
    const [, quotedKey, key, index, fromEnd] = match;
    if (index !== undefined) steps.push({ index: Number(index) });
    else if (fromEnd !== undefined) steps.push({ index: -Number(fromEnd) });
    else steps.push({ key: quotedKey ?? (key as string) });
  }
  return steps;
}

export function jsonAt(value: JsonValue, steps: readonly JsonStep[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of steps) {
    if (at === undefined) return undefined;
    at = stepInto(at, step);
  }
  return at;
}

function stepInto(value: JsonValue, step: JsonStep): JsonValue | undefined {
  if (value.kind === 'object') {
    const key = 'key' in step ? step.key : 'either' in step ? step.either : null;
    return key === null ? undefined : value.entries.find(([name]) => name === key)?.[1];
  }
  if (value.kind !== 'array' || 'key' in step) return undefined;
  const index = 'either' in step ? Number(step.either) : step.index;
  return index < 0 ? value.items[value.items.length + index] : value.items[index];
}
