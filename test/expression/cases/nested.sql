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
m
l
st
ls
ld
ll
mi
deep
lst
deep.p
deep.p.x
deep.p.l
deep.p.l[1]
deep.q
deep.q['k']
deep.q['k'][2]
deep.r
ll[1]
ll[2][1]
lst[1]
lst[1].k
lst[1].v
ls[1]
ls[-1]
ld[2]
len(ll)
len(lst)
mi[1]
mi[i32]
map_keys(m)
map_values(m)
map_entries(mi)
map_extract(m, 'k')
element_at(mi, 3)
map_extract(m, z)
map_contains(m, 'a')
map_keys(deep.q)
map_values(deep.q)
struct_pack(x := i32, y := s, z := l)
{'a': d, 'b': ll}
l = l2
l <> l2
l < l2
l <= l2
l > l2
l IS DISTINCT FROM l2
ld = ld
ld < [1.0, 2.0]
ls > ['a']
st = {'a': 1, 'b': 'x'}
st < {'a': 1, 'b': 'y'}
st.a IS NULL
l IS NULL
deep.p IS NULL
deep.p.l IS NOT NULL
CASE WHEN bo THEN l ELSE l2 END
COALESCE(l, l2)
COALESCE(st, {'a': 9, 'b': 'none'})
CASE WHEN bo THEN deep.p.l ELSE ls END
NULLIF(l, l2)
l IN (l2, [7])
ll[1] = [1]
m = m
map([COALESCE(z, s, '')], [i32])
MAP {COALESCE(s, ''): l}
[i32, 2, 3]
list_value(s, 'a', NULL)
[]::INTEGER[]
list_contains(l, 3)
list_contains(ls, z)
list_contains(l, j32)
3 IN l
list_position(l, 5)
list_position(l, NULL)
list_position(ld, 'nan'::DOUBLE)
list_concat(l, l2)
l || l2
list_append(l, i32)
list_prepend(i32, l)
l[1:2]
l[2:]
l[:-2]
l[-2:]
l[j32:3]
l[1:3:2]
l[3:1:-1]
l2[3:1:-2]
list_slice(ls, 1, 1)
range(3)
range(j32, 10)
generate_series(1, j32, 2)
range(10, 0, -3)
range(0, 10, -1)
list_has_any(l, l2)
list_has_all(l, l2)
list_has_any(ls, ['a', NULL])
flatten(ll)
list_select(l, [3, 1, 7])
list_sort(l)
list_sort(ls)
list_sort(ld)
list_sort(ld, 'DESC')
list_sort(l2, 'DESC', 'NULLS FIRST')
list_reverse_sort(l2)
list_sort(ll)
list_sort(list_distinct(l2))
list_sort(list_distinct(ls))
list_unique(l2)
list_unique(ld)
list_sum(l)
list_avg(l2)
list_min(ls)
list_max(ld)
list_count(l2)
list_first(l2)
list_last(l2)
list_any_value(l2)
list_median(l2)
list_mode(l2)
list_product(l)
list_stddev_samp(ld[1:1])
list_bool_and([bo, true])
list_histogram(l2)
list_aggregate(l2, 'sum')
list_sum(range(j32))
list_reverse(l)
len(list_concat(ls, ['x']))
list_max(list_concat(l, l2))
ld < [1.0, 2.0]
ls > ['a']
l IN (l2, [7])
ll[1] = [1]
[l, l2]
[{'a': i32}, {'a': 1}]
[ls, [z]]
list_sort([{'a': i32, 'b': z}, {'a': 1, 'b': 'm'}])
