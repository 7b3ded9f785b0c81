import { alignRows, cellText, type Cell, emptyText, nullText, splitCells } from './split-cells.ts';
import { withDay, withoutDay } from './test-time.ts';

const relativeTolerance = 1e-9;

export interface Answer {
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Comparison {
  readonly equal: boolean;
  /** What was expected and what came, each line with ` `, `-` (missing) or `+` (too much) before it. */
  readonly diff: readonly string[];
}

/** The rows of an answer as a test writes them. */
export function answerLines(answer: Answer): string[] {
  return alignRows(answer.rows.map((row) => row.map((value, column) => cellText(shown(value, answer.types[column] as string)))));
}

function shown(value: string | null, type: string): string | null {
  return value !== null && type === 'TIMESTAMP' ? withoutDay(value) : value;
}

/** Compares expected rows with an answer: in order, or as sets in which a row may come several times. */
export function compareAnswer(expected: readonly string[], answer: Answer, ordered: boolean): Comparison {
  const lines = answerLines(answer);
  const wanted = expected.map((line) => splitCells(line));
  const same = (row: number, line: number): boolean =>
    equalRow(answer.rows[row] as readonly (string | null)[], wanted[line] as Cell[], answer.types);
  const pairs = ordered ? matchInOrder(lines.length, wanted.length, same) : matchAnywhere(lines.length, wanted.length, same);
  const taken = new Set(pairs.values());
  const equal = pairs.size === wanted.length && pairs.size === lines.length;
  const texts = wanted.map((cells, line) => (pairs.has(line) ? (lines[pairs.get(line) as number] as string) : aligned(cells, lines)));
  const diff: string[] = [];
  let next = 0;
  const surplusUpTo = (end: number) => {
    for (; next < end; next++) if (!taken.has(next)) diff.push(`+ ${lines[next]}`);
  };
  for (const [line, text] of texts.entries()) {
    const pair = pairs.get(line);
    if (ordered && pair !== undefined) surplusUpTo(pair);
    diff.push(`${pair === undefined ? '-' : ' '} ${text}`);
  }
  surplusUpTo(lines.length);
  return { equal, diff };
}

function aligned(cells: readonly Cell[], lines: readonly string[]): string {
  const model = lines[0] === undefined ? [] : splitCells(lines[0]);
  const texts = cells.map(({ text, quoted }) => (quoted ? cellText(text) : text));
  if (model.length !== cells.length) return texts.join('  ');
  const widths = splitWidths(lines[0] as string, model.length);
  return texts
    .map((text, column) => text.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}

function splitWidths(line: string, columns: number): number[] {
  const widths: number[] = [];
  const gaps = [...line.matchAll(/ {2,}/g)];
  let start = 0;
  for (let column = 0; column < columns - 1; column++) {
    const gap = gaps[column];
    if (gap === undefined) break;
    widths.push(gap.index + gap[0].length - 2 - start);
    start = gap.index + gap[0].length;
  }
  return widths;
}

/** Expected line -> row of the answer. */
function matchAnywhere(rows: number, lines: number, same: (row: number, line: number) => boolean): Map<number, number> {
  const pairs = new Map<number, number>();
  const free = new Set(Array.from({ length: rows }, (_, row) => row));
  for (let line = 0; line < lines; line++) {
    for (const row of free) {
      if (!same(row, line)) continue;
      pairs.set(line, row);
      free.delete(row);
      break;
    }
  }
  return pairs;
}

/** Longest common sequence. */
function matchInOrder(rows: number, lines: number, same: (row: number, line: number) => boolean): Map<number, number> {
  const length = Array.from({ length: lines + 1 }, () => new Uint32Array(rows + 1));
  const at = (line: number, row: number): number => (length[line] as Uint32Array)[row] as number;
  for (let line = lines - 1; line >= 0; line--) {
    for (let row = rows - 1; row >= 0; row--) {
      const longest = same(row, line) ? at(line + 1, row + 1) + 1 : Math.max(at(line + 1, row), at(line, row + 1));
      (length[line] as Uint32Array)[row] = longest;
    }
  }
  const pairs = new Map<number, number>();
  for (let line = 0, row = 0; line < lines && row < rows; ) {
    if (same(row, line)) pairs.set(line++, row++);
    else if (at(line + 1, row) >= at(line, row + 1)) line++;
    else row++;
  }
  return pairs;
}

function equalRow(row: readonly (string | null)[], cells: readonly Cell[], types: readonly string[]): boolean {
  return row.length === cells.length && row.every((value, column) => equalCell(value, cells[column] as Cell, types[column] as string));
}

function equalCell(value: string | null, { text, quoted }: Cell, type: string): boolean {
  if (!quoted && text === nullText) return value === null;
  if (value === null) return false;
  if (!quoted && text === emptyText) return value === '';
  if (value === text) return true;
  if (type === 'TIMESTAMP') return value === withDay(text);
  if (type !== 'DOUBLE' && type !== 'FLOAT') return false;
  const [a, b] = [Number(value), Number(text)];
  return Math.abs(a - b) <= relativeTolerance * Math.max(Math.abs(a), Math.abs(b));
}
