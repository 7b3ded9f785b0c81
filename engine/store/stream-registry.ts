import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { segmentColumns } from './changing-table.ts';
import type { Connection } from './database.ts';
import { firstConflict, sameColumns } from './column-compatibility.ts';
import { errorText } from './duckdb-error.ts';
import { generationText, loadStreams } from './load-streams.ts';
import { quoteName, sqlType } from './sql-text.ts';
import { StoreError, type StreamDefinition } from './store.ts';
import { currentGeneration, type Generation, type Segment, type StreamState } from './stream-state.ts';
import { viewStatements } from './stream-view.ts';

/** Something the user should know: shown as an event of the engine. */
export interface StoreNotice {
  readonly level: 'info' | 'warning' | 'error';
  readonly stream: string | null;
  readonly text: string;
}

/** Streams of the data folder. Every method that writes runs in a transaction of the caller, who calls `load` after a rollback. */
export class StreamRegistry {
  readonly #connection: Connection;
  readonly #directory: string;
  readonly #now: () => number;
  readonly #notify: (notice: StoreNotice) => void;
  #streams = new Map<string, StreamState>();

  constructor(connection: Connection, directory: string, now: () => number, notify: (notice: StoreNotice) => void) {
    this.#connection = connection;
    this.#directory = directory;
    this.#now = now;
    this.#notify = notify;
  }

