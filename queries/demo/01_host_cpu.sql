-- How busy is this machine's CPU, and with what?
CREATE MATERIALIZED VIEW host_cpu WITH (retention = '30 d') AS
SELECT window_start, window_end, host,
       1 - avg(value) FILTER (WHERE state = 'idle') AS utilization,
       avg(value) FILTER (WHERE state = 'user') AS in_programs,
       avg(value) FILTER (WHERE state = 'system') AS in_kernel,
       1 - min(value) FILTER (WHERE state = 'idle') AS busiest_second
FROM tumble(host_metrics, ts, INTERVAL '10 seconds')
WHERE name = 'system.cpu.utilization'
GROUP BY window_start, window_end, host;
