-- Single requests that took long, as they happen, with the trace to look at.
CREATE MATERIALIZED VIEW slow_requests WITH (retention = '1 d') AS
SELECT ts, trace_id, service, route, host, version, status, duration_ms,
       CASE WHEN duration_ms >= 200 THEN 'very slow' ELSE 'slow' END AS verdict
FROM spans
WHERE duration_ms >= 100;
