/** What a query's answer determines, where ties leave the rest open: bids of one price, or of one millisecond, are in no order. */
export interface Determined {
  readonly columns: readonly string[];
  /** Of these rows; all when absent. Over the tables `auction` and `bid`. */
  readonly where?: string;
}

/** Sellers two of whose auctions were won in the same millisecond: which of them closed first is open, and so are the averages. */
const tiedSellers = `SELECT seller FROM (
    SELECT a.seller, b.date_time, row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time) AS rank
    FROM main.auction AS a JOIN main.bid AS b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
  ) WHERE rank = 1 GROUP BY seller, date_time HAVING count(*) > 1`;

export const determined: Readonly<Record<string, Determined>> = {
  q6: { columns: ['seller', 'avg_price'], where: `seller NOT IN (${tiedSellers})` },
  q9: { columns: ['id', 'item_name', 'expires', 'seller', 'category', 'price', 'bid_date_time'] },
  q18: { columns: ['auction', 'bidder', 'date_time'] },
  q19: { columns: ['auction', 'price', 'rank_number'] },
};
