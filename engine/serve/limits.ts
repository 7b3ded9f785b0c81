/** Bounds of the server. */
export const bodyBytesMax = 1 << 20;
export const sqlCharactersMax = 256 << 10;
export const sqlRowsDefault = 10_000;
export const sqlRowsMax = 100_000_000;
/** Rows of JSON are built in memory, so there are fewer of them than of a file. */
export const jsonRowsMax = 1_000_000;
export const sqlTimeoutMsDefault = 10_000;
export const sqlTimeoutMsMax = 3_600_000;
export const connectionsMax = 256;
/** Open event streams: one per console page. */
export const streamsMax = 64;
/** Topics of one stream. */
export const topicsMax = 8;
export const headersTimeoutMs = 10_000;
export const requestTimeoutMs = 30_000;
export const keepAliveTimeoutMs = 30_000;
export const heartbeatMs = 15_000;
/** How often the engine is looked at, and how often it is told to who listens. */
export const sampleMs = 250;
export const tickMs = 1_000;
/** With so many queries a stream that names `rows` gets the others only every `fullTickMs`. */
export const manyQueries = 100;
export const fullTickMs = 5_000;
/** Rows of one message, and messages are `sampleMs` apart. */
export const liveRowsMax = 200;
/** Changes that wait for a slow reader, and that are told again to one who comes back. */
export const waitingChangesMax = 100;
/** What the pages ask of the store may take this long, and is kept this long for the next who asks the same. */
export const pageSqlTimeoutMs = 5_000;
export const pageSqlKeptMs = 1_000;
export const newestRowsMax = 200;
export const pointsDefault = 1_200;
export const pointsMax = 10_000;
/** Streams and requests get this long to end when the server closes. */
export const closeMsMax = 500;
