-- Several metrics of a host at once: what is odd only together, and which of them it is.
CREATE VIEW host_minutes AS
SELECT window_end AS ts, host,
  avg(value) FILTER (WHERE name = 'system.cpu.utilization') AS cpu,
  avg(value) FILTER (WHERE name = 'system.memory.utilization') AS memory,
  avg(value) FILTER (WHERE name = 'system.cpu.load_average.1m') AS load
FROM tumble(metrics, ts, INTERVAL '1 minute')
GROUP BY window_start, window_end, host;

CREATE MATERIALIZED VIEW host_as_a_whole WITH (state_ttl = '30 d') AS
SELECT ts, host, cpu, memory, load, h.score, h.is_alarm,
  ['cpu', 'memory', 'load'][list_position(h.contributions, list_max(h.contributions))] AS most_odd
FROM (
  SELECT ts, host, cpu, memory, load, host_anomaly([cpu, memory, load], array_agg([cpu, memory, load]) OVER w) AS h
  FROM host_minutes
  WINDOW w AS (PARTITION BY host ORDER BY ts)
);
