import { parseDuckdbError } from './duckdb-error.ts';
import { SqlError } from './store.ts';

/** DuckDB's error for a person: the position counts characters of the statement as it was given. `shift`: bytes put in front of it. */
export function sqlError(error: unknown, sql: string, shift = 0): Error {
  // A fault of ours is not one of the statement.
  if (error instanceof SqlError || error instanceof TypeError || error instanceof RangeError) return error;
  const { type, message, position, candidates } = parseDuckdbError(error);
  const [first, hint] = splitHint(message);
  const at = position === undefined ? undefined : characterAt(sql, position - shift);
  const known = hint ?? (candidates === undefined ? undefined : `Did you mean "${candidates}"?`);
  if (/out of memory/i.test(`${type} ${message}`)) {
    return new SqlError(
      'The query needs more memory than the store allows',
      undefined,
      'Ask for fewer groups or rows, or filter by time first.',
    );
  }
  if (type === 'Permission') {
    return new SqlError('Ad-hoc SQL reads no files and no network', at, 'Ask the stored streams; SHOW TABLES lists them.');
  }
  return new SqlError(first, at, known);
}

/** `Table with name aa does not exist!\nDid you mean "a"?`: the second line is the hint. */
function splitHint(message: string): [string, string | undefined] {
  const text = message.split('\n\nLINE ')[0] as string;
  const at = text.search(/\n(Did you mean|Candidate|HINT:|Hint:)/);
  if (at < 0) return [text.trim(), undefined];
  const hint = text
    .slice(at)
    .trim()
    .replace(/^Candidate bindings?: /, 'Did you mean ')
    .replace(/^HINT: /i, '');
  return [text.slice(0, at).trim(), hint.startsWith('Did you mean') && !hint.endsWith('?') ? `${hint}?` : hint];
}

function characterAt(sql: string, byte: number): number | undefined {
  const bytes = Buffer.from(sql, 'utf8');
  if (byte < 0 || byte > bytes.length) return undefined;
  return [...bytes.toString('utf8', 0, byte)].length;
}
