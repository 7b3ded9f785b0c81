-- The last bid of each bidder on each auction.
-- Bids of one millisecond are in no order: which of them is the last is not determined.
CREATE MATERIALIZED VIEW q18 WITH (emit = changes, state_ttl = '1 d') AS
SELECT auction, bidder, price, channel, url, date_time, extra
FROM (
  SELECT *, row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC) AS rank_number FROM bid
) AS r
WHERE rank_number <= 1;
