-- User sessions: a gap of thirty seconds closes one.
CREATE MATERIALIZED VIEW user_sessions WITH (emit = final) AS
SELECT user_id, window_start, window_end, count(*) AS spans, max(duration_ms) AS slowest_ms,
       count(*) FILTER (WHERE status >= 500) AS errors
FROM session(user_spans, ts, user_id, INTERVAL '30 seconds')
GROUP BY user_id, window_start, window_end;
