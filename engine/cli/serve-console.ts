import type { Engine } from '../run/runtime-status.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import type { OpenedStore } from '../store/open-store.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Opens console and API on loopback and tells the data folder where; null: nobody asked for it. */
export async function serveConsole(
  engine: Engine,
  store: OpenedStore,
  tracker: StatusTracker,
  port: number | null,
): Promise<{ port: number; close(): Promise<void> } | null> {
  if (port === null) return null;
  const { ServeError, startServer } = await import('../serve/start-server.ts');
  try {
    const server = await startServer(engine, { port, sql: store, tracker });
    await store.updateLock({ port: server.port });
    return server;
  } catch (error) {
    if (error instanceof ServeError) throw new CommandError(error.message, exitCode.usage, error.hint);
    throw error;
  }
}
