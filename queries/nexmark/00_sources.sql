-- The auction site of the Nexmark benchmark: persons, auctions and bids, 1 : 3 : 46. Every source has the same seed.
-- For a run that ends, give each of them events = 5000000 and run with --speed max --until-end.

CREATE TABLE person (
  id            BIGINT,
  name          VARCHAR,
  email_address VARCHAR,
  credit_card   VARCHAR,
  city          VARCHAR,
  state         VARCHAR,
  date_time     TIMESTAMP,
  extra         VARCHAR
) WITH (connector = nexmark, event = person, seed = 42, event_time = date_time, max_lateness = '4 s');

CREATE TABLE auction (
  id          BIGINT,
  item_name   VARCHAR,
  description VARCHAR,
  initial_bid BIGINT,
  reserve     BIGINT,
  date_time   TIMESTAMP,
  expires     TIMESTAMP,
  seller      BIGINT,
  category    BIGINT,
  extra       VARCHAR
) WITH (connector = nexmark, event = auction, seed = 42, event_time = date_time, max_lateness = '4 s');

CREATE TABLE bid (
  auction      BIGINT,
  bidder       BIGINT,
  price        BIGINT,
  channel      VARCHAR,
  url          VARCHAR,
  date_time    TIMESTAMP,
  extra        VARCHAR,
  _ingest_time TIMESTAMP
) WITH (connector = nexmark, event = bid, seed = 42, event_time = date_time, max_lateness = '4 s');

-- q13's side table: a name for each remainder of an auction's number.
CREATE TABLE side_input (
  key   BIGINT,
  value VARCHAR
) WITH (connector = file, path = 'side_input.csv', format = csv, kind = lookup);

-- How often a text holds another, in a WebAssembly component (udf/strings.wit, udf/strings.as).
CREATE FUNCTION count_char(s VARCHAR, c VARCHAR) RETURNS BIGINT LANGUAGE wasm IMMUTABLE STRICT AS 'udf/strings.wasm', 'count_char';
