-- Values of memory that an isolation forest sets apart: the usual recipe, made anew every 500 rows.
CREATE MATERIALIZED VIEW memory_outliers WITH (state_ttl = '7 d', retention = '7 d') AS
SELECT ts, host, value, f.score, f.expected, f.lower, f.upper, f.confidence, f.type, f.severity
FROM (
  SELECT ts, host, value, iforest(value, array_agg(value) OVER w, refit_rows := 500, contamination := 0.01) AS f
  FROM metrics
  WHERE name = 'system.memory.utilization'
  WINDOW w AS (PARTITION BY host ORDER BY ts)
)
WHERE f.is_anomaly;
