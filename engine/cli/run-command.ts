import { ConnectorError } from '../../connectors/connector.ts';
import { QueryError } from '../diagnostic.ts';
import { defaultLanes } from '../run/assign-lanes.ts';
import type { Engine, RuntimeStatus } from '../run/runtime-status.ts';
import type { GroupSettings } from '../run/group/group-settings.ts';
import { startEngine } from '../run/start-engine.ts';
import { renderDiagnostics } from '../sql/diagnostic-text.ts';
import type { OpenedStore } from '../store/open-store.ts';
import { StatusTracker } from '../status/status-tracker.ts';
import { StoreError } from '../store/store.ts';
import { queryPaths } from './check-command.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { type GroupFlags, groupSettings } from './group-options.ts';
import { loadQueries } from './load-queries.ts';
import { openOutput } from './output.ts';
import { serveConsole } from './serve-console.ts';
import { startProgress } from './start-progress.ts';
import { styleFor } from './style.ts';
import { version } from './version.ts';

export interface RunSettings extends GroupFlags {
  readonly data: string;
  readonly port?: number;
  readonly speed: number;
  readonly for?: number;
  readonly forget?: readonly string[];
  readonly snapshotEvery?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const portDefault = 8080;
const tickMs = 250;

export async function runCommand(paths: readonly string[], settings: RunSettings): Promise<void> {
  const group = groupSettings(settings);
  const stop = stopRequest(settings.for);
  const { catalog, diagnostics } = await loadQueries(queryPaths(paths));
  if (diagnostics.length > 0) process.stderr.write(`${renderDiagnostics(diagnostics, { colour: styleFor(process.stderr).colour })}\n`);
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) {
    process.exitCode = exitCode.found;
    return;
  }
  if (catalog.queries.length === 0)
    throw new CommandError('there is no query to run', exitCode.usage, 'a query is CREATE MATERIALIZED VIEW name AS SELECT ...');
  const progress = startProgress(catalog.queries.length, settings);
  try {
    let store: OpenedStore | undefined;
    const start = group === null ? startEngine : await startOfGroup(group);
    const engine = await start(catalog, {
      dataDirectory: settings.data,
      lanes: settings.lanes ?? defaultLanes(),
      spread: settings.lanes !== undefined,
      speed: settings.speed,
      untilEnd: settings.untilEnd ?? false,
      ...(settings.forget === undefined ? {} : { forget: settings.forget }),
      ...(settings.snapshotEvery === undefined ? {} : { snapshotEveryMs: settings.snapshotEvery }),
      onCompiled: progress.compiled,
      onStore: (opened) => {
        store = opened;
      },
    }).finally(progress.end);
    const failure = await runUntilStopped(engine, store as OpenedStore, settings, stop);
    if (failure !== null) throw failure;
  } catch (error) {
    throw asCommandError(error);
  } finally {
    stop.release();
  }
}

/** Only who is in a group loads what groups need. */
async function startOfGroup(settings: GroupSettings): Promise<typeof startEngine> {
  const { startGroup } = await import('../run/group/start-group.ts');
  return (catalog, options) => startGroup(catalog, options, settings);
}

async function runUntilStopped(engine: Engine, store: OpenedStore, settings: RunSettings, stop: StopRequest): Promise<unknown> {
  const tracker = new StatusTracker(engine, version);
  const console = await serveConsole(engine, store, tracker, consolePort(settings)).catch(async (error: unknown) => {
    await engine.stop();
    throw error;
  });
  const output = await openOutput(settings, engine, tracker, console?.port ?? null);
  const unsubscribe = engine.onEvent((event) => output.event(event));
  const ticker = setInterval(() => {
    tracker.sample();
    output.tick();
  }, tickMs);
  stop.startTimer();
  const failure = await Promise.race([engine.ended.then(() => null), stop.requested.then(() => null)]).catch(
    (error: unknown) => error ?? new Error('the engine failed'),
  );
  clearInterval(ticker);
  let final: RuntimeStatus;
  try {
    await console?.close();
    final = await engine.stop();
  } finally {
    unsubscribe();
    output.close();
  }
  output.summary(final);
  return failure;
}

function consolePort(settings: RunSettings): number | null {
  return settings.port ?? (settings.untilEnd ? null : portDefault);
}

interface StopRequest {
  readonly requested: Promise<void>;
  startTimer(): void;
  release(): void;
}

/** First Ctrl-C or SIGTERM: end cleanly. Second: end at once; what is committed stays. `--for` counts from the first row on. */
function stopRequest(afterMs: number | undefined): StopRequest {
  const asked = Promise.withResolvers<void>();
  let signals = 0;
  let timer: NodeJS.Timeout | undefined;
  const onSignal = () => {
    signals++;
    if (signals > 1) process.exit(exitCode.interrupted);
    asked.resolve();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    requested: asked.promise,
    startTimer() {
      if (afterMs !== undefined) timer = setTimeout(() => asked.resolve(), afterMs);
    },
    release() {
      clearTimeout(timer);
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function asCommandError(error: unknown): unknown {
  if (error instanceof StoreError) return new CommandError(error.message, exitCode.usage, error.hint);
  // The store's own thread sends its errors by name; what stops a running engine is no wrong use.
  if (error instanceof Error && error.name === 'StoreError')
    return new CommandError(error.message, exitCode.failure, (error as { hint?: string }).hint);
  if (error instanceof ConnectorError) return new CommandError(`table ${error.source}: ${error.message}`, exitCode.usage, error.hint);
  if (error instanceof QueryError) return new CommandError(`[${error.code}] ${error.message}`, exitCode.found, error.hint);
  return error;
}
