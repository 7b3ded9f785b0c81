-- First line of each service in each trace within a day: repeated lines are left out.
CREATE MATERIALIZED VIEW logs_dedup WITH (emit = changes, state_ttl = '1 d') AS
SELECT ts, trace_id, service, level, message
FROM (
  SELECT ts, trace_id, service, level, message,
         row_number() OVER (PARTITION BY trace_id, service ORDER BY ts, message) AS rn
  FROM logs
) AS numbered
WHERE rn = 1;
