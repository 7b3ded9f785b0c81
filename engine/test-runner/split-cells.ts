/** A cell in quotes is text as it stands, also when it says NULL. */
export type Cell = { readonly text: string; readonly quoted: boolean };

export const nullText = 'NULL';
export const emptyText = '(empty)';
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };

/** Cells of a row: a tab, two blanks or ` | ` stand between them; `'...'` holds anything, with '' for a quote and \n, \t, \\. */
export function splitCells(line: string): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  while (at < line.length) {
    const gap = /^(\s*\|\s*|\s+)/.exec(line.slice(at));
    if (gap !== null) at += gap[0].length;
    if (at >= line.length) break;
    const quoted = /^'((?:[^']|'')*)'(?=\t| {2}| \| |\s*$)/.exec(line.slice(at));
    const plain = /^(?:(?!\t| {2}| \| ).)+/.exec(line.slice(at));
    if (quoted !== null) cells.push({ text: unescaped(quoted[1] as string), quoted: true });
    else cells.push({ text: (plain?.[0] ?? '').trimEnd(), quoted: false });
    at += (quoted ?? plain)?.[0].length ?? 1;
  }
  return cells;
}

function unescaped(text: string): string {
  return text.replaceAll("''", "'").replace(/\\([ntr\\])/g, (_, letter: string) => escapes[letter] as string);
}

/** A cell as it stands in a row of a test. */
export function cellText(value: string | null): string {
  if (value === null) return nullText;
  if (value === '') return emptyText;
  const plain = !/^['|#]|^\s|[\s|]$|\s\s|[\t\n\r\\]| \| |^(NULL|\(empty\)|----)$/.test(value);
  if (plain) return value;
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** Rows in columns that stand below one another, two blanks apart. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] as number) - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
}
