-- Only what somebody should be told of.
CREATE MATERIALIZED VIEW host_alarms WITH (kind = alert, severity = warning, keys = 'host', resolve_after = '1 min',
  summary = 'CPU of {{host}}: {{type}}, {{value}} where {{expected}} was expected') AS
SELECT ts, host, value, expected, type
FROM host_anomalies
WHERE is_alarm;
