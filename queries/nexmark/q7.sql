-- The highest bids of each ten seconds.
CREATE MATERIALIZED VIEW q7 AS
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid AS b
JOIN (
  SELECT max(price) AS maxprice, window_end
  FROM tumble(bid, date_time, INTERVAL '10 seconds')
  GROUP BY window_start, window_end
) AS b1
ON b.price = b1.maxprice
WHERE b.date_time >= b1.window_end - INTERVAL '10 seconds' AND b.date_time < b1.window_end;
