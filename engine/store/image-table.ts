import type { Connection } from './database.ts';
import { quoteText } from './sql-text.ts';
import type { ImageChange, ImageQuery, RunShape, StoredImage } from './store.ts';
import { dateMsOf, numberOf, selectRows } from './system-tables.ts';

type WireQuery = Omit<ImageQuery, 'watermark'> & { readonly watermark: string | null };
type Content = Pick<StoredImage, 'engine' | 'sources' | 'points'> & { readonly queries: readonly WireQuery[] };

/** `engine.images`: which files of memory images count. Changes are made inside the caller's transaction. */
export class ImageTable {
  readonly #connection: Connection;
  /** Oldest first. */
  all: readonly StoredImage[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async load(): Promise<void> {
    this.all = [];
    const there = await selectRows(
      this.#connection,
      "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'engine' AND table_name = 'images'",
    );
    if (there.length === 0) return;
    const rows = await selectRows(
      this.#connection,
      'SELECT name, component, bytes, sha256, taken_at, content FROM engine.images ORDER BY taken_at, name',
    );
    this.all = rows.map(([name, component, bytes, sha256, takenAt, content]) => {
      const { queries, ...rest } = JSON.parse(String(content)) as Content;
      return {
        name: String(name),
        component: String(component),
        bytes: numberOf(bytes),
        sha256: String(sha256),
        takenAt: dateMsOf(takenAt),
        ...rest,
        queries: queries.map((query) => ({ ...query, watermark: query.watermark === null ? null : BigInt(query.watermark) })),
      };
    });
  }

  async apply({ add, drop }: ImageChange): Promise<void> {
    await this.#drop(new Set(drop));
    for (const { name, component, bytes, sha256, takenAt, queries, engine, sources, points } of add) {
      const wire = queries.map((query): WireQuery => ({ ...query, watermark: query.watermark?.toString() ?? null }));
      const content: Content = { engine, sources, points, queries: wire };
      await this.#connection.sql.run('INSERT INTO engine.images VALUES ($1, $2, $3, $4, make_timestamp($5::BIGINT), $6)', [
        name,
        component,
        bytes,
        sha256,
        takenAt * 1000,
        JSON.stringify(content),
      ]);
    }
    this.all = [...this.all, ...add];
  }

  /** Images in which a query or source counts that begins anew. */
  async forget(forget: RunShape['forget']): Promise<void> {
    const names = this.all
      .filter(
        ({ queries, sources }) =>
          queries.some(({ id }) => forget.queries.includes(id)) || sources.some((source) => forget.sources.includes(source)),
      )
      .map(({ name }) => name);
    await this.#drop(new Set(names));
  }

  async #drop(names: ReadonlySet<string>): Promise<void> {
    if (names.size === 0) return;
    await this.#connection.sql.run(`DELETE FROM engine.images WHERE name IN (${[...names].map(quoteText).join(', ')})`);
    this.all = this.all.filter(({ name }) => !names.has(name));
  }
}
