-- This machine over the last minute, renewed every 5 seconds: load, CPU and memory in one row.
CREATE MATERIALIZED VIEW host_last_minute AS
SELECT window_start, window_end, host,
       avg(value) FILTER (WHERE name = 'system.cpu.load_average.1m') AS load,
       1 - avg(value) FILTER (WHERE name = 'system.cpu.utilization' AND state = 'idle') AS cpu,
       avg(value) FILTER (WHERE name = 'system.memory.utilization' AND state = 'used') AS memory,
       max(value) FILTER (WHERE name = 'system.filesystem.utilization') AS fullest_filesystem
FROM hop(host_metrics, ts, INTERVAL '5 seconds', INTERVAL '1 minute')
GROUP BY window_start, window_end, host;
