-- One expression a line over every-type-table.ts: each must give what DuckDB gives, row by row.
CASE WHEN h > -170141183460469231731687303715884105728 THEN abs(h) END
abs(d4)
abs(d38)
abs(d)
abs(f)
CASE WHEN i32 > -2147483648 THEN abs(i32) END
abs(u8)
sign(d)
sign(i32)
sign(d9)
sign(h)
sign(f)
floor(d)
ceil(d)
floor(d9)
ceil(d9)
floor(d38)
ceil(d38)
floor(f)
ceil(d4)
round(d)
round(d, 2)
round(d, -1)
round(f)
round(f, 1)
round(d9)
round(d9, 1)
round(d9, -1)
round(d18, 2)
round(d38, 3)
round(d38)
round(d38, -2)
round(d4, 5)
round(i32, -2)
round(i64, -3)
round(i8, -1)
round(i32)
round(d, j32)
trunc(d)
trunc(d, 1)
trunc(d9)
trunc(f)
trunc(i32)
even(d)
CASE WHEN d >= 0 THEN sqrt(d) END
cbrt(d)
exp(e)
CASE WHEN d > 0 THEN ln(d) END
CASE WHEN d > 0 THEN log(d) END
CASE WHEN d > 0 THEN log10(d) END
CASE WHEN d > 0 THEN log2(d) END
CASE WHEN d > 0 THEN log(2, d) END
pow(d, e)
power(d, 2)
d ** 2
d ^ 0.5
CASE WHEN isfinite(d) THEN sin(d) END
CASE WHEN isfinite(e) THEN cos(e) END
CASE WHEN isfinite(e) THEN tan(e) END
CASE WHEN isfinite(e) AND e <> 0 THEN cot(e) END
CASE WHEN d BETWEEN -1 AND 1 THEN asin(d) END
CASE WHEN d BETWEEN -1 AND 1 THEN acos(d) END
atan(d)
atan2(d, e)
sinh(e)
cosh(e)
tanh(e)
degrees(d)
radians(d)
pi()
greatest(i32, j32)
least(i32, j32, 3)
greatest(d, e)
least(d, e)
least(dt, date '2000-01-01')
greatest(d9, d4)
greatest(h, 0)
isnan(d)
isinf(d)
isfinite(d)
isinf(ts)
isfinite(dt)
isnan(f)
gcd(j32, 12)
lcm(j32, 12)
CASE WHEN isfinite(dt) THEN dt + 5 END
CASE WHEN isfinite(dt) THEN dt - 3 END
CASE WHEN isfinite(dt) THEN dt - date '2000-01-01' END
