/** Bounds of the store. Every one can be overridden when a store is opened. */
export interface StoreLimits {
  /** What DuckDB may hold in memory before it writes to `temp/spill`. */
  readonly memoryBytesMax: number;
  readonly threads: number;
  readonly spillBytesMax: number;
  /** DuckDB folds its write-ahead log into the database file at this size; a restart after a kill reads about 70 MB of it per second. */
  readonly walBytesMax: number;
  /** Rows of waiting epochs that one transaction takes. */
  readonly commitRowsMax: number;
  readonly segmentRowsMax: number;
  /** A segment that has rows is closed at this age at the latest; half of the stream's `hotMs` when that is less. */
  readonly segmentAgeMsMax: number;
  readonly segmentAgeMsMin: number;
  /** One move takes no more rows than this beyond its first segment: DuckDB sorts them in memory. */
  readonly moveRowsMax: number;
  /** Segments that are due wait for one another until they hold this many rows ... */
  readonly moveRowsMin: number;
  /** ... or there are this many ... */
  readonly moveSegmentsMax: number;
  /** ... or the first has waited this long, so that Parquet files stay few. */
  readonly moveWaitMsMax: number;
  readonly maintenanceEveryMs: number;
  /** Tables whose rows change are searched for expired rows at least this often; more often where retention is short. */
  readonly expiryEveryMsMax: number;
  /** A move that failed (disk full) is tried again after this. */
  readonly moveRetryMs: number;
  readonly closeMsMax: number;
  /** Stretches of one partition kept for a replay; beyond it neighbours are merged. */
  readonly rangesPerPartitionMax: number;
  /** Stretches that no window needs are deleted in groups of at least this many. */
  readonly rangesPruneMin: number;
  readonly adhocConcurrencyMax: number;
  readonly adhocQueueMax: number;
  readonly exportBytesMax: number;
  readonly parquetRowGroupRows: number;
}

/** Limits as JSON: for tests, whose processes live too short to come to a limit as it is. */
export const limitsVariable = 'MILLRACE_STORE_LIMITS';

const mebibyte = 1 << 20;

export const storeLimitsDefault: StoreLimits = {
  memoryBytesMax: 128 * mebibyte,
  threads: 2,
  spillBytesMax: 8192 * mebibyte,
  walBytesMax: 32 * mebibyte,
  commitRowsMax: 1_000_000,
  segmentRowsMax: 500_000,
  segmentAgeMsMax: 6 * 3_600_000,
  segmentAgeMsMin: 60_000,
  moveRowsMin: 250_000,
  moveRowsMax: 500_000,
  moveSegmentsMax: 8,
  moveWaitMsMax: 24 * 3_600_000,
  maintenanceEveryMs: 5_000,
  expiryEveryMsMax: 60_000,
  moveRetryMs: 60_000,
  closeMsMax: 5_000,
  rangesPerPartitionMax: 10_000,
  rangesPruneMin: 256,
  adhocConcurrencyMax: 2,
  adhocQueueMax: 32,
  exportBytesMax: 512 * mebibyte,
  parquetRowGroupRows: 122_880,
  ...(JSON.parse(process.env[limitsVariable] ?? '{}') as Partial<StoreLimits>),
};
