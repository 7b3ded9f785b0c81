import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Connection } from './database.ts';
import { parseDuckdbError } from './duckdb-error.ts';
import { faultPoint } from './fault-point.ts';
import type { StoreLimits } from './limits.ts';
import { timeExpression } from './load-streams.ts';
import { encodedColumn } from './parquet-encoding.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { type Generation, type ParquetFile, referenceTime, type Segment, type StreamState } from './stream-state.ts';
import type { StreamRegistry } from './stream-registry.ts';
import { inTransaction } from './transaction.ts';
import type { Writer } from './writer.ts';

export interface MoveContext {
  readonly directory: string;
  readonly limits: StoreLimits;
  /** Reads segments and writes files, beside the commits. */
  readonly mover: Connection;
  /** The writer's own connection. */
  readonly connection: Connection;
  readonly registry: StreamRegistry;
  readonly writer: Writer;
  readonly now: () => number;
}

/** Closed segments of one generation, oldest first, whose rows are all older than `hotMs`; [] while waiting for more keeps files few. */
export function dueSegments(stream: StreamState, now: number, limits: StoreLimits): Segment[] {
  const reference = referenceTime(stream, now);
  const due: Segment[] = [];
  let rows = 0;
  for (const segment of stream.segments) {
    if (segment.closedAt === null) continue;
    const byTime = segment.maxTime !== null && Number(segment.maxTime / 1000n) <= reference - stream.hotMs;
    if (!byTime && now - segment.lastAppendAt < stream.hotMs) continue;
    if (due[0] !== undefined && (due[0].generation !== segment.generation || rows + segment.rows > limits.moveRowsMax)) break;
    due.push(segment);
    rows += segment.rows;
  }
  const first = due[0];
  if (first === undefined) return [];
  const complete = first.generation !== stream.active?.generation;
  const waited = now - (first.closedAt ?? now) >= limits.moveWaitMsMax;
  return rows >= limits.moveRowsMin || due.length >= limits.moveSegmentsMax || waited || complete ? due : [];
}

/**
 * Rows of these segments go to one Parquet file, and readers see each of them exactly once all the while: written under a passing name,
 * synced, renamed, folder synced; then one transaction lists the file, drops the segments and replaces the view.
 */
export async function moveSegments(context: MoveContext, stream: StreamState, segments: readonly Segment[]): Promise<void> {
  const { connection, registry, writer } = context;
  const { generation } = segments[0] as Segment;
  const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
  const written = rows === 0 ? null : await writeFile(context, stream, segments);
  await writer.alone(async () => {
    const before = { segments: stream.segments, files: stream.files };
    try {
      await inTransaction(connection, async () => {
        if (written !== null) await listFile(context, stream, generation, segments, { ...written, rows });
        faultPoint('move_listed');
        stream.segments = stream.segments.filter((segment) => !segments.includes(segment));
        // The view goes first: it reads the tables that are dropped.
        await registry.refreshViews([stream]);
        await dropSegments(connection, segments);
        faultPoint('move_before_commit');
      });
      faultPoint('move_after_commit');
    } catch (error) {
      Object.assign(stream, before);
      if (written !== null) await rm(join(context.directory, written.path), { force: true });
      throw error;
    }
  });
}

export async function dropSegments(connection: Connection, segments: readonly Segment[]): Promise<void> {
  for (const segment of segments) await connection.sql.run(`DROP TABLE segment.${quoteName(segment.table)}`);
  faultPoint('move_dropped');
  if (segments.length > 0)
    await connection.sql.run(`DELETE FROM engine.segments WHERE id IN (${segments.map((segment) => segment.id).join(',')})`);
}

async function listFile(
  context: MoveContext,
  stream: StreamState,
  generation: Generation,
  segments: readonly Segment[],
  written: { readonly path: string; readonly bytes: number; readonly wide: boolean; readonly rows: number },
): Promise<void> {
  const file: ParquetFile = {
    ...written,
    id: (segments[0] as Segment).id,
    generation,
    minTime: extreme(
      segments.map((segment) => segment.minTime),
      (a, b) => a < b,
    ),
    maxTime: extreme(
      segments.map((segment) => segment.maxTime),
      (a, b) => a > b,
    ),
    createdAt: context.now(),
  };
  stream.files = [...stream.files, file];
  await context.connection.sql.run(
    `INSERT INTO engine.files VALUES (${file.id}, ${stream.id}, ${generation.number}, $1, ${file.rows}, ${file.bytes},
      ${file.minTime ?? 'NULL'}, ${file.maxTime ?? 'NULL'}, ${file.wide}, epoch_ms(${file.createdAt}))`,
    [file.path],
  );
}

async function writeFile(
  context: MoveContext,
  stream: StreamState,
  segments: readonly Segment[],
): Promise<{ readonly path: string; readonly bytes: number; readonly wide: boolean }> {
  const last = segments[segments.length - 1] as Segment;
  const folder = `${stream.name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 80)}-${stream.id}`;
  const path = join('parquet', folder, `${(segments[0] as Segment).id}-${last.id}-${randomUUID().slice(0, 8)}.parquet`);
  const absolute = join(context.directory, path);
  const passing = `${absolute}.tmp`;
  await mkdir(dirname(absolute), { recursive: true });
  try {
    const wide = await copyRows(context, stream, segments, passing);
    faultPoint('move_copied');
    await syncPath(passing);
    faultPoint('move_synced');
    await rename(passing, absolute);
    await syncPath(dirname(absolute));
    await syncPath(dirname(dirname(absolute)));
    faultPoint('move_renamed');
    return { path, bytes: (await stat(absolute)).size, wide };
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
}

/** Returns whether the file had to be `wide`: a HUGEINT beyond 38 digits stops the first attempt. */
async function copyRows(context: MoveContext, stream: StreamState, segments: readonly Segment[], path: string): Promise<boolean> {
  const copy = (wide: boolean) =>
    context.mover.sql.run(
      `COPY (${sortedRows(stream, segments, wide)}) TO ${quoteText(path)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd,
        ROW_GROUP_SIZE ${context.limits.parquetRowGroupRows})`,
    );
  try {
    await copy(false);
    return false;
  } catch (error) {
    if (!/Conversion|Out of Range/i.test(parseDuckdbError(error).type)) throw error;
    await copy(true);
    return true;
  }
}

/** By event time, then in the order of arrival. */
function sortedRows(stream: StreamState, segments: readonly Segment[], wide: boolean): string {
  const { generation } = segments[0] as Segment;
  const columns = generation.columns.map((column) => encodedColumn(column, wide)).join(', ');
  const tables = segments.map(
    (segment, index) => `SELECT *, ${index} AS "millrace segment", rowid AS "millrace row" FROM segment.${quoteName(segment.table)}`,
  );
  const time = timeExpression(stream, generation) === null ? '' : `${quoteName(stream.eventTime as string)} NULLS FIRST, `;
  return `SELECT ${columns} FROM (${tables.join(' UNION ALL ')}) ORDER BY ${time}"millrace segment", "millrace row"`;
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function extreme(times: readonly (bigint | null)[], better: (a: bigint, b: bigint) => boolean): bigint | null {
  return times.reduce<bigint | null>((best, time) => (time !== null && (best === null || better(time, best)) ? time : best), null);
}
