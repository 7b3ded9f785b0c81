import type { Connection } from './database.ts';
import { quoteText } from './sql-text.ts';
import type { RunShape, SourceIdentity, StoredOperator, StoredPlan } from './store.ts';
import { numberOf, selectRows } from './system-tables.ts';

/** `engine.plans` and `engine.sources`: what queries and sources were when their state and positions were stored. */
export class ShapeTables {
  readonly #connection: Connection;
  stored: { readonly plans: readonly StoredPlan[]; readonly sources: readonly SourceIdentity[] } = { plans: [], sources: [] };

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async load(): Promise<void> {
    const there = await selectRows(this.#connection, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'engine' AND table_name = 'plans'");
    if (there.length === 0) return;
    const plans = await selectRows(this.#connection, 'FROM engine.plans');
    const sources = await selectRows(this.#connection, 'FROM engine.sources');
    this.stored = {
      plans: plans.map(([query, fingerprint, operators]) => ({
        query: String(query),
        fingerprint: numberOf(fingerprint),
        operators: JSON.parse(String(operators)) as StoredOperator[],
      })),
      sources: sources.map(([source, identity]) => ({ source: String(source), identity: JSON.parse(String(identity)) as string[] })),
    };
  }

  /** `current`: fingerprint of the state that is stored of a query: its plan is kept until the new one has state. Sources that are not in use stay. */
  async replace(shape: RunShape, current: (query: string) => number | undefined): Promise<void> {
    const before = this.stored.plans.filter(
      ({ query, fingerprint }) =>
        current(query) === fingerprint && !shape.plans.some((plan) => plan.query === query && plan.fingerprint === fingerprint),
    );
    const named = new Set(shape.sources.map(({ source }) => source));
    const plans = [...before, ...shape.plans];
    const sources = [...this.stored.sources.filter(({ source }) => !named.has(source)), ...shape.sources];
    const { sql } = this.#connection;
    await sql.run('DELETE FROM engine.plans');
    for (const { query, fingerprint, operators } of plans)
      await sql.run('INSERT INTO engine.plans VALUES ($1, $2, $3)', [query, fingerprint, JSON.stringify(operators)]);
    await sql.run('DELETE FROM engine.sources');
    for (const { source, identity } of sources)
      await sql.run('INSERT INTO engine.sources VALUES ($1, $2)', [source, JSON.stringify(identity)]);
    this.stored = { plans, sources };
  }
}

/** Deletes positions and stretches of sources, and state and counts of queries. */
export async function forgetState(connection: Connection, { sources, queries }: RunShape['forget']): Promise<void> {
  const list = (names: readonly string[]) => names.map(quoteText).join(', ');
  if (sources.length > 0) {
    for (const table of ['partitions', 'ranges', 'sources'])
      await connection.sql.run(`DELETE FROM engine.${table} WHERE source IN (${list(sources)})`);
    await connection.sql.run(`DELETE FROM engine.counters WHERE kind = 'source' AND name IN (${list(sources)})`);
  }
  if (queries.length === 0) return;
  await connection.sql.run(`DELETE FROM engine.queries WHERE id IN (${list(queries)})`);
  await connection.sql.run(`DELETE FROM engine.counters WHERE kind = 'query' AND name IN (${list(queries)})`);
}
