-- What tumble and hop mean, as DuckDB table macros: a query's SELECT runs unchanged over recorded rows.
-- Windows are aligned to 1970-01-01, [start, end); rows with a NULL time belong to no window; window columns of the input are replaced.
CREATE OR REPLACE MACRO tumble(tbl, tcol, size) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
         time_bucket(size, tcol, TIMESTAMP '1970-01-01') AS window_start,
         time_bucket(size, tcol, TIMESTAMP '1970-01-01') + size AS window_end
  FROM query_table(tbl) WHERE tcol IS NOT NULL;
CREATE OR REPLACE MACRO hop(tbl, tcol, slide, size) AS TABLE
  SELECT *, window_start + size AS window_end FROM (
    SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
           unnest(range(time_bucket(slide, tcol, TIMESTAMP '1970-01-01') - size + slide,
                        time_bucket(slide, tcol, TIMESTAMP '1970-01-01') + slide, slide)) AS window_start
    FROM query_table(tbl) WHERE tcol IS NOT NULL);
