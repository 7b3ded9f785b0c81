import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { changedAt } from './changing-table.ts';
import { faultPoint } from './fault-point.ts';
import { timeExpression } from './load-streams.ts';
import { dropSegments, type MoveContext } from './move-segments.ts';
import { type ParquetFile, referenceTime, type Segment, type StreamState } from './stream-state.ts';
import { quoteName } from './sql-text.ts';
import { inTransaction } from './transaction.ts';

interface Expired {
  readonly segments: readonly Segment[];
  readonly files: readonly ParquetFile[];
}

/** Closed segments and files whose rows are all older than the stream's retention, by event time, or by arrival where they have none. */
export function expired(stream: StreamState, now: number): Expired {
  const { retentionMs } = stream;
  if (retentionMs === null) return { segments: [], files: [] };
  const reference = referenceTime(stream, now);
  const isOld = (maxTime: bigint | null, arrived: number) =>
    maxTime === null ? arrived < now - retentionMs : Number(maxTime / 1000n) < reference - retentionMs;
  return {
    segments: stream.segments.filter((segment) => segment.closedAt !== null && isOld(segment.maxTime, segment.lastAppendAt)),
    files: stream.files.filter((file) => isOld(file.maxTime, file.createdAt)),
  };
}

/** Drops what is expired and counts its rows. A query that began before sees it to its end, unless it still has to open a file. */
export async function dropExpired(context: MoveContext, stream: StreamState, old: Expired): Promise<number> {
  const { connection, registry, writer, directory } = context;
  const rows = [...old.segments, ...old.files].reduce((sum, part) => sum + part.rows, 0);
  await writer.alone(async () => {
    const before = { segments: stream.segments, files: stream.files, rowsDropped: stream.rowsDropped };
    stream.segments = stream.segments.filter((segment) => !old.segments.includes(segment));
    stream.files = stream.files.filter((file) => !old.files.includes(file));
    stream.rowsDropped += rows;
    try {
      await inTransaction(connection, async () => {
        await connection.sql.run(`UPDATE engine.streams SET rows_dropped = ${stream.rowsDropped} WHERE id = ${stream.id}`);
        if (old.files.length > 0)
          await connection.sql.run(`DELETE FROM engine.files WHERE id IN (${old.files.map((file) => file.id).join(',')})`);
        await registry.refreshViews([stream]);
        await dropSegments(connection, old.segments);
        faultPoint('retention_before_commit');
      });
      faultPoint('retention_after_commit');
    } catch (error) {
      Object.assign(stream, before);
      throw error;
    }
  });
  for (const file of old.files) {
    await rm(join(directory, file.path), { force: true });
    faultPoint('retention_removed');
  }
  return rows;
}

/** Drops rows of a table that changes, by event time, or by their last change where they have none. Returns how many. */
export async function dropExpiredRows(context: MoveContext, stream: StreamState, segment: Segment): Promise<number> {
  const { connection, writer, now } = context;
  const { retentionMs } = stream;
  if (retentionMs === null) return 0;
  const time = timeExpression(stream, segment.generation);
  const changed = `epoch_us(${changedAt})`;
  const limit = (reference: number) => `${Math.floor(reference - retentionMs)} * 1000::BIGINT`;
  const old = `CASE WHEN ${time ?? 'NULL'} IS NULL THEN ${changed} < ${limit(now())} ELSE ${time ?? 'NULL'} < ${limit(referenceTime(stream, now()))} END`;
  let rows = 0;
  await writer.alone(async () => {
    await inTransaction(connection, async () => {
      const result = await connection.sql.run(`DELETE FROM segment.${quoteName(segment.table)} WHERE ${old}`);
      rows = result.rowsChanged;
      if (rows > 0) {
        await connection.sql.run(`UPDATE engine.streams SET rows_dropped = ${stream.rowsDropped + rows} WHERE id = ${stream.id}`);
      }
    });
    segment.rows -= rows;
    stream.rowsDropped += rows;
  });
  return rows;
}
