import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JoinedQueries } from './support/joined-query.ts';

/** Events in the proportions of Nexmark, some of them late by up to two seconds. */
const at = (table: string, step: number) =>
  `SELECT *, TIMESTAMP '2024-01-01' + to_milliseconds((i * ${step})::BIGINT) AS date_time FROM (${table}) ORDER BY i * ${step} + (hash(i) % 2000)::BIGINT`;
const persons = at(
  "SELECT i, 1000 + i AS id, 'name ' || i % 50 AS name, 'city ' || i % 20 AS city, ['OR', 'ID', 'CA', 'NY', 'WA'][1 + (hash(i) % 5)::INTEGER] AS state FROM range(300) AS g(i)",
  500,
);
const auctions = at(
  `SELECT i, 5000 + i AS id, 'item ' || i AS item_name, (hash(i * 3) % 1000)::BIGINT AS initial_bid,
     1000 + (hash(i * 5) % (1 + i // 3))::BIGINT AS seller, 10 + (hash(i * 7) % 5)::BIGINT AS category, 1000 + (hash(i * 13) % 15000)::BIGINT AS open_ms FROM range(900) AS g(i)`,
  166,
);
const bids = at(
  `SELECT i, 5000 + greatest(0, i // 10 - (hash(i) % 40)::BIGINT) AS auction, 1000 + (hash(i * 3) % 300)::BIGINT AS bidder, (hash(i * 11) % 100000)::BIGINT AS price,
     'channel ' || hash(i * 17) % 4 AS channel FROM range(9000) AS g(i)`,
  16,
);
const feeds = [
  { seed: 1, batchRows: 200 },
  { seed: 2, batchRows: 8000 },
];
const kept = { options: "emit = changes, state_ttl = '1 d'" };

describe('the joins of Nexmark answer as DuckDB', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    const time = 'date_time';
    queries = await JoinedQueries.create({
      person: {
        columns: 'id BIGINT, name VARCHAR, city VARCHAR, state VARCHAR, date_time TIMESTAMP',
        rows: `SELECT id, name, city, state, date_time FROM (${persons})`,
        time,
      },
      auction: {
        columns: 'id BIGINT, item_name VARCHAR, initial_bid BIGINT, date_time TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT',
        rows: `SELECT id, item_name, initial_bid, date_time, date_time + to_milliseconds(open_ms), seller, category FROM (${auctions})`,
        time,
      },
      bid: {
        columns: 'auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, date_time TIMESTAMP',
        rows: `SELECT auction, bidder, price, channel, date_time FROM (${bids})`,
        time,
      },
      side_input: {
        columns: 'key BIGINT, value VARCHAR',
        rows: "SELECT i, 'v' || i FROM range(0, 10000, 3) AS g(i)",
        options: 'kind = lookup',
      },
    });
  });
  afterAll(async () => {
    await queries.close();
  });
  const compare = async (body: string, options: { options?: string } = {}) =>
    await queries.compare(body, ...feeds.map((feed) => ({ ...feed, ...options })));

  it('q3: people who sell, kept for a while', async () => {
    const body = `SELECT p.name, p.city, p.state, a.id FROM auction AS a INNER JOIN person AS p ON a.seller = p.id
      WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')`;
    expect(await compare(body, { options: "state_ttl = '1 d'" })).toEqual([]);
  });

  const winning = `SELECT max(b.price) AS final, a.category FROM auction AS a, bid AS b
    WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.category`;
  it('q4: the price that each category ends at', async () => {
    expect(await compare(`SELECT q.category, avg(q.final) AS avg_price FROM (${winning}) AS q GROUP BY q.category`, kept)).toEqual([]);
  });

  it('a bid while the auction is open needs no time to live', async () => {
    const body =
      'SELECT a.id, a.category, b.price, b.date_time FROM auction AS a, bid AS b WHERE a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires';
    expect(await compare(body)).toEqual([]);
  });

  it('q5: the auctions with the most bids', async () => {
    const counted = (key: string) =>
      `SELECT ${key} count(*) AS num, window_start, window_end FROM hop(bid, date_time, INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY auction, window_start, window_end`;
    const body = `SELECT ab.auction, ab.num FROM (${counted('auction,')}) AS ab
      JOIN (SELECT max(cb.num) AS maxn, cb.window_start, cb.window_end FROM (${counted('')}) AS cb GROUP BY cb.window_start, cb.window_end) AS mb
      ON ab.window_start = mb.window_start AND ab.window_end = mb.window_end AND ab.num >= mb.maxn`;
    expect(await compare(body)).toEqual([]);
  });

  it('q7: the highest bid of each ten seconds', async () => {
    const body = `SELECT b.auction, b.price, b.bidder, b.date_time FROM bid AS b
      JOIN (SELECT max(price) AS maxprice, window_end FROM tumble(bid, date_time, INTERVAL '10 seconds') GROUP BY window_start, window_end) AS b1
      ON b.price = b1.maxprice WHERE b.date_time >= b1.window_end - INTERVAL '10 seconds' AND b.date_time < b1.window_end`;
    expect(await compare(body)).toEqual([]);
  });

  it('q8: people who sell as soon as they are there', async () => {
    const of = (table: string, columns: string) =>
      `SELECT ${columns}, window_start, window_end FROM tumble(${table}, date_time, INTERVAL '10 seconds') GROUP BY ${columns}, window_start, window_end`;
    const body = `SELECT p.id, p.name, p.window_start FROM (${of('person', 'id, name')}) AS p JOIN (${of('auction', 'seller')}) AS a
      ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`;
    expect(await compare(body)).toEqual([]);
  });

  it('q13: a table at the side', async () => {
    const body =
      'SELECT b.auction, b.bidder, b.price, b.date_time, s.value FROM bid AS b JOIN side_input AS s ON mod(b.auction, 10000) = s.key';
    expect(await compare(body)).toEqual([]);
  });

  it('q20: bids with their auctions, kept for a while', async () => {
    const body = `SELECT b.auction, b.bidder, b.price, b.channel, b.date_time AS bid_time, a.item_name, a.date_time AS auction_time, a.expires, a.seller
      FROM bid AS b INNER JOIN auction AS a ON b.auction = a.id WHERE a.category = 10`;
    expect(await compare(body, { options: "state_ttl = '1 d'" })).toEqual([]);
  });
});
