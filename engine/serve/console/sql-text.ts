import { element } from './dom.ts';

const keywords = new Set(
  `all alert and any as asc between by case cast count create cross desc distinct else emit end exists false filter first following from full group
  having hop ilike in inner insert interval into is join last lateral left like limit materialized not null nulls offset on or order outer over partition
  preceding qualify range replace right row rows select session sliding table then true try_cast tumble union unnest using values view when where window with`
    .split(/\s+/)
    .filter(Boolean),
);

interface Token {
  readonly text: string;
  readonly kind: '' | 'keyword' | 'text' | 'number' | 'comment';
}

const pattern = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\d+(?:\.\d+)?|\w+|\s+|./gsu;

function tokens(sql: string): Token[] {
  return (sql.match(pattern) ?? []).map((text) => ({ text, kind: kindOf(text) }));
}

function kindOf(text: string): Token['kind'] {
  if (text.startsWith('--') || text.startsWith('/*')) return 'comment';
  if (text.startsWith("'")) return 'text';
  if (/^\d/.test(text)) return 'number';
  return keywords.has(text.toLowerCase()) ? 'keyword' : '';
}

type Clause = readonly [start: number, end: number];
const clauseWords = new Set([
  'select',
  'from',
  'where',
  'group',
  'having',
  'qualify',
  'window',
  'order',
  'limit',
  'union',
  'except',
  'intersect',
]);

/** Clauses of the statement and of its subqueries, each without the space after it. Those inside come before those around them. */
function clausesOf(sql: string): Clause[] {
  const found: Clause[] = [];
  const open: (number | null)[] = [null];
  let at = 0;
  let filled = 0;
  const close = () => {
    const start = open.at(-1) ?? null;
    if (start !== null) found.push([start, filled]);
  };
  for (const { text, kind } of tokens(sql)) {
    const word = text.toLowerCase();
    if (text === '(') open.push(null);
    else if (text === ')' && open.length > 1) {
      close();
      open.pop();
    } else if (kind !== 'text' && kind !== 'comment' && (clauseWords.has(word) || text === ';')) {
      // FILTER (WHERE ...) is no clause of the query.
      const isFilter = word === 'where' && open.length > 1 && open.at(-1) === null;
      if (!isFilter) {
        close();
        open[open.length - 1] = text === ';' ? null : at;
      }
    }
    at += text.length;
    if (text.trim() !== '' && kind !== 'comment') filled = at;
  }
  while (open.length > 0) {
    close();
    open.pop();
  }
  return found;
}

function clauseAt(clauses: readonly Clause[], place: Clause): Clause {
  return clauses.find(([start, end]) => start <= place[0] && place[0] < end) ?? place;
}

interface Piece {
  readonly root: HTMLElement;
  readonly start: number;
  readonly end: number;
}

/** SQL with line numbers, of which a span can be lit. Offsets count UTF-16 units of the text. */
export class SqlText {
  readonly root: HTMLElement;
  readonly #pieces: Piece[] = [];
  readonly #clauses: readonly Clause[];

  constructor(sql: string, firstLine = 1) {
    this.root = element('pre', { class: 'sql', tabindex: 0, 'aria-label': 'SQL of the query' });
    this.#clauses = clausesOf(sql);
    let number = firstLine;
    const newLine = () => {
      const made = element('span', { class: 'line', 'data-line': number++ });
      this.root.append(made);
      return made;
    };
    let line = newLine();
    let at = 0;
    for (const { text, kind } of tokens(sql.trimEnd())) {
      for (const [index, part] of text.split('\n').entries()) {
        if (index > 0) {
          line = newLine();
          at += 1;
        }
        if (part !== '') line.append(this.#piece(part, kind, at));
        at += part.length;
      }
    }
  }

  /** null: nothing; `widened` to the clause that the span begins in. */
  light(place: readonly [number, number] | null, widened = false): void {
    const span = place !== null && widened ? clauseAt(this.#clauses, place) : place;
    for (const { root, start, end } of this.#pieces) {
      const lit = span !== null && start < span[1] && end > span[0];
      root.classList.toggle('lit', lit);
    }
  }

  #piece(text: string, kind: Token['kind'], start: number): HTMLElement | string {
    if (/^\s+$/.test(text)) return text;
    const root = element('span', kind === '' ? {} : { class: `token-${kind}` }, text);
    this.#pieces.push({ root, start, end: start + text.length });
    return root;
  }
}
