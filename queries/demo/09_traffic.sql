-- Requests per second of each service over 15 seconds, renewed every 5: a drop shows here.
CREATE MATERIALIZED VIEW traffic AS
SELECT window_start, window_end, service,
       count(*) / 15 AS requests_per_second,
       avg(duration_ms) AS avg_ms
FROM hop(spans, ts, INTERVAL '5 seconds', INTERVAL '15 seconds')
GROUP BY window_start, window_end, service;
