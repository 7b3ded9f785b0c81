import { ConnectorError, type Connector, type Position } from '../../connectors/connector.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { RecoveryState, StoredImage } from '../store/store.ts';
import { assignTogether } from './assign-lanes.ts';
import type { SourceSetup } from './lane/protocol.ts';
import { openContext } from './lane/open-context.ts';
import { type ChosenImage, chooseImages, type ImageChoice } from './images/choose-images.ts';
import { componentsOf, imageObstacle } from './images/components.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { timeOf } from './images/tell-of-images.ts';
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

/** Queries that are connected by reading, and the image of memory that they would go on from. */
export interface ImageOutlook {
  readonly queries: readonly string[];
  /** `none`: there is none, or it is not used; `never`: none is taken of these queries. */
  readonly outcome: 'used' | 'none' | 'never';
  /** When it was taken, or why it is not. */
  readonly text: string;
}

export interface LookAhead extends RestartOutlook {
  readonly rows: readonly SourceRows[];
  readonly images: readonly ImageOutlook[];
}

/** Where images of memory are, and the version of the engine that they must be of. */
export interface ImagesToUse {
  readonly files: ObjectStore;
  readonly engine: string;
}

/** What a start with these queries would do with what is stored, and whether sources still have the rows that it needs. */
export async function lookAhead(
  catalog: Catalog,
  stored: RecoveryState,
  connector: (name: string) => Connector,
  compile: (query: QueryDefinition) => Promise<QueryProgram>,
  images: ImagesToUse,
): Promise<LookAhead> {
  const lane = await planLane(assignTogether(catalog), compile);
  const planned = (chosen?: readonly ChosenImage[]) => planRecovery(lane.assignment, lane.queries, stored, connector, 1, chosen);
  const bare = planned();
  const choice = await chooseImages(bare.queries, stored, images.engine, images.files);
  const plan = planned(choice.chosen);
  const outlook = restartOutlook(catalog, [plan], stored, connector);
  const known = new Set(outlook.sources.filter(({ outcome }) => outcome === 'goes on').map(({ source }) => source));
  const asked = plan.sources.filter(({ definition }) => known.has(definition.name));
  const rows = await Promise.all(asked.map((source) => askSource(source, connector(source.definition.connector))));
  return { ...outlook, rows, images: imageOutlooks(bare, choice, connector) };
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

function imageOutlooks(
  { queries, sources }: RecoveryPlan,
  { chosen, left }: ImageChoice,
  connector: (name: string) => Connector,
): ImageOutlook[] {
  const definition = (name: string) => sources.find((source) => source.definition.name === name)?.definition;
  return componentsOf(queries).flatMap((component): ImageOutlook[] => {
    const ids = component.queries.map((query) => query.definition.id);
    const obstacle = imageObstacle(component, definition, connector);
    if (obstacle === '') return [];
    if (obstacle !== null) return [{ queries: ids, outcome: 'never', text: obstacle }];
    const isOf = ({ image }: { readonly image: StoredImage }) => image.queries.some(({ id }) => ids.includes(id));
    const used = chosen.find(isOf);
    if (used !== undefined) return [{ queries: ids, outcome: 'used', text: timeOf(used.image) }];
    const unused = left.find(isOf);
    const text = unused === undefined ? 'there is none' : `that of ${timeOf(unused.image)} is not used: ${unused.why}`;
    return [{ queries: ids, outcome: 'none', text }];
  });
}
