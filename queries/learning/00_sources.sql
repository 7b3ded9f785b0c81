-- Metrics of a made-up fleet in which something goes wrong from time to time.
CREATE TABLE metrics (
  ts      TIMESTAMP NOT NULL,
  host    VARCHAR NOT NULL,
  service VARCHAR,
  name    VARCHAR NOT NULL,
  value   DOUBLE
) WITH (connector = generator, stream = metrics, seed = 7, interval = '1 s', disorder = '500 ms',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 h');

-- What its services write.
CREATE TABLE logs (
  ts      TIMESTAMP NOT NULL,
  service VARCHAR NOT NULL,
  level   VARCHAR NOT NULL,
  message VARCHAR NOT NULL
) WITH (connector = generator, stream = logs, seed = 7, rate = 100, disorder = '500 ms',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 h');
