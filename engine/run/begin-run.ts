import type { Connector } from '../../connectors/connector.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { type RecoveryState, type RunShape, StoreError } from '../store/store.ts';
import { changedSource, readersOf } from './restart-outlook.ts';
import { fingerprintsOf, identityOf, operatorsOf } from './run-shape.ts';

/**
 * What this run is, for the store. Throws StoreError when positions are stored for a source that was another: to go on there would skip
 * its rows or count them twice. `forget`: sources whose positions are given up, and queries (by id or name) whose state is, each with the
 * state of all that read it.
 */
export function shapeOfRun(
  catalog: Catalog,
  stored: RecoveryState,
  connector: (name: string) => Connector,
  forget: readonly string[],
): RunShape {
  const sources = [...catalog.sources.values()].filter((source) => source.role === 'source');
  for (const name of forget) {
    if (!sources.some((source) => source.name === name) && queriesNamed(catalog, name).length === 0)
      throw new StoreError(
        `there is no source or query "${name}" to forget`,
        '--forget takes the name of a source table, or the id of a query',
      );
  }
  const identities = sources.map((source) => identityOf(source, connector(source.connector)));
  for (const identity of identities) {
    const change = forget.includes(identity.source) ? null : changedSource(identity, stored);
    if (change === null) continue;
    const readers = readersOf(catalog, identity.source).join(', ');
    throw new StoreError(
      `source "${identity.source}" is not the one that was read before under this name: ${change}`,
      `use another data folder (--data) or another name; or --forget ${identity.source}: it is read from its beginning, and what ${readers} had open is dropped, while results stay`,
    );
  }
  const fingerprints = fingerprintsOf(catalog.queries);
  return {
    plans: catalog.queries.map((query) => ({
      query: query.id,
      fingerprint: fingerprints.get(query.id) as number,
      operators: operatorsOf(query.plan),
    })),
    sources: identities,
    forget: {
      sources: forget.filter((name) => sources.some((source) => source.name === name)),
      queries: [
        ...new Set(
          forget.flatMap((name) => [...queriesNamed(catalog, name).map(({ id }) => id), ...readersOf(catalog, bareName(catalog, name))]),
        ),
      ],
    },
  };
}

function queriesNamed({ queries }: Catalog, name: string): QueryDefinition[] {
  return queries.filter((query) => query.id === name || query.name === name);
}

/** As queries read it. */
function bareName(catalog: Catalog, name: string): string {
  return queriesNamed(catalog, name).find(({ kind }) => kind === 'view')?.name ?? name;
}
