-- How much of this machine's memory is in use, and is it growing?
CREATE MATERIALIZED VIEW host_memory WITH (retention = '30 d') AS
SELECT window_start, window_end, host,
       avg(value) FILTER (WHERE name = 'system.memory.utilization') AS utilization,
       max(value) FILTER (WHERE name = 'system.memory.utilization') AS highest,
       arg_max(value, ts) FILTER (WHERE name = 'system.memory.usage') AS used_bytes,
       arg_max(value, ts) FILTER (WHERE name = 'system.memory.usage')
         - arg_min(value, ts) FILTER (WHERE name = 'system.memory.usage') AS grown_bytes
FROM tumble(host_metrics, ts, INTERVAL '10 seconds')
WHERE name IN ('system.memory.utilization', 'system.memory.usage') AND state = 'used'
GROUP BY window_start, window_end, host;
