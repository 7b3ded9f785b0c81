-- Disks that are more likely than not to pass 90 % within the hour.
CREATE MATERIALIZED VIEW disk_full_soon WITH (kind = alert, severity = ticket, keys = 'host', resolve_after = '30 min', state_ttl = '7 d',
  summary = 'the disk of {{host}} passes 90 % in {{minutes}} minutes') AS
SELECT ts, host, used, round(b.minutes_until) AS minutes, b.probability
FROM (
  SELECT ts, host, used, breach(used, array_agg(used) OVER w, 0.9, step := INTERVAL '1 minute', every := INTERVAL '10 minutes') AS b
  FROM disk_minutes
  WINDOW w AS (PARTITION BY host ORDER BY ts)
)
WHERE b.probability > 0.5;
