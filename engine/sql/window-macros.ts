/**
 * The window functions as DuckDB table macros: what they mean. A continuous query's SELECT over `FROM tumble(t, ts, INTERVAL ...)`
 * runs verbatim with these. Windows are aligned to the Unix epoch, [start, end); rows whose time is NULL or infinite belong to no window;
 * window_start and window_end of the input are replaced, so that windows cascade. Sessions are counted over all rows of one time:
 * sorted twice, rows of one time may come in two orders.
 */
export const referenceWindowMacros = `
CREATE OR REPLACE MACRO tumble(tbl, tcol, size) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
         time_bucket(size, tcol, TIMESTAMP '1970-01-01') AS window_start,
         time_bucket(size, tcol, TIMESTAMP '1970-01-01') + size AS window_end
  FROM query_table(tbl) WHERE isfinite(tcol);
CREATE OR REPLACE MACRO hop(tbl, tcol, slide, size) AS TABLE
  SELECT *, window_start + size AS window_end FROM (
    SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
           unnest(range(time_bucket(slide, tcol - size, TIMESTAMP '1970-01-01') + slide,
                        time_bucket(slide, tcol, TIMESTAMP '1970-01-01') + slide, slide)) AS window_start
    FROM query_table(tbl) WHERE isfinite(tcol));
CREATE OR REPLACE MACRO session(tbl, tcol, key, gap) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end', '_new', '_session')),
         min(tcol) OVER (PARTITION BY key, _session) AS window_start,
         max(tcol) OVER (PARTITION BY key, _session) + gap AS window_end
  FROM (SELECT *, sum(_new) OVER (PARTITION BY key ORDER BY tcol) AS _session
        FROM (SELECT *, CASE WHEN tcol - lag(tcol) OVER (PARTITION BY key ORDER BY tcol) < gap THEN 0 ELSE 1 END AS _new
              FROM query_table(tbl) WHERE isfinite(tcol)));`;

/** Names that the binder's macros call: a bound plan says by them which window it is. */
export const windowMarkers = {
  tumble: { start: '__tumble_start', end: '__tumble_end' },
  hop: { start: '__hop_start', end: '__hop_end' },
  session: { start: '__session_start', end: '__session_end' },
} as const;

/** The same names and columns, but with marker functions, for binding only. */
export const markerWindowMacros = `
CREATE MACRO tumble(tbl, tcol, size) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
         __tumble_start(tcol, size) AS window_start, __tumble_end(tcol, size) AS window_end FROM query_table(tbl);
CREATE MACRO hop(tbl, tcol, slide, size) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
         __hop_start(tcol, slide, size) AS window_start, __hop_end(tcol, slide, size) AS window_end FROM query_table(tbl);
CREATE MACRO session(tbl, tcol, key, gap) AS TABLE
  SELECT COLUMNS(lambda c: c NOT IN ('window_start', 'window_end')),
         __session_start(tcol, key, gap) AS window_start, __session_end(tcol, key, gap) AS window_end FROM query_table(tbl);`;
