-- Bytes per second through each disk and network interface of this machine.
CREATE MATERIALIZED VIEW host_throughput AS
SELECT window_start, window_end,
       CASE name WHEN 'system.disk.io' THEN 'disk' ELSE 'network' END AS kind,
       device, direction,
       sum(value) / 10 AS bytes_per_second,
       max(value) AS highest_second
FROM tumble(host_metrics, ts, INTERVAL '10 seconds')
WHERE name IN ('system.disk.io', 'system.network.io')
GROUP BY window_start, window_end, kind, device, direction;
