-- Did a deploy do harm? Error rate and latency of each version of each service.
CREATE MATERIALIZED VIEW version_errors WITH (retention = '30 d') AS
SELECT window_start, window_end, service, version,
       count(*) AS requests,
       count(*) FILTER (WHERE status >= 500) / count(*) AS error_rate,
       avg(duration_ms) AS avg_ms,
       min(ts) AS first_seen,
       CASE WHEN count(*) FILTER (WHERE status >= 500) / count(*) > 0.05 THEN 'failing' ELSE 'fine' END AS verdict
FROM tumble(spans, ts, INTERVAL '5 seconds')
GROUP BY window_start, window_end, service, version
HAVING count(*) >= 10;
