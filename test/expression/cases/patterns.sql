-- One expression a line over every-type-table.ts: each must give what DuckDB gives, row by row.
bo AND s LIKE '%a%'
bo OR s LIKE '%a%'
(s LIKE '%a%') AND bo AND (z LIKE 'a%')
s LIKE 'a%'
s LIKE '%a'
s LIKE '%l%'
s LIKE '%o_w%'
s LIKE '_bc%'
s LIKE 'abc'
s LIKE '%'
s LIKE ''
s LIKE '%%b%c'
s LIKE z
s NOT LIKE '%a%'
s NOT LIKE z
s LIKE '100!%%' ESCAPE '!'
s NOT LIKE '%!_%' ESCAPE '!'
s ILIKE '%HELLO%'
s ILIKE 'À%'
s NOT ILIKE '%WORLD'
s ILIKE '%!_%' ESCAPE '!'
s ILIKE z
regexp_matches(s, 'l+o')
regexp_matches(s, '^[a-c]+$')
regexp_matches(s, 'WORLD', 'i')
regexp_matches(s, '\d+%')
regexp_matches(s, 'e.b')
regexp_matches(s, 'e.b', 's')
regexp_matches(s, '(?i)HELLO')
regexp_full_match(s, '.*a.*')
s ~ '[a-z]+'
regexp_extract(s, '([a-z]+) ([a-z]+)', 2)
regexp_extract(s, '[A-Z]\w+')
regexp_extract(s, 'b(x)?', 1)
regexp_replace(s, 'b', '[\0]')
regexp_replace(s, '(a)(b)', '\2\1', 'g')
regexp_replace(s, '\s+', '_', 'g')
regexp_replace(s, 'a*', '-', 'g')
regexp_replace(s, 'L', 'x', 'gi')
i32 % 2 = 0 AND s LIKE '%a%' OR d > e
NOT (s LIKE 'a%')
