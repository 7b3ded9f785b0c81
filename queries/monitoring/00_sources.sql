-- What the monitoring queries read: a made-up fleet, and two small tables of facts about it. Same seed, one story.

CREATE TABLE metrics (
  ts      TIMESTAMP NOT NULL,
  service VARCHAR,
  host    VARCHAR NOT NULL,
  name    VARCHAR NOT NULL,
  value   DOUBLE NOT NULL,
  labels  MAP(VARCHAR, VARCHAR) NOT NULL
) WITH (connector = generator, stream = metrics, seed = 11, interval = '1 s', disorder = '500 ms',
        event_time = ts, max_lateness = '10 s', idle_timeout = '30 s');

CREATE TABLE logs (
  ts       TIMESTAMP NOT NULL,
  trace_id VARCHAR NOT NULL,
  service  VARCHAR NOT NULL,
  level    VARCHAR NOT NULL,
  status   INTEGER NOT NULL,
  message  VARCHAR NOT NULL
) WITH (connector = generator, stream = logs, seed = 11, rate = 200, span_rate = 200, disorder = '500 ms',
        event_time = ts, max_lateness = '30 s', idle_timeout = '30 s');

CREATE TABLE spans (
  ts          TIMESTAMP NOT NULL,
  trace_id    VARCHAR NOT NULL,
  span_id     VARCHAR NOT NULL,
  service     VARCHAR NOT NULL,
  route       VARCHAR NOT NULL,
  status      INTEGER NOT NULL,
  duration_ms DOUBLE NOT NULL
) WITH (connector = generator, stream = spans, seed = 11, rate = 200, disorder = '500 ms',
        event_time = ts, max_lateness = '10 s', idle_timeout = '30 s');

CREATE TABLE deploys (
  ts      TIMESTAMP NOT NULL,
  service VARCHAR NOT NULL,
  version VARCHAR NOT NULL
) WITH (connector = generator, stream = deploys, seed = 11,
        event_time = ts, max_lateness = '0 s', idle_timeout = '30 s');

-- CPU seconds that each service's processes used in each second on each host.
CREATE VIEW usage AS
SELECT ts, service, value AS cpu_seconds FROM metrics WHERE name = 'process.cpu.utilization' AND service IS NOT NULL;

-- Who made the request? A made-up trace carries no user: the first digits of its number stand for one.
CREATE VIEW user_spans AS
SELECT ts, substring(trace_id, 1, 3) AS user_id, status, duration_ms FROM spans;

-- Slowly changing facts: prices that hold from a time on, and a table to look up in.
CREATE TABLE prices (
  ts       TIMESTAMP NOT NULL,
  resource VARCHAR NOT NULL,
  usd      DOUBLE NOT NULL,
  PRIMARY KEY (resource, ts)
) WITH (connector = file, path = 'prices.csv', format = csv, kind = versioned, event_time = ts);

CREATE TABLE teams (
  service VARCHAR PRIMARY KEY,
  team    VARCHAR NOT NULL,
  slo     DOUBLE NOT NULL
) WITH (connector = file, path = 'teams.csv', format = csv, kind = lookup, refresh = '5 min');

-- Where alerts and archives go.
CREATE TABLE alerts_out (
  ts      TIMESTAMP,
  service VARCHAR,
  kind    VARCHAR,
  score   DOUBLE
) WITH (connector = file, role = sink, path = 'out/alerts.ndjson', format = ndjson);

CREATE TABLE latency_archive (
  window_start TIMESTAMP,
  service      VARCHAR,
  p95          DOUBLE,
  p99          DOUBLE
) WITH (connector = parquet, role = sink, path = 'out/latency', partition_by = 'service', roll_every = '1 h');

-- Functions over a series' history, in a WebAssembly component: udf/learning.wit says what they take, udf/learning.as is its source.
CREATE FUNCTION history_iforest(x DOUBLE, history DOUBLE[], seed INTEGER) RETURNS DOUBLE
  LANGUAGE wasm IMMUTABLE STRICT AS 'udf/learning.wasm', 'iforest_score';
CREATE FUNCTION holt_forecast(history DOUBLE[], horizon INTEGER) RETURNS DOUBLE
  LANGUAGE wasm IMMUTABLE STRICT AS 'udf/learning.wasm', 'holt_forecast';
