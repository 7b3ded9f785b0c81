import { statSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';
import type { Connection } from './database.ts';
import { errorText } from './duckdb-error.ts';
import { faultPoint } from './fault-point.ts';
import type { StoreLimits } from './limits.ts';
import { measureSegment } from './load-streams.ts';
import { dueSegments, type MoveContext, moveSegments } from './move-segments.ts';
import { dropExpired, dropExpiredRows, expired } from './retention.ts';
import type { StoreStatistics } from './store.ts';
import type { Segment, StreamState } from './stream-state.ts';
import type { StoreNotice, StreamRegistry } from './stream-registry.ts';
import { inTransaction } from './transaction.ts';
import type { Writer } from './writer.ts';

export interface MaintenanceOptions {
  readonly folder: DataFolder;
  readonly limits: StoreLimits;
  readonly now: () => number;
  readonly notify: (notice: StoreNotice) => void;
  readonly writer: Writer;
  readonly connection: Connection;
  readonly mover: Connection;
  readonly registry: StreamRegistry;
}

/** Closes segments, moves old ones to Parquet, drops what retention no longer keeps. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #context: MoveContext;
  readonly #measured = new WeakMap<Segment, { readonly rows: number; readonly lastAppendAt: number }>();
  readonly #expiredAt = new WeakMap<StreamState, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#context = { ...options, directory: options.folder.directory };
  }

  start(): void {
    this.#timer = setInterval(() => void this.run(), this.#options.limits.maintenanceEveryMs);
  }

  /** Runs between two commits. */
  async afterCommit(): Promise<void> {
    const { registry, limits } = this.#options;
    for (const stream of registry.streams) {
      if (growsOnly(stream.active) && stream.active.rows >= limits.segmentRowsMax) await this.#rotate(stream);
    }
  }

  /** One round. A failure is told and tried again later: it loses nothing, for rows stay where they are. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  statistics(): Omit<StoreStatistics, 'commits' | 'lastCommitMs'> {
    const { registry, folder } = this.#options;
    const sum = (parts: readonly { rows: number }[]) => parts.reduce((total, part) => total + part.rows, 0);
    const streams = registry.streams.map((stream) => ({
      name: stream.name,
      rows: sum(stream.segments) + sum(stream.files),
      hotRows: sum(stream.segments),
      parquetFiles: stream.files.length,
      rowsDropped: stream.rowsDropped,
    }));
    const files = registry.streams.flatMap((stream) => stream.files);
    return {
      rowsStored: sum(streams),
      hotBytes: sizeOf(folder.database) + sizeOf(`${folder.database}.wal`),
      parquetBytes: files.reduce((total, file) => total + file.bytes, 0),
      parquetFiles: files.length,
      streams,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const { limits, mover, connection, writer } = this.#options;
    const deadline = setTimeout(() => {
      this.#closed = true;
      mover.raw && mover.sql.interrupt();
    }, limits.closeMsMax);
    await this.run();
    clearTimeout(deadline);
    this.#closed = true;
    await writer.alone(() => checkpoint(connection));
  }

  async #round(): Promise<void> {
    const { registry, limits, now, writer, connection } = this.#options;
    let changed = false;
    for (const stream of registry.streams) {
      if (this.#closed) return;
      try {
        await writer.alone(() => this.#rotateByAge(stream));
        await this.#measure(stream);
        const old = expired(stream, now());
        if (old.segments.length + old.files.length > 0) {
          await dropExpired(this.#context, stream, old);
          changed = true;
        }
        if (await this.#dropExpiredRows(stream)) changed = true;
        const due = now() - stream.moveFailedAt < limits.moveRetryMs ? [] : dueSegments(stream, now(), limits);
        if (due.length > 0) {
          await moveSegments(this.#context, stream, due);
          changed = true;
        }
      } catch (error) {
        this.#tellFailure(stream, error);
      }
    }
    if (changed) await writer.alone(() => checkpoint(connection));
  }

  async #rotateByAge(stream: StreamState): Promise<void> {
    const { limits, now } = this.#options;
    const { active } = stream;
    if (!growsOnly(active) || active.rows === 0) return;
    const ageMax = Math.min(limits.segmentAgeMsMax, Math.max(limits.segmentAgeMsMin, stream.hotMs / 2));
    if (now() - active.openedAt >= ageMax) await this.#rotate(stream);
  }

  async #rotate(stream: StreamState): Promise<void> {
    const { connection, registry } = this.#options;
    const before = { segments: [...stream.segments], active: stream.active };
    try {
      await inTransaction(connection, async () => {
        await registry.openSegment(stream);
      });
      faultPoint('segment_opened');
    } catch (error) {
      if (before.active !== null) before.active.closedAt = null;
      Object.assign(stream, before);
      throw error;
    }
  }

  /** Event times of segments that have grown since they were measured. */
  async #measure(stream: StreamState): Promise<void> {
    for (const segment of stream.segments) {
      const { rows, lastAppendAt } = segment;
      const before = this.#measured.get(segment) ?? { rows: 0, lastAppendAt };
      if (rows === before.rows && (growsOnly(segment) || lastAppendAt === before.lastAppendAt)) continue;
      const measured = { ...segment };
      await measureSegment(this.#options.mover, stream, measured);
      segment.minTime = measured.minTime;
      segment.maxTime = measured.maxTime;
      this.#measured.set(segment, { rows, lastAppendAt });
    }
  }

  /** Of a stream that changes: its one table is searched from time to time for rows that are too old. */
  async #dropExpiredRows(stream: StreamState): Promise<boolean> {
    const { now, limits } = this.#options;
    const { retentionMs, active } = stream;
    if (retentionMs === null || active === null || growsOnly(active)) return false;
    const every = Math.min(limits.expiryEveryMsMax, retentionMs / 10);
    if (now() - (this.#expiredAt.get(stream) ?? 0) < every) return false;
    this.#expiredAt.set(stream, now());
    return (await dropExpiredRows(this.#context, stream, active)) > 0;
  }

  #tellFailure(stream: StreamState, error: unknown): void {
    if (this.#closed) return;
    const { notify, now, limits } = this.#options;
    if (now() - stream.moveFailedAt >= limits.moveRetryMs) {
      const text = `Rows of ${stream.name} stay in the hot store, the move to Parquet failed: ${errorText(error)}`;
      notify({ level: 'warning', stream: stream.name, text });
    }
    stream.moveFailedAt = now();
  }
}

/** Only such a segment is closed and moved: rows of others may still be taken back. */
function growsOnly(segment: Segment | null): segment is Segment {
  return segment !== null && segment.generation.changing === null;
}

/** Refused while another transaction writes or an old one reads; then the next one does it. */
async function checkpoint(connection: Connection): Promise<void> {
  faultPoint('checkpoint_before');
  await connection.sql.run('CHECKPOINT').catch(() => undefined);
  faultPoint('checkpoint_after');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
