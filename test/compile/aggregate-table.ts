/** Columns of every kind that aggregates meet. */
export const definitions = `ts TIMESTAMP, g INTEGER, s VARCHAR, n VARCHAR NOT NULL, d DOUBLE, f FLOAT, x DOUBLE NOT NULL, y DOUBLE, i INTEGER, b BIGINT, u UBIGINT, h HUGEINT, p DECIMAL(9,2), q DECIMAL(18,4), w DECIMAL(30,4), o BOOLEAN, c TIMESTAMP, dt DATE, e ENUM('low', 'high', 'mid'), v INTERVAL, l INTEGER[], r STRUCT(a INTEGER, z VARCHAR), m MAP(VARCHAR, INTEGER), m8 TINYINT, un BIGINT NOT NULL`;

/** A SELECT of `count` rows in order of arrival, deterministic: NULLs, NaN, infinities, both zeros, extremes, disorder. */
export function aggregateRows(count: number, seed = 7): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  const nullable = (salt: number, expression: string, percent: number) =>
    `CASE WHEN ${n(salt)} % 100 < ${percent} THEN NULL ELSE ${expression} END`;
  return `SELECT
    TIMESTAMP '2025-01-01 00:00:00' + to_microseconds((i * 20000 - (${n(2)} % 24000000))::BIGINT),
    (${n(5)} % 20)::INTEGER,
    ${nullable(1, `['', 'a', 'ab', 'é', '日本', 'x' || (${n(6)} % 30)::VARCHAR][1 + (${n(7)} % 6)::INTEGER]`, 20)},
    'n' || (${n(8)} % 300)::VARCHAR,
    ${nullable(9, `CASE ${n(10)} % 40 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-0.0'::DOUBLE WHEN 2 THEN 0.0 WHEN 3 THEN 'inf'::DOUBLE WHEN 4 THEN '-inf'::DOUBLE ELSE (${n(11)} % 100)::DOUBLE / 8 - 6 END`, 10)},
    ${nullable(12, `((${n(13)} % 9)::FLOAT - 4)`, 30)},
    (${n(14)} % 10000)::DOUBLE / 7,
    ${nullable(15, `(${n(16)} % 1000)::DOUBLE / 10 - 30`, 15)},
    ${nullable(17, `CASE ${n(18)} % 50 WHEN 0 THEN 2147483647 WHEN 1 THEN -2147483648 ELSE (${n(19)} % 30)::INTEGER - 15 END`, 20)},
    ${nullable(20, `CASE ${n(21)} % 30 WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808 ELSE (${n(22)} % 1000)::BIGINT - 500 END`, 10)},
    (CASE ${n(23)} % 30 WHEN 0 THEN 18446744073709551615 ELSE ${n(24)} % 50 END)::UBIGINT,
    ${nullable(25, `(${n(26)} % 40)::HUGEINT * 1000000000000000000000 - 5`, 10)},
    ${nullable(27, `((${n(28)} % 2000)::INTEGER - 1000)::DECIMAL(18,0)::DECIMAL(18,2) / 100`, 10)},
    ((${n(29)} % 2000)::INTEGER - 1000)::DECIMAL(18,4) / 16,
    ((${n(30)} % 2000)::BIGINT - 1000)::DECIMAL(30,4) * 1234567890123456.0001,
    ${nullable(31, `${n(32)} % 3 = 0`, 20)},
    ${nullable(33, `TIMESTAMP '1969-12-31 23:00:00' + to_seconds((${n(34)} % 7200)::INTEGER)`, 10)},
    DATE '2025-01-01' + (${n(35)} % 50)::INTEGER,
    ${nullable(36, `['low', 'high', 'mid'][1 + (${n(37)} % 3)::INTEGER]`, 10)},
    ${nullable(38, `[INTERVAL 1 MONTH, INTERVAL 40 DAY, INTERVAL 5 HOUR, INTERVAL 3 DAY][1 + (${n(39)} % 4)::INTEGER]`, 10)},
    ${nullable(40, `[[1, 2], [], [NULL, 3], [1], [1, 2, 3]][1 + (${n(41)} % 5)::INTEGER]`, 10)},
    ${nullable(42, `{'a': CASE WHEN ${n(43)} % 3 = 0 THEN NULL ELSE (${n(43)} % 4)::INTEGER END, 'z': ['p', 'q', NULL][1 + (${n(44)} % 3)::INTEGER]}`, 10)},
    ${nullable(45, `[MAP {'k': 1}, MAP {}, MAP {'k': 2, 'j': NULL}][1 + (${n(46)} % 3)::INTEGER]`, 10)},
    ${nullable(47, `((${n(48)} % 256)::INTEGER - 128)::TINYINT`, 20)},
    i::BIGINT
  FROM range(${count}) rows_of(i)`;
}
