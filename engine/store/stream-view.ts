import { join } from 'node:path';
import { decodedColumn } from './parquet-encoding.ts';
import { quoteName, quoteText } from './sql-text.ts';
import type { Generation, ParquetFile, StreamState } from './stream-state.ts';

/** SELECTs of a stream's views: its own, and one for each group of generations that was archived under another name. */
export function viewQueries(stream: StreamState, directory: string): Map<string, string> {
  const byName = new Map<string, Generation[]>();
  for (const generation of [...stream.generations].reverse()) {
    const name = generation.archivedAs ?? stream.name;
    byName.set(name, [...(byName.get(name) ?? []), generation]);
  }
  const queries = new Map<string, string>();
  for (const [name, generations] of byName) {
    const branches = generations.map((generation) => generationQuery(stream, generation, directory)).filter((query) => query !== '');
    // Newest first, so that the columns of now come first; columns that are gone follow, NULL in newer rows.
    if (branches.length > 0)
      queries.set(
        name,
        branches.length === 1 ? (branches[0] as string) : branches.map((query) => `(${query})`).join(' UNION ALL BY NAME '),
      );
  }
  return queries;
}

function generationQuery(stream: StreamState, generation: Generation, directory: string): string {
  const files = stream.files.filter((file) => file.generation === generation);
  const branches = [false, true].map((wide) =>
    filesQuery(
      generation,
      files.filter((file) => file.wide === wide),
      wide,
      directory,
    ),
  );
  const names = generation.columns.map((column) => quoteName(column.name)).join(', ');
  for (const segment of stream.segments) {
    if (segment.generation === generation) branches.push(`SELECT ${names} FROM segment.${quoteName(segment.table)}`);
  }
  return branches.filter((branch) => branch !== '').join(' UNION ALL ');
}

function filesQuery(generation: Generation, files: readonly ParquetFile[], wide: boolean, directory: string): string {
  if (files.length === 0) return '';
  const columns = generation.columns.map((column) => decodedColumn(column, wide)).join(', ');
  return `SELECT ${columns} FROM read_parquet([${files.map((file) => quoteText(join(directory, file.path))).join(', ')}])`;
}

/** What to run so that users see the stream as it is now. `temporary`: for a database that is opened to be read only. */
export function viewStatements(stream: StreamState, directory: string, temporary = false): string[] {
  const statements: string[] = [];
  for (const [name, query] of viewQueries(stream, directory)) {
    statements.push(`CREATE OR REPLACE ${temporary ? 'TEMP VIEW' : 'VIEW main.'}${temporary ? ' ' : ''}${quoteName(name)} AS ${query}`);
  }
  return statements;
}
