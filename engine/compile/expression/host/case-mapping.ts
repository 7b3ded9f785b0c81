/**
 * Changes of case by code point, as DuckDB's tables (an older Unicode than JavaScript's) have them; found by comparing every code
 * point with DuckDB.
 */
const lowerExceptions: ReadonlyMap<number, number> = new Map([[0x130, 0x69]]);
const upperExceptions: ReadonlyMap<number, number> = new Map([
  [0xdf, 0x1e9e],
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
]);
/** First and last code points of runs that DuckDB leaves alone. */
const lowerUnchanged = [
  0x1c89, 0x1c89, 0xa7cb, 0xa7cc, 0xa7ce, 0xa7ce, 0xa7d2, 0xa7d4, 0xa7da, 0xa7da, 0xa7dc, 0xa7dc, 0x10d50, 0x10d65, 0x16ea0, 0x16eb8,
];
const upperUnchanged = [
  0x19b, 0x19b, 0x264, 0x264, 0x1c8a, 0x1c8a, 0xa7cd, 0xa7cf, 0xa7d3, 0xa7d5, 0xa7db, 0xa7db, 0x10d70, 0x10d85, 0x16ebb, 0x16ed3,
];

export function changeCase(text: string, upper: boolean): string {
  let changed = '';
  for (const character of text) changed += changeCharacter(character, upper);
  return changed;
}

function changeCharacter(character: string, upper: boolean): string {
  const code = character.codePointAt(0) as number;
  const exception = (upper ? upperExceptions : lowerExceptions).get(code);
  if (exception !== undefined) return String.fromCodePoint(exception);
  if (upper && code >= 0x1f80 && code < 0x1fb0) return (code & 8) === 0 ? String.fromCodePoint(code + 8) : character;
  if (isWithin(code, upper ? upperUnchanged : lowerUnchanged)) return character;
  const mapped = upper ? character.toUpperCase() : character.toLowerCase();
  const single = mapped.codePointAt(0) as number;
  return mapped.length === (single > 0xffff ? 2 : 1) ? mapped : character;
}

function isWithin(code: number, ranges: readonly number[]): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= (ranges[i] as number) && code <= (ranges[i + 1] as number)) return true;
  return false;
}
