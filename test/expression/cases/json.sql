-- One expression a line over every-type-table.ts: each must give what DuckDB gives, row by row.
js -> 'a'
js ->> 'a'
js -> '$'
js -> 0
js -> -1
js ->> 3
js -> '$.a.b[1]'
js -> '$.a.b[#-1]'
js -> '/a/b/0'
js -> 'a.b'
js -> '$."a.b"'
js ->> '$.d'
js ->> '$.d[2].e'
js -> '$.d[2]'
js -> 'b' -> 'b' ->> 'b'
json_extract(js, ['a', '$.b'])
json_extract_string(js, ['a', '$.d[0]'])
json_extract(js, '')
json_type(js)
json_type(js, 'a')
json_type(js, '$[2]')
json_type(js, '$.big')
json_array_length(js)
json_array_length(js, '$.d')
json_keys(js)
json_keys(js, 'a')
json_valid(js)
json_valid(s)
json_valid(n)
json_exists(js, 'a')
json_exists(js, '$.d[7]')
TRY_CAST(js ->> 'b' AS DOUBLE)
TRY_CAST(js ->> 'a' AS DOUBLE)
len(json_keys(js))
upper(js ->> 'c')
js ->> 'a' IS NULL
string_split(s, ' ')
string_split(s, '')
len(string_split(z, 'a'))
string_split(s, ',')[2]
list_sort(string_split(s, 'a'))
