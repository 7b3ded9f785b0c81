import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Connection } from './database.ts';
import { quoteName } from './sql-text.ts';
import type { Generation, Segment, StreamState } from './stream-state.ts';
import { bigintOf, dateMsOf, numberOf, selectRows } from './system-tables.ts';

/** Every stream that the data folder holds, by name. Counts rows of hot segments, which are not in the tables of `engine`. */
export async function loadStreams(connection: Connection): Promise<Map<string, StreamState>> {
  const byId = new Map<number, StreamState>();
  for (const row of await selectRows(connection, 'FROM engine.streams ORDER BY id')) {
    const [id, name, eventTime, retentionMs, hotMs, rowsDropped] = row;
    byId.set(numberOf(id), {
      id: numberOf(id),
      name: String(name),
      eventTime: eventTime as string | null,
      retentionMs: retentionMs === null ? null : numberOf(retentionMs),
      hotMs: numberOf(hotMs),
      generations: [],
      segments: [],
      files: [],
      active: null,
      rowsDropped: numberOf(rowsDropped),
      moveFailedAt: 0,
    });
  }
  for (const [stream, number, columns, since, archivedAs] of await selectRows(
    connection,
    'FROM engine.generations ORDER BY stream, generation',
  )) {
    byId.get(numberOf(stream))?.generations.push({
      number: numberOf(number),
      ...readGeneration(String(columns)),
      since: dateMsOf(since),
      archivedAs: archivedAs as string | null,
    });
  }
  await loadSegments(connection, byId);
  await loadFiles(connection, byId);
  return new Map([...byId.values()].map((stream) => [stream.name, stream]));
}

/** Columns alone, or with what makes the rows change; see `generationText`. */
function readGeneration(text: string): Pick<Generation, 'columns' | 'changing'> {
  const read = JSON.parse(text) as ColumnSpec[] | { columns: ColumnSpec[]; key: string[] | null };
  return Array.isArray(read) ? { columns: read, changing: null } : { columns: read.columns, changing: { key: read.key } };
}

export function generationText({ columns, changing }: Pick<Generation, 'columns' | 'changing'>): string {
  return JSON.stringify(changing === null ? columns : { columns, key: changing.key });
}

async function loadSegments(connection: Connection, streams: ReadonlyMap<number, StreamState>): Promise<void> {
  for (const [id, streamId, number, table, openedAt, closedAt] of await selectRows(connection, 'FROM engine.segments ORDER BY id')) {
    const stream = streams.get(numberOf(streamId)) as StreamState;
    const segment: Segment = {
      id: numberOf(id),
      table: String(table),
      generation: generationOf(stream, number),
      openedAt: dateMsOf(openedAt),
      closedAt: closedAt === null ? null : dateMsOf(closedAt),
      lastAppendAt: dateMsOf(closedAt ?? openedAt),
      rows: 0,
      minTime: null,
      maxTime: null,
    };
    await measureSegment(connection, stream, segment);
    stream.segments.push(segment);
    if (segment.closedAt === null) stream.active = segment;
  }
}

async function loadFiles(connection: Connection, streams: ReadonlyMap<number, StreamState>): Promise<void> {
  for (const row of await selectRows(connection, 'FROM engine.files ORDER BY id')) {
    const [id, streamId, number, path, rows, bytes, minTime, maxTime, wide, createdAt] = row;
    const stream = streams.get(numberOf(streamId)) as StreamState;
    stream.files.push({
      id: numberOf(id),
      generation: generationOf(stream, number),
      path: String(path),
      rows: numberOf(rows),
      bytes: numberOf(bytes),
      minTime: bigintOf(minTime),
      maxTime: bigintOf(maxTime),
      wide: wide === true,
      createdAt: dateMsOf(createdAt),
    });
  }
}

function generationOf(stream: StreamState, number: unknown): Generation {
  return stream.generations.find((generation) => generation.number === numberOf(number)) as Generation;
}

/** Counts a segment's rows and finds its event times. */
export async function measureSegment(connection: Connection, stream: StreamState, segment: Segment): Promise<void> {
  const times = timeExpression(stream, segment.generation);
  const range = times === null ? 'NULL, NULL' : `min(${times}), max(${times})`;
  const [row] = await selectRows(connection, `SELECT count(*), ${range} FROM segment.${quoteName(segment.table)}`);
  segment.rows = numberOf(row?.[0]);
  segment.minTime = bigintOf(row?.[1] ?? null);
  segment.maxTime = bigintOf(row?.[2] ?? null);
}

/** Event time in microseconds as SQL, or null where these rows have none. Infinite times count as none. */
export function timeExpression(stream: StreamState, generation: Generation): string | null {
  const column = generation.columns.find((candidate) => candidate.name === stream.eventTime);
  if (column === undefined || !column.type.kind.startsWith('timestamp')) return null;
  const name = quoteName(column.name);
  return `CASE WHEN isfinite(${name}::TIMESTAMP) THEN epoch_us(${name}) END`;
}
