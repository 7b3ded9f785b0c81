-- An alert: a shop of which more than a tenth of at least ten orders failed within a minute. A row is a firing alert.
CREATE MATERIALIZED VIEW payments_fail
  WITH (kind = alert, severity = critical, keys = 'shop', resolve_after = '2 min',
        summary = '{{shop}}: {{failed}} of {{orders}} orders failed in a minute') AS
SELECT window_end AS ts, shop, orders, failed FROM shop_minutes
WHERE orders >= 10 AND failed > orders / 10;
