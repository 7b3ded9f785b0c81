-- Counters are turned into rates first; then each host's traffic has its detector.
CREATE MATERIALIZED VIEW network_rates WITH (state_ttl = '1 d', retention = '1 d') AS
SELECT ts, host, rate(value, array_agg(value) OVER w) AS bytes_per_second, robust_zscore(value, array_agg(value) OVER w, rows := 60) AS stands_out
FROM metrics
WHERE name = 'system.network.io'
WINDOW w AS (PARTITION BY host ORDER BY ts);

CREATE MATERIALIZED VIEW network_anomalies WITH (state_ttl = '7 d', retention = '30 d') AS
SELECT ts, host, bytes_per_second, anomaly_score(bytes_per_second, array_agg(bytes_per_second) OVER (PARTITION BY host ORDER BY ts)) AS score
FROM network_rates;
