-- What the demo reads: this machine, and a made-up fleet in which something goes wrong every 20 seconds.
-- Every source of the fleet has the same seed, so that spans, logs, metrics, deploys and faults tell one story.

CREATE TABLE host_metrics (
  ts         TIMESTAMP NOT NULL,
  host       VARCHAR NOT NULL,
  name       VARCHAR NOT NULL,
  value      DOUBLE NOT NULL,
  unit       VARCHAR NOT NULL,
  device     VARCHAR,
  mountpoint VARCHAR,
  state      VARCHAR,
  direction  VARCHAR
) WITH (connector = host, stream = metrics, interval = '1 s',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 d');

CREATE TABLE host_processes (
  ts              TIMESTAMP NOT NULL,
  host            VARCHAR NOT NULL,
  pid             BIGINT NOT NULL,
  name            VARCHAR NOT NULL,
  cpu_utilization DOUBLE NOT NULL,
  memory_bytes    BIGINT NOT NULL,
  owner           VARCHAR NOT NULL
) WITH (connector = host, stream = processes, interval = '2 s', top = 20,
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 h');

CREATE TABLE fleet_metrics (
  ts      TIMESTAMP NOT NULL,
  host    VARCHAR NOT NULL,
  service VARCHAR,
  name    VARCHAR NOT NULL,
  value   DOUBLE NOT NULL
) WITH (connector = generator, stream = metrics, seed = 7, interval = '1 s', disorder = '500 ms',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 h');

CREATE TABLE spans (
  ts          TIMESTAMP NOT NULL,
  trace_id    VARCHAR NOT NULL,
  service     VARCHAR NOT NULL,
  route       VARCHAR NOT NULL,
  status      INTEGER NOT NULL,
  duration_ms DOUBLE NOT NULL,
  host        VARCHAR NOT NULL,
  version     VARCHAR NOT NULL
) WITH (connector = generator, stream = spans, seed = 7, rate = 1000, disorder = '500 ms',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '30 min');

CREATE TABLE logs (
  ts       TIMESTAMP NOT NULL,
  host     VARCHAR NOT NULL,
  service  VARCHAR NOT NULL,
  level    VARCHAR NOT NULL,
  message  VARCHAR NOT NULL,
  trace_id VARCHAR NOT NULL
) WITH (connector = generator, stream = logs, seed = 7, rate = 200, disorder = '500 ms',
        event_time = ts, max_lateness = '1 s', idle_timeout = '10 s', retention = '1 h');

CREATE TABLE deploys (
  ts               TIMESTAMP NOT NULL,
  service          VARCHAR NOT NULL,
  version          VARCHAR NOT NULL,
  previous_version VARCHAR NOT NULL
) WITH (connector = generator, stream = deploys, seed = 7,
        event_time = ts, max_lateness = '0 s', idle_timeout = '10 s');

CREATE TABLE faults (
  ts          TIMESTAMP NOT NULL,
  until       TIMESTAMP NOT NULL,
  fault       VARCHAR NOT NULL,
  target      VARCHAR NOT NULL,
  severity    VARCHAR NOT NULL,
  description VARCHAR NOT NULL
) WITH (connector = generator, stream = labels, seed = 7,
        event_time = ts, max_lateness = '0 s', idle_timeout = '10 s');
