-- Which auctions had most bids in the last ten seconds, every two seconds?
CREATE MATERIALIZED VIEW q5 AS
SELECT ab.auction, ab.num
FROM (
  SELECT auction, count(*) AS num, window_start, window_end
  FROM hop(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
  GROUP BY auction, window_start, window_end
) AS ab
JOIN (
  SELECT max(cb.num) AS maxn, cb.window_start, cb.window_end
  FROM (
    SELECT count(*) AS num, window_start, window_end
    FROM hop(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds')
    GROUP BY auction, window_start, window_end
  ) AS cb
  GROUP BY cb.window_start, cb.window_end
) AS mb
ON ab.window_start = mb.window_start AND ab.window_end = mb.window_end AND ab.num >= mb.maxn;
