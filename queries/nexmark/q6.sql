-- Average closing price of each seller's last ten auctions and the one before the current row.
-- Auctions of one seller that were won in the same millisecond are in no order.
CREATE MATERIALIZED VIEW q6 WITH (emit = changes, state_ttl = '1 d') AS
SELECT q.seller,
       avg(q.final) OVER (PARTITION BY q.seller ORDER BY q.date_time ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS avg_price
FROM (
  SELECT seller, price AS final, date_time
  FROM (
    SELECT a.seller, b.price, b.date_time,
           row_number() OVER (PARTITION BY a.id, a.seller ORDER BY b.price DESC, b.date_time) AS rn
    FROM auction AS a, bid AS b
    WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
  ) AS r
  WHERE rn = 1
) AS q;
