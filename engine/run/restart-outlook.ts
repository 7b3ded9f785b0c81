import type { Connector } from '../../connectors/connector.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { RecoveryState, SourceIdentity } from '../store/store.ts';
import { timeOf } from './images/tell-of-images.ts';
import type { RecoveryPlan } from './recovery-plan.ts';
import { identityChange, identityOf, operatorChange, operatorsOf } from './run-shape.ts';

/** What a start with these query files does with what is stored. */
export interface RestartOutlook {
  readonly queries: readonly QueryOutlook[];
  readonly sources: readonly SourceOutlook[];
}

export interface QueryOutlook {
  readonly query: string;
  /**
   * `new`: nothing is stored; `goes on`: without reading anything again; `rebuilt`: its open windows and groups are made again from rows
   * that are read again; `dropped`: what it has open is dropped, for it is not what it was; `removed`: no file has it any more.
   */
  readonly outcome: 'new' | 'goes on' | 'rebuilt' | 'dropped' | 'removed';
  /** Why, or from when on (empty: nothing to say). */
  readonly text: string;
}

export interface SourceOutlook {
  readonly source: string;
  readonly outcome: 'new' | 'goes on' | 'changed' | 'unused';
  readonly text: string;
  /** Rows that are read again, about. */
  readonly replayRows: number;
}

export function restartOutlook(
  catalog: Catalog,
  plans: readonly RecoveryPlan[],
  stored: RecoveryState,
  connector: (name: string) => Connector,
): RestartOutlook {
  const dropped = new Set(plans.flatMap((plan) => plan.changed));
  const setups = plans.flatMap((plan) => plan.queries);
  const queries = catalog.queries.map((query): QueryOutlook => {
    const before = stored.queries.find(({ id }) => id === query.id);
    if (dropped.has(query.id)) return { query: query.id, outcome: 'dropped', text: changeOf(query, stored) };
    if (before === undefined) return { query: query.id, outcome: 'new', text: '' };
    const stateful = setups.some(({ part, definition, program }) => (part?.query ?? definition.id) === query.id && !program.stateless);
    const since = before.oldestOpenStart;
    if (!stateful || since === null) return { query: query.id, outcome: 'goes on', text: '' };
    const image = plans.flatMap((plan) => plan.images).find((each) => each.image.queries.some(({ id }) => id === query.id))?.image;
    const from = image === undefined ? `from rows since ${sinceText(since)}` : `from the image of memory of ${timeOf(image)}`;
    return { query: query.id, outcome: 'rebuilt', text: from };
  });
  const known = new Set(catalog.queries.map(({ id }) => id));
  const removed = stored.queries.filter(({ id }) => !known.has(id));
  const sources = new Map<string, SourceOutlook>();
  for (const { definition, replay } of plans.flatMap((plan) => plan.sources)) {
    const now = identityOf(definition, connector(definition.connector));
    const replayRows = replay.reduce((sum, { from, to }) => sum + to.row - from.row, sources.get(definition.name)?.replayRows ?? 0);
    const change = changedSource(now, stored);
    const read = stored.partitions.some(({ source }) => source === definition.name);
    sources.set(definition.name, {
      source: definition.name,
      outcome: change !== null ? 'changed' : read ? 'goes on' : 'new',
      text: change ?? '',
      replayRows,
    });
  }
  const unused = new Set(stored.partitions.map(({ source }) => source).filter((source) => !sources.has(source)));
  return {
    queries: [...queries, ...removed.map(({ id }) => ({ query: id, outcome: 'removed' as const, text: '' }))],
    sources: [...sources.values(), ...[...unused].map((source) => ({ source, outcome: 'unused' as const, text: '', replayRows: 0 }))],
  };
}

/** All queries in one line, or null where nothing is stored of any. */
export function outlookText({ queries }: RestartOutlook): string | null {
  const says = { 'goes on': 'on as they were', rebuilt: 'made again', dropped: 'begun anew', new: 'new', removed: 'gone' };
  const counts = Object.entries(says).map(
    ([outcome, text]) => [queries.filter((query) => query.outcome === outcome).length, text] as const,
  );
  if (queries.every(({ outcome }) => outcome === 'new')) return null;
  const parts = counts.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
  return `queries after the restart: ${parts.join(', ')}`;
}

/** In words, or null: nothing is stored, or it is what it was. */
export function changedSource(now: SourceIdentity, stored: RecoveryState): string | null {
  const before = stored.sources?.find(({ source }) => source === now.source);
  if (before === undefined || !stored.partitions.some(({ source }) => source === now.source)) return null;
  return identityChange(before, now);
}

/** How a query differs from the one that its state was made by. */
export function changeOf(query: QueryDefinition, stored: RecoveryState): string {
  const state = stored.counters.find(({ kind, name, counter }) => kind === 'query' && name === query.id && counter === 'plan')?.value;
  const before = stored.plans?.find((plan) => plan.query === query.id && plan.fingerprint === state);
  return before === undefined ? 'it is not what it was' : operatorChange(before.operators, operatorsOf(query.plan));
}

/** Ids of the queries that read a source, directly or not. */
export function readersOf(catalog: Catalog, source: string): string[] {
  const found = new Set([source]);
  for (const query of catalog.queries) if (query.reads.some((name) => found.has(name))) found.add(query.name);
  return catalog.queries.filter((query) => query.reads.some((name) => found.has(name))).map(({ id }) => id);
}

function sinceText(micros: bigint): string {
  const time = new Date(Number(micros / 1000n));
  return Number.isNaN(time.getTime()) || time.getTime() < 0 ? 'the beginning' : time.toISOString().replace('.000Z', 'Z');
}
