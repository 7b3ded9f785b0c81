-- How full each host's disk will be, by the minute, for the hour to come; thought over every ten minutes.
CREATE MATERIALIZED VIEW disk_forecast WITH (state_ttl = '7 d', retention = '30 d') AS
SELECT ts, host, used, f.status, f.trend, f.season_strength, f.mean, f.lower, f.upper
FROM (
  SELECT ts, host, used, forecast(used, array_agg(used) OVER w, step := INTERVAL '1 minute', every := INTERVAL '10 minutes') AS f
  FROM disk_minutes
  WINDOW w AS (PARTITION BY host ORDER BY ts)
);

CREATE MATERIALIZED VIEW disk_minutes WITH (retention = '7 d') AS
SELECT window_end AS ts, host, avg(value) AS used
FROM tumble(metrics, ts, INTERVAL '1 minute')
WHERE name = 'system.filesystem.utilization'
GROUP BY window_start, window_end, host;
