-- How many bids did a bidder make in each ten seconds, by the time at which they came in?
CREATE MATERIALIZED VIEW q12 AS
SELECT bidder, count(*) AS bid_count, window_start AS starttime, window_end AS endtime
FROM tumble(bid, _ingest_time, INTERVAL '10 seconds')
GROUP BY bidder, window_start, window_end;
