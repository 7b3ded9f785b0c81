-- What is read and written: JSON messages of a shop's orders, keyed by shop, and a topic of totals. Put your brokers in, then
-- `npx millrace run queries/kafka-orders --data data/orders`. docs/kafka.md says what every line does.

CREATE TABLE orders (
  ts         TIMESTAMP NOT NULL,      -- "2026-03-01T12:00:00Z", or a number: milliseconds since 1970
  order_id   VARCHAR NOT NULL,
  status     VARCHAR NOT NULL,        -- placed, paid or failed
  amount     DECIMAL(12, 2),          -- a message without it is a row with NULL; without what is NOT NULL it is rejected
  _key       VARCHAR NOT NULL,        -- the record's key: the shop; a record without one is rejected too
  _partition INTEGER,
  _offset    BIGINT
) WITH (connector = kafka, brokers = '127.0.0.1:9092', topic = orders, format = json, timestamp_unit = ms,
        event_time = ts, max_lateness = '10 s', idle_timeout = '30 s');

CREATE TABLE shop_totals (
  window_start TIMESTAMP NOT NULL,
  shop         VARCHAR NOT NULL,
  orders       BIGINT NOT NULL,
  total        DECIMAL(38, 2)
) WITH (connector = kafka, role = sink, brokers = '127.0.0.1:9092', topic = shop_totals, key = 'shop', timestamp = window_start);
