-- When a host's memory went to another level and stayed there: said once, with both levels.
CREATE MATERIALIZED VIEW memory_level_changes WITH (state_ttl = '7 d', retention = '90 d') AS
SELECT ts - to_minutes(c.minutes_ago::BIGINT) AS since, ts, host, c.direction, c.level_before, c.level_after
FROM (
  SELECT ts, host, changepoint(value, array_agg(value) OVER w) AS c
  FROM metrics
  WHERE name = 'system.memory.utilization'
  WINDOW w AS (PARTITION BY host ORDER BY ts)
)
WHERE c.is_change;
