import { ConnectorError, type Connector, type Position } from '../../connectors/connector.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { RecoveryState } from '../store/store.ts';
import { assignTogether } from './assign-lanes.ts';
import type { SourceSetup } from './lane/protocol.ts';
import { openContext } from './lane/open-context.ts';
import { planRecovery, type RecoveryPlan } from './recovery-plan.ts';
import { type RestartOutlook, restartOutlook } from './restart-outlook.ts';
import { planLane } from './set-up-lanes.ts';
import { systemTiming, type Timing } from './time/timing.ts';

export interface SourceRows {
  readonly source: string;
  /** Of each partition whose rows are gone, what is there instead. */
  readonly lost: readonly { readonly partition: string; readonly text: string }[];
  /** Why the source could not be asked; null: it was, or it has no such question. */
  readonly unasked: string | null;
}

export interface LookAhead extends RestartOutlook {
  readonly rows: readonly SourceRows[];
}

/** What a start with these queries would do with what is stored, and whether sources still have the rows that it needs. */
export async function lookAhead(
  catalog: Catalog,
  stored: RecoveryState,
  connector: (name: string) => Connector,
  compile: (query: QueryDefinition) => Promise<QueryProgram>,
): Promise<LookAhead> {
  const lane = await planLane(assignTogether(catalog), compile);
  const plan = planRecovery(lane.assignment, lane.queries, stored, connector, 1);
  const outlook = restartOutlook(catalog, [plan], stored, connector);
  const known = new Set(outlook.sources.filter(({ outcome }) => outcome === 'goes on').map(({ source }) => source));
  const asked = plan.sources.filter(({ definition }) => known.has(definition.name));
  return { ...outlook, rows: await Promise.all(asked.map((source) => askSource(source, connector(source.definition.connector)))) };
}

async function askSource(setup: SourceSetup, connector: Connector): Promise<SourceRows> {
  const source = setup.definition.name;
  const positions = new Map<string, Position>(setup.resume.map(({ partition, point }) => [partition, point.position]));
  for (const [partition, position] of replayStarts(setup)) positions.set(partition, position);
  try {
    return { source, lost: (await connector.lost?.(openContext(setup, positions, systemTiming))) ?? [], unasked: null };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { source, lost: [], unasked: error.message };
  }
}

/** Where reading again begins, by partition. */
function replayStarts({ replay }: SourceSetup): Map<string, Position> {
  const starts = new Map<string, Position>();
  for (const { partition, from } of replay) if (!starts.has(partition)) starts.set(partition, from.position);
  return starts;
}

/**
 * Throws ConnectorError when rows that open windows and groups need are no longer in their source: what is made of the others would be
 * wrong. What a connector may skip when it goes on reading is another matter, and its option's.
 */
export async function refuseLostRows(
  { sources, queries }: RecoveryPlan,
  connector: (name: string) => Connector,
  timing: Timing,
): Promise<void> {
  for (const source of sources) {
    const { definition } = source;
    const starts = replayStarts(source);
    const lost = starts.size === 0 ? [] : ((await connector(definition.connector).lost?.(openContext(source, starts, timing))) ?? []);
    if (lost.length === 0) continue;
    const open = queries.filter(
      (query) => (query.open || query.image !== null) && query.sources.includes(definition.name) && !query.program.stateless,
    );
    const names = [...new Set(open.map((query) => query.part?.query ?? query.definition.id))];
    throw new ConnectorError(
      definition.name,
      `rows that ${names.join(', ')} must read again are gone: ${lost.map(({ partition, text }) => `partition ${partition}: ${text}`).join('; ')}`,
      `${names.map((name) => `--forget ${name}`).join(' ')} drops what they have open, and they begin with the rows that come next; results that are stored stay`,
    );
  }
}
