import duckdb from '@duckdb/node-bindings';
import type { Connection } from './database.ts';
import { StringHeap } from './string-heap.ts';
import { CommitStrings } from './string-vector.ts';

const texts = ['', 'a', 'twelve bytes', 'thirteen bytes', 'Grüße aus Zürich, 東京 und anderswo', 'x'.repeat(300)];
const rows = 2048;

/** String references lean on DuckDB's memory layout, so they are used only after strings written so have been read back. */
export async function stringHeapIfSound(connection: Connection): Promise<StringHeap | null> {
  const heap = new StringHeap();
  const parts = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, index) => {
    offsets[index + 1] = (offsets[index] as number) + part.length;
  });
  const strings = new CommitStrings([{ offsets, bytes: new Uint8Array(Buffer.concat(parts)) }], heap);
  const codes = Uint32Array.from({ length: rows }, (_, row) => (row * 7) % texts.length);
  await connection.sql.run('CREATE OR REPLACE TEMP TABLE string_test (text VARCHAR)');
  const appender = duckdb.appender_create_ext(connection.raw, 'temp', 'main', 'string_test');
  const chunk = duckdb.create_data_chunk([duckdb.appender_column_type(appender, 0)]);
  duckdb.data_chunk_set_size(chunk, rows);
  strings.write(duckdb.data_chunk_get_vector(chunk, 0), codes, 0, 0, rows);
  duckdb.append_data_chunk(appender, chunk);
  heap.clear();
  duckdb.appender_close_sync(appender);
  const reader = await connection.sql.runAndReadAll('SELECT text FROM string_test ORDER BY rowid');
  await connection.sql.run('DROP TABLE temp.main.string_test');
  const sound = reader.getRowsJS().every(([text], row) => text === texts[codes[row] as number]);
  return sound && reader.currentRowCount === rows ? heap : null;
}
