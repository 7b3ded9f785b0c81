-- Requests, errors and latency of each service, every 5 seconds.
CREATE MATERIALIZED VIEW service_health WITH (retention = '30 d') AS
SELECT window_start, window_end, service,
       count(*) AS requests,
       count(*) FILTER (WHERE status >= 500) AS errors,
       count(*) FILTER (WHERE status >= 500) / count(*) AS error_rate,
       avg(duration_ms) AS avg_ms,
       max(duration_ms) AS max_ms,
       stddev_samp(duration_ms) AS stddev_ms,
       arg_max(route, duration_ms) AS slowest_route
FROM tumble(spans, ts, INTERVAL '5 seconds')
GROUP BY window_start, window_end, service;
