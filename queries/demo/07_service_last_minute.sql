-- Error rate of each service over the last minute, from the 5-second results: windows cascade.
CREATE MATERIALIZED VIEW service_last_minute WITH (retention = '30 d') AS
SELECT window_start, window_end, service,
       sum(requests)::BIGINT AS requests,
       sum(errors)::BIGINT AS errors,
       sum(errors) / sum(requests) AS error_rate,
       max(error_rate) AS worst_error_rate,
       max(max_ms) AS max_ms
FROM hop(service_health, window_start, INTERVAL '5 seconds', INTERVAL '1 minute')
GROUP BY window_start, window_end, service;
