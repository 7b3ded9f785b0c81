-- Which processes of this machine use CPU or much memory?
CREATE MATERIALIZED VIEW busiest_processes AS
SELECT window_start, window_end, name, pid, owner,
       avg(cpu_utilization) AS cpu,
       max(cpu_utilization) AS highest_cpu,
       max(memory_bytes) AS memory_bytes
FROM tumble(host_processes, ts, INTERVAL '10 seconds')
GROUP BY window_start, window_end, name, pid, owner
HAVING avg(cpu_utilization) >= 0.005 OR max(memory_bytes) >= 100000000;
