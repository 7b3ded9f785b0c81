-- Average closing price of each category: an auction's highest bid so far stands for its closing price.
CREATE MATERIALIZED VIEW q4 WITH (emit = changes, state_ttl = '1 d') AS
SELECT q.category, avg(q.final) AS avg_price
FROM (
  SELECT max(b.price) AS final, a.category
  FROM auction AS a, bid AS b
  WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
  GROUP BY a.id, a.category
) AS q
GROUP BY q.category;
