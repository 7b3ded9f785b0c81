-- One expression a line over every-type-table.ts: each must give what DuckDB gives, row by row.
m['k']
m['nope']
m[z]
cardinality(m)
l[1]
l[-1]
l[j32]
len(l)
length(l)
st.a
st.b
st['a']
st.a + 1
upper(m['k'])
m['k'] IS NULL
COALESCE(m['k'], s)
array_length(l)
