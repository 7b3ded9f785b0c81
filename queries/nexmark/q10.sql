-- Every bid into Parquet files, by day and minute.
CREATE TABLE q10_sink (auction BIGINT, bidder BIGINT, price BIGINT, date_time TIMESTAMP, extra VARCHAR, dt VARCHAR, hm VARCHAR)
  WITH (connector = parquet, role = sink, path = 'out/q10', partition_by = 'dt,hm', roll_every = '1 min');
INSERT INTO q10_sink
SELECT auction, bidder, price, date_time, extra, strftime(date_time, '%Y-%m-%d') AS dt, strftime(date_time, '%H:%M') AS hm
FROM bid;
