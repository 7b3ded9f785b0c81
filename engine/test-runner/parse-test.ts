import { parseDuration } from '../sql/measures.ts';
import { cellText, splitCells } from './split-cells.ts';
import { type Expected, TestFault, type TestStep } from './test-step.ts';
import { parseTime } from './test-time.ts';

export const lanesMax = 64;
const separator = '----';
export const partitionDefault = '0';

/** Reads a test. Throws TestFault. */
export function parseTest(text: string): TestStep[] {
  return new TestReader(text.split('\n').map((line) => line.replace(/\r$/, ''))).read();
}

class TestReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  read(): TestStep[] {
    const steps: TestStep[] = [];
    while (this.#at < this.#lines.length) {
      const text = (this.#lines[this.#at] as string).trim();
      this.#at++;
      if (text !== '' && !text.startsWith('#')) steps.push(this.#step(text, this.#at));
    }
    return steps;
  }

  #step(text: string, line: number): TestStep {
    const [word = '', ...rest] = text.split(/\s+/);
    const tail = text.slice(word.length).trim();
    switch (word) {
      case 'insert':
        return this.#insert(tail, line);
      case 'statement':
        return this.#statement(tail, line);
      case 'query':
        return this.#query(rest, line);
      case 'late':
        return this.#late(rest, line);
      case 'advance':
        if (parseTime(tail) === null) throw new TestFault(line, `"${tail}" is no time`, 'write advance 00:01:00 or 2026-01-01 00:01:00');
        return { kind: 'advance', line, time: tail };
      case 'idle':
        return { kind: 'idle', line, ms: duration(tail, line) };
      case 'lanes':
        if (!/^\d+$/.test(tail) || Number(tail) < 1 || Number(tail) > lanesMax)
          throw new TestFault(line, `"${tail}" is no number of lanes`, `1 to ${lanesMax}`);
        return { kind: 'lanes', line, count: Number(tail) };
      case 'restart':
      case 'end':
        if (tail !== '') throw new TestFault(line, `nothing stands behind ${word}`);
        return { kind: word, line };
      default:
        throw new TestFault(
          line,
          `a test knows no "${word}"`,
          'insert, statement, query, late, advance, idle, restart, end or lanes begin a step; # a comment',
        );
    }
  }

  #insert(tail: string, line: number): TestStep {
    const form = /^(?:into\s+)?("[^"]+"|\w+)(?:\s+partition\s+(\S+))?(?:\s+step\s+(.+))?$/.exec(tail);
    if (form === null)
      throw new TestFault(line, 'an insert names a source', 'insert spans [partition 1] [step 10 s], then a line of column names and rows');
    const header = this.#lines[this.#at] ?? '';
    const columns = splitCells(header).map((cell) => cell.text);
    if (columns.length === 0) throw new TestFault(line + 1, 'the names of the columns are missing');
    this.#at++;
    const rows = this.#block().map(({ text, line: at }) => {
      const cells = splitCells(text);
      if (cells.length !== columns.length)
        throw new TestFault(at, `${cells.length} cells for ${columns.length} columns`, 'two blanks, a tab or " | " stand between cells');
      return { line: at, cells };
    });
    const [, source = '', partition = partitionDefault, step] = form;
    return {
      kind: 'insert',
      line,
      source: source.replaceAll('"', ''),
      partition,
      stepMs: step === undefined ? null : duration(step, line),
      columns,
      rows,
    };
  }

  #statement(tail: string, line: number): TestStep {
    if (tail !== 'ok' && tail !== 'error') throw new TestFault(line, 'a statement is expected to be ok, or an error', 'statement ok');
    const { sql, expected } = this.#sql(line);
    if (expected !== null && tail === 'ok') throw new TestFault(expected.line - 1, 'a statement has no rows', 'use query for rows');
    return { kind: 'statement', line, sql, fails: tail === 'error', expected };
  }

  #query(words: readonly string[], line: number): TestStep {
    const unknown = words.find((word) => word !== 'rowsort' && word !== 'nosort');
    if (unknown !== undefined)
      throw new TestFault(
        line,
        `a query knows no "${unknown}"`,
        'nosort: rows stand in this order; the SQL or the name of a view is below',
      );
    const { sql, expected } = this.#sql(line);
    return { kind: 'query', line, sql, ordered: words.includes('nosort'), expected: this.#demanded(expected, line) };
  }

  #late([source, ...columns]: readonly string[], line: number): TestStep {
    if (source === undefined) throw new TestFault(line, 'late names a source', 'late spans ts, service');
    const expected = this.#answer();
    return { kind: 'late', line, source, columns: columns.join(' '), expected: this.#demanded(expected, line) };
  }

  #demanded(expected: Expected | null, line: number): Expected {
    if (expected === null) throw new TestFault(line, `the line ${separator} and the rows after it are missing`);
    return expected;
  }

  /** Lines up to the separator or a blank line, and what is expected of them. */
  #sql(line: number): { sql: string; expected: Expected | null } {
    const lines: string[] = [];
    while (this.#at < this.#lines.length) {
      const text = this.#lines[this.#at] as string;
      if (text.trim() === separator || text.trim() === '') break;
      lines.push(text);
      this.#at++;
    }
    if (lines.length === 0) throw new TestFault(line, 'the SQL below is missing');
    return { sql: lines.join('\n').trim().replace(/;$/, ''), expected: this.#answer() };
  }

  #answer(): Expected | null {
    if ((this.#lines[this.#at] ?? '').trim() !== separator) return null;
    this.#at++;
    const line = this.#at + 1;
    return { line, rows: this.#block().map(({ text }) => text) };
  }

  #block(): { text: string; line: number }[] {
    const found: { text: string; line: number }[] = [];
    while (this.#at < this.#lines.length) {
      const text = this.#lines[this.#at] as string;
      if (text.trim() === '') break;
      this.#at++;
      found.push({ text, line: this.#at });
    }
    return found;
  }
}

function duration(text: string, line: number): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new TestFault(line, `"${text}" is no duration`, 'write 30 s or 5 min');
  return ms;
}

/** Rows as lines of a test. */
export function expectedLines(rows: readonly (readonly (string | null)[])[]): string[][] {
  return rows.map((row) => row.map(cellText));
}
