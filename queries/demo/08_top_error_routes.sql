-- Which routes fail, and how?
CREATE MATERIALIZED VIEW top_error_routes WITH (retention = '7 d') AS
SELECT window_start, window_end, service, route,
       count(*) FILTER (WHERE status >= 500) AS errors,
       count(*) AS requests,
       count(*) FILTER (WHERE status >= 500) / count(*) AS error_rate,
       count(*) FILTER (WHERE status = 504) AS timeouts
FROM tumble(spans, ts, INTERVAL '10 seconds')
GROUP BY window_start, window_end, service, route
HAVING count(*) FILTER (WHERE status >= 500) >= 2;
