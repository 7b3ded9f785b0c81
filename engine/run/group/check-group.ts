import type { Endpoint } from '../../../connectors/kafka/network/connection.ts';
import { readConnectionSettings } from '../../../connectors/kafka/settings.ts';
import { QueryError } from '../../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../../plan/catalog.ts';
import { CatalogCut } from '../../plan/fragments/cut-catalog.ts';
import type { Fragment } from '../../plan/fragments/fragment.ts';
import { sourcesInUse } from '../assign-lanes.ts';

/** What keeps a group from running a catalog, and the query file that says so. */
export interface GroupFault {
  readonly file: string;
  readonly error: QueryError;
}

/** Throws QueryError when a catalog cannot be run by a group: what it would need is said. `brokers`: those that the group's own topics are at. */
export function checkGroup(catalog: Catalog, brokers: readonly Endpoint[]): void {
  const [fault] = groupFaults(catalog, brokers);
  if (fault !== undefined) throw fault.error;
}

/** All that keeps a group from running a catalog. `brokers`: see checkGroup; null: they are not known, and sinks not held against them. */
export function groupFaults(catalog: Catalog, brokers: readonly Endpoint[] | null): GroupFault[] {
  const faults: GroupFault[] = [];
  for (const source of sourcesInUse(catalog)) {
    if (source.kind !== 'stream' || source.connector === 'kafka') continue;
    const error = new QueryError('E0615', `source "${source.name}" cannot be shared by a group: only Kafka topics can`, {
      span: source.span,
      hint: `connector = ${source.connector} is for one process: run it without --group, or write its rows to a topic`,
    });
    faults.push({ file: source.file, error });
  }
  const add = ({ file }: QueryDefinition, error: QueryError | null) => void (error !== null && faults.push({ file, error }));
  for (const query of catalog.queries) if (query.kind === 'insert') add(query, sinkFault(catalog, query, brokers));
  const cut = new CatalogCut(catalog, true);
  for (const query of catalog.queries) add(query, notRunByGroup(query, cut.cut(query)));
  return faults;
}

/** Rows for a topic of the same cluster go out in the transaction that commits them; what is written elsewhere would not be part of it. */
function sinkFault(catalog: Catalog, query: QueryDefinition, brokers: readonly Endpoint[] | null): QueryError | null {
  const sink = catalog.sources.get(query.name);
  if (sink?.connector !== 'kafka') {
    return new QueryError('E0617', `a group cannot write to "${query.name}": its rows would not be part of the lanes' transactions`, {
      span: query.bodySpan,
      hint: 'write to a Kafka topic, or keep the rows in a view, which every process of the group has whole',
    });
  }
  if (brokers === null) return null;
  const own = new Set(brokers.map(({ host, port }) => `${host}:${port}`));
  if (readConnectionSettings(sink.options).brokers.some(({ host, port }) => own.has(`${host}:${port}`))) return null;
  return new QueryError('E0617', `a group cannot write to "${query.name}": its brokers are not those of the group`, {
    span: query.bodySpan,
    hint: 'a transaction stays within one cluster: name one of its brokers in both --brokers and the table',
  });
}

/** Why no group can run a query that is cut like this, or null. */
export function notRunByGroup(query: QueryDefinition, fragments: readonly Fragment[]): QueryError | null {
  const span = query.bodySpan;
  if (fragments.some(({ single }) => single)) {
    const what = fragments.length > 1 ? 'has rows that come from no stream' : 'reads no stream';
    return new QueryError('E0616', `query "${query.name}" ${what}: every process of the group would make them`, {
      span,
      hint: 'put such rows into a file, and join it as a table that is looked up in; or run the query without --group',
    });
  }
  if (fragments.length > 1 && query.clock === 'arrival') {
    return new QueryError(
      'E0616',
      `query "${query.name}" follows the time of arrival, which rows lose on their way to other lanes of a group`,
      {
        span,
        hint: 'group and join by all columns of partition_key, use the event time, or run it without --group',
      },
    );
  }
  return null;
}
