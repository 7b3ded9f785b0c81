import type { Catalog, QueryDefinition, SourceDefinition } from '../catalog.ts';
import { type CutContext, cutQuery, gatherQuery } from './cut-query.ts';
import type { Distribution, Fragment } from './fragment.ts';

/** Fragments of queries in dependency order, each cut by where the rows are that it reads. */
export class CatalogCut {
  readonly #catalog: Catalog;
  readonly #distributions = new Map<string, Distribution>();
  readonly #steady = new Set<string>();
  readonly #context: CutContext;

  /** `apart`: lanes are in different processes. */
  constructor(catalog: Catalog, apart = false) {
    this.#catalog = catalog;
    this.#context = { apart, table: (name) => this.#table(name) };
  }

  /** `gathered`: the query runs whole in one lane. Queries that it reads have been cut before. */
  cut(query: QueryDefinition, gathered = false): readonly Fragment[] {
    const { fragments, distribution, steady } = gathered ? gatherQuery(query, this.#context) : cutQuery(query, this.#context);
    this.#distributions.set(query.name, distribution);
    if (steady) this.#steady.add(query.name);
    return fragments;
  }

  #table(name: string): ReturnType<CutContext['table']> {
    const view = this.#catalog.queries.find((query) => query.name === name && query.kind === 'view');
    if (view !== undefined) {
      const distribution = this.#distributions.get(name) ?? { kind: 'any' };
      return { distribution, columns: view.schema.map((column) => column.name), stream: true, steady: this.#steady.has(name) };
    }
    const source = this.#catalog.sources.get(name);
    // Tables that are looked up in are read whole by every lane.
    const columns = source?.columns.map((column) => column.name) ?? [];
    const distribution: Distribution = source !== undefined && source.kind !== 'stream' ? { kind: 'all' } : separated(source, columns);
    return { distribution, columns, stream: source?.kind !== 'lookup', steady: source !== undefined && source.kind !== 'stream' };
  }
}

/** A partition is in one lane. */
function separated(source: SourceDefinition | undefined, columns: readonly string[]): Distribution {
  const keys = (source?.partitionKey ?? []).map((name) => columns.indexOf(name));
  return keys.length === 0 || keys.includes(-1) ? { kind: 'any' } : { kind: 'keys', columns: keys };
}
