-- Rows of one pod are in one partition: what is grouped by pod, or by more, needs no rows of other lanes.
CREATE TABLE pod_metrics (
  ts    TIMESTAMP NOT NULL,
  pod   VARCHAR NOT NULL,
  zone  VARCHAR,
  value DOUBLE NOT NULL
) WITH (connector = kafka, topic = 'pods', brokers = 'k1:9092', format = json, event_time = ts, max_lateness = '10 s', partition_key = 'pod');

CREATE MATERIALIZED VIEW pod_p95 AS
SELECT window_start, window_end, zone, pod, quantile_cont(value, 0.95) AS p95
FROM tumble(pod_metrics, ts, INTERVAL '1 minute')
GROUP BY window_start, window_end, zone, pod;

CREATE MATERIALIZED VIEW pod_peaks AS
SELECT window_start, max(p95) AS worst
FROM tumble(pod_p95, window_end, INTERVAL '10 minutes')
GROUP BY window_start, window_end;

CREATE MATERIALIZED VIEW pod_moving AS
SELECT ts, pod, avg(value) OVER (PARTITION BY pod ORDER BY ts RANGE BETWEEN INTERVAL '5 minutes' PRECEDING AND CURRENT ROW) AS mean
FROM pod_metrics;
