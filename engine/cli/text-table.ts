import type { SqlResult } from '../store/store.ts';
import type { Style } from './style.ts';

const cellWidthMax = 40;
const numericTypes = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/;

/** Terminal cells that a text takes: wide characters count two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (/\p{Mark}/u.test(character) || code === 0x200d) continue;
    width +=
      code >= 0x1100 &&
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function grouped(digits: string): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(digits) ?? [];
  return whole.length < 4 ? digits : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ' ')}${rest}`;
}

export function cellText(value: unknown, type: string): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  if (text === '') return '(empty)';
  if (numericTypes.test(type)) {
    const rounded = typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : text;
    return /^-?\d+(\.\d+)?$/.test(rounded) ? grouped(rounded) : rounded;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters from data must not reach the terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

interface Layout {
  readonly widths: number[];
  readonly numeric: boolean[];
  /** Columns that fit. */
  readonly shown: number;
}

function layout(result: SqlResult, cells: readonly (readonly string[])[], width: number): Layout {
  const widths = result.columns.map((column, index) =>
    Math.min(
      cellWidthMax,
      Math.max(displayWidth(column.name), column.type.length, ...cells.map((row) => displayWidth(row[index] as string))),
    ),
  );
  let used = 0;
  let shown = 0;
  while (shown < widths.length && (shown === 0 || used + (widths[shown] as number) + 3 <= width)) used += (widths[shown++] as number) + 3;
  return { widths, numeric: result.columns.map((column) => numericTypes.test(column.type)), shown };
}

/** A table for people: types under the names, numbers to the right, the middle folded beyond `rowsShown`. */
export function renderTable(result: SqlResult, rowsShown: number, width: number, style: Style): string {
  const fold = result.rows.length > rowsShown;
  const head = fold ? Math.ceil(rowsShown / 2) : result.rows.length;
  const rows = fold ? [...result.rows.slice(0, head), ...result.rows.slice(result.rows.length - (rowsShown - head))] : result.rows;
  const cells = rows.map((row) => row.map((value, index) => cellText(value, result.columns[index]?.type ?? '')));
  const { widths, numeric, shown } = layout(result, cells, width);
  const line = (texts: readonly string[], paint: (text: string, index: number) => string) =>
    texts
      .slice(0, shown)
      .map((text, index) => {
        const short = cut(text, widths[index] as number);
        const space = ' '.repeat((widths[index] as number) - displayWidth(short));
        return ` ${numeric[index] ? space + paint(short, index) : paint(short, index) + space} `;
      })
      .join('│')
      .trimEnd();
  const out = [
    line(
      result.columns.map((column) => column.name),
      style.bold,
    ),
    line(
      result.columns.map((column) => column.type.toLowerCase()),
      style.dim,
    ),
    widths
      .slice(0, shown)
      .map((columnWidth) => '─'.repeat(columnWidth + 2))
      .join('┼'),
  ];
  cells.forEach((row, index) => {
    if (fold && index === head) out.push('     ⋮');
    out.push(line(row, (text) => (text === 'NULL' || text === '(empty)' ? style.dim(text) : text)));
  });
  return `${out.join('\n')}\n`;
}

export function hiddenColumns(result: SqlResult, width: number): number {
  const cells = result.rows.slice(0, 40).map((row) => row.map((value, index) => cellText(value, result.columns[index]?.type ?? '')));
  return result.columns.length - layout(result, cells, width).shown;
}
