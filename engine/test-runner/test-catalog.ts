import type { Catalog, QueryDefinition, SourceDefinition } from '../plan/catalog.ts';

/** Rows of every source are kept, so that a test can ask for them, and for late rows in full. */
const retentionMs = 365 * 24 * 3_600_000;

/**
 * What a test of some queries runs: these, what they read, and the sources below, whose rows the test gives. An INSERT's rows are kept
 * under the name of its sink. `given`: what becomes of a source.
 */
export function testCatalog(
  { sources, queries }: Catalog,
  tested: readonly QueryDefinition[],
  given: (source: SourceDefinition) => SourceDefinition = testSource,
): Catalog {
  const wanted = new Set<QueryDefinition>();
  const names = new Set<string>();
  const add = (query: QueryDefinition): void => {
    if (wanted.has(query)) return;
    wanted.add(query);
    for (const name of query.reads) {
      names.add(name);
      for (const other of queries) if (other.kind === 'view' && other.name === name) add(other);
    }
  };
  for (const query of tested) add(query);
  const read = [...sources.values()].filter((source) => names.has(source.name));
  return {
    sources: new Map(read.map((source) => [source.name, given(source)])),
    queries: queries.filter((query) => wanted.has(query)).map((query) => (query.kind === 'insert' ? { ...query, kind: 'view' } : query)),
  };
}

function testSource(source: SourceDefinition): SourceDefinition {
  const kept = source.kind === 'stream' ? { retentionMs } : {};
  return { ...source, connector: 'test', options: {}, ...kept };
}
