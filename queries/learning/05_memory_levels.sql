-- Memory of each host beside its smoothed level, and values that stand out among the last sixty.
CREATE MATERIALIZED VIEW memory_levels WITH (state_ttl = '1 d', retention = '7 d') AS
SELECT ts, host, value, e.mean AS level, e.deviation, stands_out
FROM (
  SELECT ts, host, value, ewma(value, array_agg(value) OVER w, alpha := 0.1) AS e,
         robust_zscore(value, array_agg(value) OVER w, rows := 60) AS stands_out
  FROM metrics
  WHERE name = 'system.memory.utilization'
  WINDOW w AS (PARTITION BY host ORDER BY ts)
);
