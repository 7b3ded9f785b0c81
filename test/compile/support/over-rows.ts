/** Columns of a table for window functions: times with ties, keys with NULLs, doubles with NaN and both zeros, a stretch of equal values (c). */
export const overColumns = `ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR, d DOUBLE, v DOUBLE NOT NULL, i INTEGER, b BIGINT, p DECIMAL(12,3), z VARCHAR, o BOOLEAN, c DOUBLE NOT NULL, uid BIGINT NOT NULL`;

/** Deterministic noise, in order of arrival: rows come up to 24 s late. `uid` tells them apart. */
export function overRows(count: number, seed = 7): string {
  const noise = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  const nullable = (salt: number, expression: string, percent: number) =>
    `CASE WHEN ${noise(salt)} % 100 < ${percent} THEN NULL ELSE ${expression} END`;
  return `SELECT
    TIMESTAMP '2025-01-01' + to_microseconds((i * 20000 - (${noise(2)} % 24) * 1000000)::BIGINT // 500000 * 500000),
    ${nullable(3, `(${noise(4)} % 17)::BIGINT - 3`, 10)},
    ${nullable(5, `['', 'a', 'ab', 'é', '日本'][1 + (${noise(6)} % 5)::INTEGER]`, 10)},
    ${nullable(8, `CASE ${noise(9)} % 20 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-0.0'::DOUBLE WHEN 2 THEN 'infinity'::DOUBLE ELSE (${noise(10)} % 100)::DOUBLE / 8 - 6 END`, 10)},
    (${noise(13)} % 100000)::DOUBLE / 7,
    ${nullable(14, `(${noise(16)} % 1000)::INTEGER - 500`, 20)},
    ${nullable(17, `CASE ${noise(18)} % 9 WHEN 0 THEN 9223372036854775807 ELSE (${noise(19)} % 1000)::BIGINT - 500 END`, 10)},
    ${nullable(24, `((${noise(25)} % 200000)::BIGINT - 100000)::DECIMAL(12,3) / 8`, 10)},
    ${nullable(27, `['zeta', 'Alpha', 'ß', 'n' || (${noise(28)} % 50)::VARCHAR][1 + (${noise(29)} % 4)::INTEGER]`, 30)},
    ${nullable(30, `${noise(31)} % 3 = 0`, 10)},
    (CASE WHEN i % 900 < 500 THEN 0.1 ELSE ${noise(40)} % 5 END)::DOUBLE,
    i
  FROM range(${count}) r(i)`;
}
