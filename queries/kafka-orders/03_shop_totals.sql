-- The totals as a topic, exactly once: readers with read_committed see each row when it has been committed, and no row twice.
INSERT INTO shop_totals
SELECT window_start, shop, orders, total FROM shop_minutes;
