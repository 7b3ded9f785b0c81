import type { Catalog, QueryDefinition, SourceDefinition } from '../plan/catalog.ts';
import type { RuntimeStatus } from '../run/runtime-status.ts';
import type { AttentionItem, QueryEntry, Severity, SinkEntry, SourceEntry } from './api-types.ts';
import { rank } from './attention.ts';

/** The store as the end of the flow; a sink of that name keeps it. */
const storeName = 'store';

/** What an option says about where a connector's input is. */
const placeOptions = ['path', 'topic', 'url', 'address', 'listen', 'streams', 'stream', 'seed'];

export function sourceEntries(catalog: Catalog, status: RuntimeStatus): SourceEntry[] {
  return sourcesRead(catalog).map((source) => ({
    id: source.name,
    kind: kindOf(source),
    at: placeOf(source),
    file: source.file,
    line: source.line,
    status: status.sources[source.name]?.state ?? 'starting',
    error: status.sources[source.name]?.error ?? null,
    waiting: status.sources[source.name]?.waiting ?? null,
    waits: status.sources[source.name]?.waits ?? 0,
    rejectingSince: status.sources[source.name]?.rejectingSince ?? null,
    unknownFields: status.sources[source.name]?.unknownFields ?? [],
  }));
}

/** Sources that some query reads: others are not opened. */
export function sourcesRead(catalog: Catalog): SourceDefinition[] {
  const read = new Set(catalog.queries.flatMap((query) => query.reads));
  return [...catalog.sources.values()].filter((source) => source.role === 'source' && read.has(source.name));
}

export function queryEntries(catalog: Catalog, status: RuntimeStatus, attention: readonly AttentionItem[]): QueryEntry[] {
  const worst = new Map<string, Severity>();
  for (const { q, sev } of attention) if (q !== null && rank(sev) < rank(worst.get(q) ?? null)) worst.set(q, sev);
  const links = new QueryLinks(catalog);
  return catalog.queries.map((query) => {
    const now = status.queries[query.id];
    return {
      id: query.id,
      name: query.name,
      file: query.file,
      line: query.line,
      reads: links.reads(query),
      writes: links.writes(query),
      status: now?.state ?? 'starting',
      error: now?.error ?? null,
      bound: now?.stateBytesMax ?? query.options.memoryBytesMax,
      open: attention.filter((item) => item.q === query.id).length,
      sev: worst.get(query.id) ?? null,
    };
  });
}

export function sinkEntries(catalog: Catalog, dataDirectory: string): SinkEntry[] {
  const sinks = [...catalog.sources.values()].filter((source) => source.role === 'sink');
  const named = sinks.map((sink) => ({ id: sink.name, kind: kindOf(sink), at: placeOf(sink) }));
  const stores = catalog.queries.some((query) => query.kind === 'view');
  return stores ? [...named, { id: storeId(catalog), kind: 'Data folder', at: dataDirectory }] : named;
}

function storeId(catalog: Catalog): string {
  return catalog.sources.has(storeName) ? `${storeName} (data folder)` : storeName;
}

/** Which ids a query reads from and writes to: sources, queries, sinks. */
export class QueryLinks {
  readonly #views: ReadonlyMap<string, string>;
  readonly #readers = new Map<string, string[]>();
  readonly #store: string;

  constructor(catalog: Catalog) {
    this.#views = new Map(catalog.queries.filter((query) => query.kind === 'view').map((query) => [query.name, query.id]));
    for (const query of catalog.queries) {
      for (const name of query.reads) this.#readers.set(name, [...(this.#readers.get(name) ?? []), query.id]);
    }
    this.#store = storeId(catalog);
  }

  reads(query: QueryDefinition): string[] {
    return query.reads.map((name) => this.#views.get(name) ?? name);
  }

  writes(query: QueryDefinition): string[] {
    return query.kind === 'insert' ? [query.name] : [...(this.#readers.get(query.name) ?? []), this.#store];
  }

  readersOf(table: string): number {
    return this.#readers.get(table)?.length ?? 0;
  }
}

function kindOf({ connector }: SourceDefinition): string {
  return connector.charAt(0).toUpperCase() + connector.slice(1);
}

function placeOf({ connector, options }: SourceDefinition): string {
  if (connector === 'host') return 'this machine';
  const name = placeOptions.find((each) => options[each] !== undefined);
  if (name === undefined) return '';
  return name === 'seed' ? `seed ${options[name]}` : String(options[name]);
}
