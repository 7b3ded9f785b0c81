-- Orders and turnover of each shop in each minute. npx millrace sql "FROM shop_minutes ORDER BY window_start DESC LIMIT 10"
CREATE MATERIALIZED VIEW shop_minutes WITH (retention = '30 d') AS
SELECT window_start, window_end, _key AS shop,
       count(*) AS orders,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       sum(amount) FILTER (WHERE status = 'paid') AS total
FROM tumble(orders, ts, INTERVAL '1 minute')
GROUP BY window_start, window_end, _key;