  get streams(): readonly StreamState[] {
    return [...this.#streams.values()];
  }

  get(name: string): StreamState {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new StoreError(`Stream ${name} was not defined before rows for it were committed`);
    return stream;
  }

  async load(): Promise<void> {
    this.#streams = await loadStreams(this.#connection);
  }

  async define(definitions: readonly StreamDefinition[]): Promise<void> {
    for (const definition of definitions) {
      const stream = this.#streams.get(definition.name);
      if (stream === undefined) await this.#add(definition);
      else await this.#change(stream, definition);
    }
  }

  /** Views hold paths of files, so they follow a folder that was moved. */
  async refreshViews(streams: readonly StreamState[] = this.streams): Promise<void> {
    for (const stream of streams)
      for (const statement of viewStatements(stream, this.#directory)) await this.#connection.sql.run(statement);
  }

  /** Closes the segment that is written to and opens the next one. */
  async openSegment(stream: StreamState): Promise<Segment> {
    const { sql } = this.#connection;
    const id =
      1 + Math.max(0, ...this.streams.flatMap((other) => other.segments.map((segment) => segment.id)), await this.#lastSegmentId());
    const now = this.#now();
    const generation = currentGeneration(stream);
    const segment: Segment = {
      id,
      table: `${stream.name}__${id}`,
      generation,
      openedAt: now,
      closedAt: null,
      lastAppendAt: now,
      rows: 0,
      minTime: null,
      maxTime: null,
    };
    if (stream.active !== null) {
      stream.active.closedAt = now;
      await sql.run(`UPDATE engine.segments SET closed_at = epoch_ms(${now}) WHERE id = ${stream.active.id}`);
    }
    await sql.run(`CREATE TABLE segment.${quoteName(segment.table)} (${segmentColumns(generation)})`);
    await sql.run(`INSERT INTO engine.segments VALUES (${id}, ${stream.id}, ${generation.number}, $1, epoch_ms(${now}), NULL)`, [
      segment.table,
    ]);
    stream.segments.push(segment);
    stream.active = segment;
    await this.refreshViews([stream]);
    return segment;
  }

  /** Files that no table lists are left over from a move that was cut short. */
  async removeUnlistedFiles(found: readonly string[]): Promise<number> {
    const listed = new Set(this.streams.flatMap((stream) => stream.files.map((file) => file.path)));
    const unlisted = found.filter((path) => !listed.has(path));
    for (const path of unlisted) await rm(join(this.#directory, path), { force: true });
    return unlisted.length;
  }

  async #lastSegmentId(): Promise<number> {
    const reader = await this.#connection.sql.runAndReadAll('SELECT coalesce(max(id), 0)::INTEGER FROM engine.segments');
    return Number(reader.getRowsJS()[0]?.[0]);
  }

  async #add(definition: StreamDefinition): Promise<void> {
    const stream: StreamState = {
      id: 1 + Math.max(0, ...this.streams.map((other) => other.id)),
      name: definition.name,
      eventTime: definition.eventTime,
      retentionMs: definition.retentionMs,
      hotMs: definition.hotMs,
      generations: [],
      segments: [],
      files: [],
      active: null,
      rowsDropped: 0,
      moveFailedAt: 0,
    };
    await this.#connection.sql.run(`INSERT INTO engine.streams VALUES (${stream.id}, $1, $2, $3, $4, 0)`, [
      stream.name,
      stream.eventTime,
      stream.retentionMs === null ? null : Math.round(stream.retentionMs),
      Math.round(stream.hotMs),
    ]);
    this.#streams.set(stream.name, stream);
    await this.#addGeneration(stream, definition);
  }

  async #change(stream: StreamState, definition: StreamDefinition): Promise<void> {
    const same =
      stream.eventTime === definition.eventTime && stream.retentionMs === definition.retentionMs && stream.hotMs === definition.hotMs;
    if (!same) {
      stream.eventTime = definition.eventTime;
      stream.retentionMs = definition.retentionMs;
      stream.hotMs = definition.hotMs;
      await this.#connection.sql.run(`UPDATE engine.streams SET event_time = $1, retention_ms = $2, hot_ms = $3 WHERE id = ${stream.id}`, [
        stream.eventTime,
        stream.retentionMs === null ? null : Math.round(stream.retentionMs),
        Math.round(stream.hotMs),
      ]);
    }
    const current = currentGeneration(stream);
    if (sameColumns(current.columns, definition.columns) && sameChanges(current.changing, changesOf(definition))) {
      if (stream.active === null) await this.openSegment(stream);
      return;
    }
    await this.#archiveConflicts(stream, definition);
    await this.#addGeneration(stream, definition);
  }

  async #addGeneration(stream: StreamState, definition: StreamDefinition): Promise<void> {
    if (definition.columns.length === 0) throw new StoreError(`Stream ${stream.name} has no columns`);
    const generation: Generation = {
      number: 1 + Math.max(0, ...stream.generations.map((other) => other.number)),
      columns: definition.columns,
      changing: changesOf(definition),
      since: this.#now(),
      archivedAs: null,
    };
    stream.generations.push(generation);
    await this.#connection.sql.run(
      `INSERT INTO engine.generations VALUES (${stream.id}, ${generation.number}, $1, epoch_ms(${generation.since}), NULL)`,
      [generationText(generation)],
    );
    try {
      await this.openSegment(stream);
    } catch (error) {
      throw new StoreError(`Stream ${stream.name} cannot be stored: ${errorText(error)}`);
    }
  }

  async #archiveConflicts(stream: StreamState, definition: StreamDefinition): Promise<void> {
    const date = new Date(this.#now()).toISOString().slice(0, 10).replaceAll('-', '_');
    for (const generation of stream.generations) {
      if (generation.archivedAs !== null) continue;
      const conflict = firstConflict(generation.columns, definition.columns);
      // What was to be changed later would stay for ever beside the rows of now.
      const abandoned = generation.changing !== null && !sameChanges(generation.changing, changesOf(definition));
      if (conflict === null && !abandoned) continue;
      generation.archivedAs = this.#freeName(`${stream.name}__until_${date}`, stream);
      await this.#connection.sql.run(
        `UPDATE engine.generations SET archived_as = $1 WHERE stream = ${stream.id} AND generation = ${generation.number}`,
        [generation.archivedAs],
      );
      const change =
        conflict === null
          ? `How rows of ${stream.name} change is no longer the same`
          : `Columns of ${stream.name} changed (${conflict.name} was ${sqlType(conflict.was)}, is now ${sqlType(conflict.is)})`;
      const text = `${change}: its earlier rows are kept as ${quoteName(generation.archivedAs)}`;
      this.#notify({ level: 'warning', stream: stream.name, text });
    }
  }

  /** Generations that go at the same time with the same columns' types could share a name; each has its own, which is always right. */
  #freeName(wanted: string, stream: StreamState): string {
    const taken = new Set([
      ...this.#streams.keys(),
      ...[...this.#streams.values(), stream].flatMap((other) => other.generations.map((g) => g.archivedAs)),
    ]);
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    return name;
  }
}

function changesOf({ changes, key }: StreamDefinition): Generation['changing'] {
  return changes === true ? { key: key ?? null } : null;
}

function sameChanges(a: Generation['changing'], b: Generation['changing']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
