-- The ten highest bids on each auction.
CREATE MATERIALIZED VIEW q19 WITH (emit = changes, state_ttl = '1 d') AS
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS rank_number FROM bid
) AS r
WHERE rank_number <= 10;
