-- When was each host of the fleet last heard from? One that was heard within 30 seconds, but not in the last 5, is silent.
CREATE MATERIALIZED VIEW silent_hosts AS
SELECT window_start, window_end, host,
       count(*) AS samples,
       max(ts) AS last_heard,
       CASE WHEN max(ts) < window_end - INTERVAL '5 seconds' THEN 'silent' ELSE 'reporting' END AS state
FROM hop(fleet_metrics, ts, INTERVAL '5 seconds', INTERVAL '30 seconds')
GROUP BY window_start, window_end, host;
