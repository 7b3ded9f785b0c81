import type { Connector } from '../../../connectors/connector.ts';
import type { Catalog } from '../../plan/catalog.ts';
import { type RecoveryState, type SourceIdentity, StoreError } from '../../store/store.ts';
import { changedSource } from '../restart-outlook.ts';
import { identityOf } from '../run-shape.ts';
import type { GroupSnapshots } from './group-snapshots.ts';

/** What the sources of a catalog must be for positions that lanes have committed to fit. */
export function groupSources(catalog: Catalog, connector: (name: string) => Connector): SourceIdentity[] {
  const sources = [...catalog.sources.values()].filter((source) => source.role === 'source');
  return sources.map((source) => identityOf(source, connector(source.connector)));
}

/** Throws StoreError when a lane has positions of a source that was another: to go on there would skip its rows or count them twice. */
export function checkSources(now: readonly SourceIdentity[], stored: RecoveryState, group: string, lane: number): void {
  for (const identity of now) {
    const change = changedSource(identity, stored);
    if (change === null) continue;
    throw new StoreError(
      `source "${identity.source}" is not the one that lane ${lane} of group ${group} has read before under this name: ${change}`,
      'give the table another name: it is read from its beginning; or use another group name (--group) and other data folders (--data)',
    );
  }
}

/**
 * The same of all lanes, before the process joins the group and takes lanes from others. What cannot be read now (a lane may
 * be committing) is found out when the lane is opened.
 */
export async function checkSourcesAhead(
  now: readonly SourceIdentity[],
  snapshots: Pick<GroupSnapshots, 'pointer' | 'read'>,
  group: string,
  lanes: number,
): Promise<void> {
  const state = async (lane: number) => {
    const pointer = await snapshots.pointer(lane);
    return pointer === null ? null : (await snapshots.read(pointer.name, lane, lanes)).state;
  };
  const states = await Promise.all(Array.from({ length: lanes }, (_, lane) => state(lane).catch(() => null)));
  for (const [lane, stored] of states.entries()) if (stored !== null) checkSources(now, stored, group, lane);
}
