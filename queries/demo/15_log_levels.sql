-- How many warnings and errors does each service log, and the newest of its errors?
CREATE MATERIALIZED VIEW log_levels WITH (retention = '30 d') AS
SELECT window_start, window_end, service,
       count(*) AS lines,
       count(*) FILTER (WHERE level = 'WARN') AS warnings,
       count(*) FILTER (WHERE level = 'ERROR') AS errors,
       arg_max(message, ts) FILTER (WHERE level = 'ERROR') AS newest_error
FROM tumble(logs, ts, INTERVAL '10 seconds')
GROUP BY window_start, window_end, service;
