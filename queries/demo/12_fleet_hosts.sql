-- CPU, memory and disk of every host of the fleet, every 10 seconds.
CREATE MATERIALIZED VIEW fleet_hosts WITH (retention = '30 d') AS
SELECT window_start, window_end, host,
       avg(value) FILTER (WHERE name = 'system.cpu.utilization') AS cpu,
       max(value) FILTER (WHERE name = 'system.cpu.utilization') AS highest_cpu,
       avg(value) FILTER (WHERE name = 'system.memory.utilization') AS memory,
       max(value) FILTER (WHERE name = 'system.filesystem.utilization') AS filesystem,
       sum(value) FILTER (WHERE name = 'system.network.io') / 10 AS network_bytes_per_second
FROM tumble(fleet_metrics, ts, INTERVAL '10 seconds')
WHERE service IS NULL
GROUP BY window_start, window_end, host;
