/** What is compared of an answer: rows, a hash of each row's integers that does not depend on the rows' order, sums of its doubles. */
export interface Digest {
  rows: number;
  hash: bigint;
  readonly sums: number[];
}

const prime = 1_000_003;

export function emptyDigest(doubles: number): Digest {
  return { rows: 0, hash: 0n, sums: new Array<number>(doubles).fill(0) };
}

/** Adds `rows` rows, a column each. */
export function addRows(digest: Digest, rows: number, integers: readonly BigInt64Array[], doubles: readonly Float64Array[]): void {
  const modulus = BigInt(prime);
  let hash = 0;
  for (let row = 0; row < rows; row++) {
    let each = 0;
    for (const column of integers) each = (each * 31 + Number((column[row] as bigint) % modulus)) % prime;
    hash += (each * each) % prime;
  }
  digest.hash += BigInt(hash);
  digest.rows += rows;
  doubles.forEach((column, k) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += column[row] as number;
    digest.sums[k] = (digest.sums[k] as number) + sum;
  });
}

/** A query that gives the digest of a table `answer`, whose times are microseconds. */
export function digestSql(integers: readonly string[], doubles: readonly string[]): string {
  const each = integers.reduce((hash, name) => `((${hash} * 31 + ${name} % ${prime}) % ${prime})`, '0::BIGINT');
  return `SELECT count(*)::BIGINT, coalesce(sum((h * h) % ${prime}), 0)::BIGINT${doubles.map((name) => `, coalesce(sum(${name}), 0)`).join('')} FROM (SELECT *, ${each} AS h FROM answer)`;
}

/** Throws when two answers differ; doubles may by 1e-9 of their size. */
export function requireSame(name: string, got: Digest, expected: Digest): void {
  const near = got.sums.every((sum, k) => Math.abs(sum - (expected.sums[k] as number)) <= 1e-9 * Math.max(1, Math.abs(sum)));
  if (got.rows === expected.rows && got.hash === expected.hash && near) return;
  throw new Error(`${name}: ${describe(got)} instead of ${describe(expected)}`);
}

export function describe({ rows, hash, sums }: Digest): string {
  return `${rows} rows, hash ${hash.toString(16)}, sums ${sums.join(' ')}`;
}
