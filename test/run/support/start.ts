import type { Catalog } from '../../../engine/plan/catalog.ts';
import { startLanesInline } from '../../../engine/run/lane-host.ts';
import type { Engine, RunOptions } from '../../../engine/run/runtime-status.ts';
import { startEngineWith } from '../../../engine/run/start-engine.ts';
import { compile } from './definitions.ts';
import { instantiate } from './fake-instance.ts';
import type { MemoryConnector } from './memory-connector.ts';
import { type MemoryFolder, MemoryStore } from './memory-store.ts';
import type { VirtualTiming } from './virtual-timing.ts';

export const runOptions: RunOptions = { dataDirectory: 'memory', lanes: 2, speed: Number.POSITIVE_INFINITY, untilEnd: true };

/** An engine of fakes, all on this thread, in virtual time. */
export async function startFake(
  catalog: Catalog,
  connectors: readonly MemoryConnector[],
  folder: MemoryFolder,
  timing: VirtualTiming,
  options: Partial<RunOptions> = {},
): Promise<Engine> {
  const byName = new Map(connectors.map((connector) => [connector.name, connector]));
  const connector = (name: string) => byName.get(name) as MemoryConnector;
  const parts = {
    connectors: byName,
    compile,
    openStore: async () => new MemoryStore(folder),
    startLanes: startLanesInline({ connector, instantiate, timing }),
    timing,
  };
  return timing.runUntil(startEngineWith(parts, catalog, { ...runOptions, ...options }));
}
