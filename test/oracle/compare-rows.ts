export type Row = readonly unknown[];

const relativeToleranceDefault = 1e-9;
const differencesShownMax = 5;

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Rows are sorted by a coarse key, so that two doubles that differ in the last digits sort alike. */
function sortKey(row: Row): string {
  return row.map((value) => (number(value) === undefined ? show(value) : (value as number).toPrecision(7))).join('\u0001');
}

/** Among rows of one coarse key: by what they differ in beyond the tolerance. */
function byNumbers(left: Row, right: Row, tolerance: number): number {
  for (const [column, value] of left.entries()) {
    const a = number(value);
    const b = number(right[column]);
    if (a !== undefined && b !== undefined && !same(a, b, tolerance)) return a - b;
  }
  return 0;
}

function show(value: unknown): string {
  return typeof value === 'bigint'
    ? String(value)
    : typeof value === 'object' && value !== null
      ? JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
      : String(value);
}

function same(left: unknown, right: unknown, tolerance: number): boolean {
  if (left === right || show(left) === show(right)) return true;
  const a = Number(left);
  const b = Number(right);
  if (typeof left !== 'number' && typeof right !== 'number') return false;
  if (left === null || right === null || Number.isNaN(a) || Number.isNaN(b)) return false;
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b), 1e-300);
}

/** Differences between two multisets of rows, in words; [] when they agree. */
export function compareRows(got: readonly Row[], expected: readonly Row[], tolerance = relativeToleranceDefault): string[] {
  const sorted = (rows: readonly Row[]) =>
    rows
      .map((row) => [sortKey(row), row] as const)
      .sort(([a, left], [b, right]) => (a < b ? -1 : a > b ? 1 : byNumbers(left, right, tolerance)));
  const left = sorted(got);
  const right = sorted(expected);
  const differences = left.length === right.length ? [] : [`${left.length} rows instead of ${right.length}`];
  for (let index = 0; index < Math.min(left.length, right.length) && differences.length < differencesShownMax; index++) {
    const a = left[index]?.[1] as Row;
    const b = right[index]?.[1] as Row;
    if (a.length !== b.length || a.some((value, column) => !same(value, b[column], tolerance)))
      differences.push(`got ${show(a)}, expected ${show(b)}`);
  }
  return differences;
}
