-- Which services fail right now? A row is a firing alert: more than one request in twelve failed within 10 seconds.
CREATE MATERIALIZED VIEW service_errors_high
  WITH (kind = alert, severity = critical, keys = 'service', resolve_after = '15 s',
        summary = '{{service}} fails: {{percent}} % of {{requests}} requests in 10 seconds, most on {{route}}') AS
SELECT window_end AS ts, service,
       count(*) AS requests,
       round(100 * count(*) FILTER (WHERE status >= 500) / count(*)) AS percent,
       arg_max(route, status) AS route
FROM hop(spans, ts, INTERVAL '5 seconds', INTERVAL '10 seconds')
GROUP BY window_start, window_end, service
HAVING count(*) >= 20 AND count(*) FILTER (WHERE status >= 500) > count(*) / 12;
