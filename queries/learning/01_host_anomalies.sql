-- Each host's CPU as its detector sees it: how unusual, what was expected, and one alarm for each event.
CREATE MATERIALIZED VIEW host_anomalies WITH (state_ttl = '7 d', retention = '30 d') AS
SELECT ts, host, value, a.score, a.is_alarm, a.expected, a.lower, a.upper, a.type, a.severity, a.confidence
FROM (
  SELECT ts, host, value, anomaly(value, array_agg(value) OVER (PARTITION BY host ORDER BY ts), min_effect := 0.02) AS a
  FROM metrics
  WHERE name = 'system.cpu.utilization'
);
