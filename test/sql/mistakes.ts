export const mistakeTables = `CREATE TABLE s (ts TIMESTAMP NOT NULL, svc VARCHAR, ms DOUBLE, status INTEGER) WITH (connector = generator, event_time = ts);
CREATE TABLE other (ts TIMESTAMP NOT NULL, svc VARCHAR, seen TIMESTAMP) WITH (connector = generator, event_time = ts);
CREATE TABLE alerts (svc VARCHAR NOT NULL, n BIGINT) WITH (connector = kafka, role = sink, topic = 'a');
`;

const view = (body: string, options = ''): string => `CREATE MATERIALIZED VIEW v ${options}AS\n${body};`;

const arriving = 'CREATE TABLE c (ts TIMESTAMP, svc VARCHAR, _ingest_time TIMESTAMP) WITH (connector = generator, event_time = ts);\n';

const list = Array.from({ length: 65 }, () => 'ms').join(', ');

/** One mistake each; every message is kept in golden/mistakes.txt. */
export const mistakes: Readonly<Record<string, string>> = {
  'a function that learns over a frame': view(
    'SELECT ts, anomaly_score(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts ROWS 5 PRECEDING)) FROM s',
  ),
  'a function that learns of another column': view(
    'SELECT ts, anomaly_score(ms, array_agg(status) OVER (PARTITION BY svc ORDER BY ts)) FROM s',
  ),
  'a function that learns in no order of time': view(
    'SELECT ts, anomaly_score(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY status)) FROM s',
  ),
  'a function that learns for ever': view('SELECT ts, anomaly(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts)) AS a FROM s'),
  'a parameter out of range': view(
    'SELECT ts, anomaly(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts), sensitivity := 50) AS a FROM s',
  ),
  'a parameter that is no constant': view(
    'SELECT ts, anomaly(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts), min_effect := ms) AS a FROM s',
  ),
  'a list that is no list of columns': view(
    'SELECT ts, host_anomaly(x, array_agg(x) OVER (PARTITION BY svc ORDER BY ts)) AS a FROM (SELECT ts, svc, range(status) AS x FROM s)',
  ),
  'a list of too many columns': view(
    `SELECT ts, host_anomaly([${list}], array_agg([${list}]) OVER (PARTITION BY svc ORDER BY ts)) AS a FROM s`,
  ),
  'a threshold is missing': view('SELECT ts, breach(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts)) AS b FROM s'),
  'a word that is no choice': view(
    "SELECT ts, breach(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts), 5, bound := 'above') AS b FROM s",
  ),
  'a parameter that is NULL': view(
    'SELECT ts, anomaly(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts), sensitivity := NULL) AS a FROM s',
  ),
  'an interval that is too long': view(
    "SELECT ts, forecast(ms, array_agg(ms) OVER (PARTITION BY svc ORDER BY ts), every := INTERVAL '5 years') AS f FROM s",
  ),
  'a function that learns among groups': view('SELECT svc, anomaly_score(max(ms), array_agg(ms)) FROM s GROUP BY svc'),
  'a comma is missing in the SELECT list': view('SELECT svc count(*) n\nFROM s'),
  'FORM for FROM': view('SELECT svc, count(*)\nFORM s\nGROUP BY svc'),
  'VEIW for VIEW': 'CREATE MATERIALIZED VEIW v AS SELECT 1;',
  'SELCT for SELECT': view('SELCT svc FROM s'),
  'GRUOP for GROUP': view('SELECT svc, count(*) FROM s\nGRUOP BY svc'),
  'a parenthesis is not closed': view('SELECT svc, avg(ms FROM s GROUP BY svc'),
  'a string is not closed': view("SELECT * FROM s WHERE svc = 'é"),
  'a comma too many': view('SELECT svc,, ms FROM s'),
  'a comma before FROM': view('SELECT svc, count( FROM s'),
  'a keyword as a column': 'CREATE TABLE t (ts TIMESTAMP, at TIMESTAMP) WITH (connector = generator);',
  'nothing after AS': 'CREATE MATERIALIZED VIEW v AS',
  'the SELECT ends early': view('SELECT svc FROM s WHERE'),
  'a comma is missing between options': "CREATE TABLE t (a INTEGER) WITH (connector = 'kafka' topic = 'x');",
  'an unknown option': "CREATE TABLE t (a INTEGER) WITH (connector = kafka, topik = 'x');",
  'an option far from any': "CREATE TABLE t (a INTEGER) WITH (connector = kafka, watermark = 'x');",
  'an option twice': "CREATE TABLE t (ts TIMESTAMP) WITH (connector = kafka, topic = 'x', topic = 'y');",
  'a duration without a unit': view('SELECT * FROM s', "WITH (retention = '7') "),
  'a value that is no choice': view('SELECT * FROM s', 'WITH (emit = finale) '),
  'a size out of range': view('SELECT * FROM s', "WITH (max_memory = '1 KiB') "),
  'no connector': 'CREATE TABLE t (a INTEGER);',
  'an unknown connector': 'CREATE TABLE t (a INTEGER) WITH (connector = generatr);',
  'event time that is no column': 'CREATE TABLE t (ts TIMESTAMP) WITH (connector = generator, event_time = tss);',
  'event time that is no TIMESTAMP': 'CREATE TABLE t (ts BIGINT) WITH (connector = generator, event_time = ts);',
  'lateness without event time': "CREATE TABLE t (a INTEGER) WITH (connector = generator, max_lateness = '1 s');",
  'a partition key that is no column': "CREATE TABLE t (host VARCHAR) WITH (connector = generator, partition_key = 'hots');",
  'a partition key of a lookup table': "CREATE TABLE t (host VARCHAR) WITH (connector = generator, kind = lookup, partition_key = 'host');",
  'an alert option of a view': view('SELECT * FROM s', 'WITH (severity = page) '),
  'an alert key that is no column': view('SELECT svc, ms FROM s', "WITH (kind = alert, keys = 'service', summary = '{{svc}} {{mss}}') "),
  'windows over event time and over arrival': `${arriving}${view(
    "SELECT e.n, a.n AS came\nFROM (SELECT window_end, count(*) AS n FROM tumble(c, ts, INTERVAL '1 minute') GROUP BY window_end) e\nJOIN (SELECT window_end, count(*) AS n FROM tumble(c, _ingest_time, INTERVAL '1 minute') GROUP BY window_end) a ON e.window_end = a.window_end",
  )}`,
  'arrival beside a view that waits for event time': `${arriving}CREATE MATERIALIZED VIEW w AS SELECT window_end AS ended, svc, count(*) AS n
FROM tumble(c, ts, INTERVAL '1 minute') GROUP BY window_end, svc;
CREATE MATERIALIZED VIEW q AS SELECT window_end, svc, count(*) AS n FROM tumble(c, _ingest_time, INTERVAL '1 minute') GROUP BY window_end, svc;
${view('SELECT w.n FROM w JOIN q ON w.svc = q.svc', "WITH (state_ttl = '1 h', emit = changes) ")}`,
  'an unknown type': 'CREATE TABLE t (a TIMESTMP) WITH (connector = generator);',
  'a type that cannot be used': 'CREATE TABLE t (a BIT) WITH (connector = generator);',
  'a default': 'CREATE TABLE t (a INTEGER DEFAULT 5) WITH (connector = generator);',
  'a column twice': 'CREATE TABLE t (a INTEGER, a INTEGER) WITH (connector = generator);',
  'an unknown column': view('SELECT svc, avg(mss)\nFROM s -- é ü\nGROUP BY svc'),
  'an unknown column after an é': view("SELECT 'é' AS x, avg(mss)\nFROM s"),
  'an unknown column of a table': view('SELECT s.mss FROM s'),
  'an unknown column, far from any': view('SELECT svc FROM s WHERE duration > 5'),
  'an ambiguous column': view('SELECT svc FROM s JOIN other ON s.ts = other.ts'),
  'an unknown table': view('SELECT * FROM spans'),
  'a table almost named right': view('SELECT * FROM othr'),
  'a type error': view('SELECT svc + ms FROM s'),
  'a comparison of types': view('SELECT ts FROM s WHERE ts > 5'),
  'a constant that is none': view("SELECT ts FROM s WHERE ts > TIMESTAMP '2026-13-01'"),
  'a column that is not grouped': view('SELECT svc, status, count(*)\nFROM s GROUP BY svc'),
  'an unknown function': view('SELECT aproxquantile(ms, 0.9) FROM s'),
  'a function with the wrong type': view('SELECT date_trunc(5, ts) FROM s'),
  'an aggregate in WHERE': view('SELECT svc FROM s WHERE count(*) > 5'),
  'tumble of a column that is not there': view("SELECT window_start, count(*)\nFROM tumble(s, tss, INTERVAL '1 minute') GROUP BY 1"),
  'tumble without a size': view('SELECT window_start, count(*)\nFROM tumble(s, ts) GROUP BY 1'),
  'tumble by a number': view('SELECT window_start, count(*)\nFROM tumble(s, ts, 5) GROUP BY 1'),
  'tumble of a month': view("SELECT window_start, count(*)\nFROM tumble(s, ts, INTERVAL '1 month') GROUP BY 1"),
  'tumble by a column': view('SELECT window_start, count(*)\nFROM tumble(s, ts, to_minutes(status)) GROUP BY 1'),
  'tumble of a table that is not there': view("SELECT window_start, count(*)\nFROM tumble(spans, ts, INTERVAL '1 minute') GROUP BY 1"),
  'hop with slide and size exchanged': view(
    "SELECT window_start, count(*)\nFROM hop(s, ts, INTERVAL '5 minutes', INTERVAL '1 minute') GROUP BY 1",
  ),
  'tumble over a column that is not event time': view(
    "SELECT window_start, count(*)\nFROM tumble(other, seen, INTERVAL '1 minute') GROUP BY 1",
  ),
  'ORDER BY at the top': view('SELECT svc, ms FROM s\nORDER BY ms'),
  'LIMIT at the top': view('SELECT svc, ms FROM s LIMIT 5'),
  'ORDER BY and LIMIT inside': view('SELECT * FROM (SELECT svc, ms FROM s ORDER BY ms LIMIT 5)'),
  'the clock': view('SELECT now() AS n, svc FROM s'),
  chance: view('SELECT svc FROM s WHERE random() < 0.1'),
  'reading a file': view("SELECT * FROM read_csv('x.csv')"),
  'reading a file by its name': view("SELECT * FROM 'x.parquet'"),
  'a marker called by its name': view("SELECT __tumble_start(ts, INTERVAL '1 minute') AS a, svc FROM s"),
  'a join without a limit': view('SELECT s.ms FROM s\nJOIN other ON s.svc = other.svc'),
  'a group without a window': view('SELECT svc, count(*) AS n FROM s GROUP BY svc'),
  'final without a window': view('SELECT svc, count(*) AS n FROM s GROUP BY svc', "WITH (emit = final, state_ttl = '1 d') "),
  'final rows of a view that changes': `CREATE MATERIALIZED VIEW totals WITH (state_ttl = '1 d') AS SELECT svc, count(*) AS n FROM s GROUP BY svc;
CREATE MATERIALIZED VIEW v WITH (emit = final) AS SELECT * FROM totals WHERE n > 5;`,
  'final rows of the last of each key': view(
    'SELECT svc, ms, ts FROM s\nQUALIFY row_number() OVER (PARTITION BY svc ORDER BY ts DESC) = 1',
    "WITH (emit = final, state_ttl = '1 d') ",
  ),
  'final rows of an outer join without a limit': view(
    'SELECT s.svc, s.ms, other.seen FROM s\nLEFT JOIN other ON s.svc = other.svc',
    "WITH (emit = final, state_ttl = '1 d') ",
  ),
  'grouping sets': view('SELECT svc, status, count(*) AS n FROM s GROUP BY ROLLUP (svc, status)'),
  'a lambda': view('SELECT list_transform([status], lambda x: x + 1) AS l FROM s'),
  'a struct without names': view('SELECT row(svc, ms) AS r FROM s'),
  'the age of a row': view('SELECT age(ts) AS a FROM s'),
  'two columns of one name': view('SELECT svc, ms AS svc FROM s'),
  'INSERT with too few columns': 'INSERT INTO alerts SELECT svc FROM s;',
  'INSERT into a column that is not there': 'INSERT INTO alerts (svc, m) SELECT svc, status FROM s;',
  'INSERT without a column that is NOT NULL': 'INSERT INTO alerts (n) SELECT status FROM s;',
  'INSERT of NULL into a column that is NOT NULL': 'INSERT INTO alerts SELECT svc, status FROM s;',
  'INSERT of text into a number': "INSERT INTO alerts SELECT 'a' AS svc, svc AS n FROM s;",
  'INSERT of rows that change into what cannot take them back': "INSERT INTO alerts SELECT 'all' AS svc, count(*) AS n FROM s;",
  'INSERT into a source': 'INSERT INTO s SELECT * FROM s;',
  'INSERT into nothing': 'INSERT INTO alarms SELECT svc, 1 FROM s;',
  'reading a sink': view('SELECT * FROM alerts'),
  'a view that reads itself': 'CREATE MATERIALIZED VIEW a AS SELECT * FROM b;\nCREATE MATERIALIZED VIEW b AS SELECT * FROM a;',
  'a name twice': 'CREATE VIEW s AS SELECT * FROM other;',
  'a name of the engine': 'CREATE VIEW s__late AS SELECT * FROM s;',
  'a schema': 'CREATE VIEW x.v AS SELECT * FROM s;',
  'options of a plain view': 'CREATE VIEW v WITH (emit = final) AS SELECT * FROM s;',
  'CREATE TABLE AS': 'CREATE TABLE t AS SELECT * FROM s;',
  'a SELECT alone': 'SELECT * FROM s;',
  UPDATE: "UPDATE s SET svc = 'x';",
  'DROP TABLE': 'DROP TABLE s;',
  'a function of a name that is built in':
    "CREATE FUNCTION Iforest_Score(x DOUBLE) RETURNS DOUBLE LANGUAGE wasm IMMUTABLE STRICT AS 'f.wasm';",
  'a function that is not WebAssembly': "CREATE FUNCTION f(x DOUBLE) RETURNS DOUBLE LANGUAGE sql AS 'SELECT x';",
  'not SQL at all': 'hello world',
};
