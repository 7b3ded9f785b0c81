import { join } from 'node:path';
import { connectors } from '../../connectors/registry.ts';
import { Compiler } from '../compile/compiler.ts';
import { startLaneWorker } from '../run/lane-host.ts';
import type { EngineParts } from '../run/parts.ts';
import { systemTiming } from '../run/time/timing.ts';
import { type OpenedStore, openStore } from '../store/open-store.ts';

export interface AssembledParts {
  readonly parts: EngineParts;
  /** The store, once the engine has opened it. */
  store(): OpenedStore;
  /** Ends the compiler's thread. */
  close(): Promise<void>;
}

/** The real thing: every connector, the compiler with its cache in the data folder, lanes as threads, the clock on the wall. */
export function assembleParts(dataDirectory: string): AssembledParts {
  const compiler = new Compiler({ cacheDirectory: join(dataDirectory, 'kernels') });
  let opened: OpenedStore | null = null;
  const parts: EngineParts = {
    connectors,
    compile: (query) => compiler.compile(query),
    openStore: async (directory, onNotice) => {
      opened = await openStore({ directory, onNotice });
      return opened;
    },
    startLane: startLaneWorker(),
    timing: systemTiming,
  };
  return {
    parts,
    store() {
      if (opened === null) throw new Error('the store is not open');
      return opened;
    },
    close: () => compiler.close(),
  };
}
