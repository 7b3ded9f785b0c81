-- One expression a line over every-type-table.ts: each must give what DuckDB gives, row by row.
dt < date '2020-01-01'
ts > timestamp '2020-01-01'
CASE i32 WHEN 1 THEN 10 WHEN 0 THEN j32 ELSE -1 END
i64 // j64
CASE WHEN i8 <> -128 THEN -i8 END
i32 / j32
d / e
d * e
d + e
d - e
d % e
d // e
f * 2
f + f
-d
-f
CASE WHEN h > -170141183460469231731687303715884105728 THEN -h END
d4 + d9
d4 - d9
d9 * d4
d9 + 1
d9 / 3
d9 % 2
d18 % d4
d38 % 7
-d9
-d38
mod(i32, 7)
i32 & j32
i32 | j32
xor(i32, j32)
~i32
~u8
i32 >> 3
i64 >> 2
i32 >> j32
i32 + 1.5
s || NULL
'x' || 5
