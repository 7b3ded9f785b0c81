-- Lines that a service has never written before, and lines that it suddenly writes far more often.
CREATE MATERIALIZED VIEW new_log_lines WITH (state_ttl = '7 d', retention = '30 d') AS
SELECT ts, service, level, CASE WHEN l.is_new THEN 'new' ELSE 'burst' END AS what, l.template, l.usual_rate, message
FROM (
  SELECT ts, service, level, message, log_template(message, array_agg(message) OVER w, learning := INTERVAL '5 minutes') AS l
  FROM logs
  WINDOW w AS (PARTITION BY service ORDER BY ts)
)
WHERE l.is_new OR l.is_burst;
