-- Does a service leak? Memory of each of its processes at the end of the last minute, and how much it grew.
CREATE MATERIALIZED VIEW service_memory AS
SELECT window_start, window_end, service, host,
       arg_max(value, ts) AS memory_bytes,
       arg_max(value, ts) - arg_min(value, ts) AS grown_bytes,
       max(value) AS highest_bytes
FROM hop(fleet_metrics, ts, INTERVAL '10 seconds', INTERVAL '1 minute')
WHERE name = 'process.memory.usage'
GROUP BY window_start, window_end, service, host;
