import { Worker } from 'node:worker_threads';
import { ConnectorError } from '../../../connectors/connector.ts';
import type { SinkConnector, SinkEpoch } from '../../../connectors/sink.ts';
import { threadEnvironment } from '../../thread-environment.ts';
import { decodeBatch, transferables, type WireBatch } from '../batch/transfer.ts';
import type { Timing } from '../time/timing.ts';
import { SinkRunner, type SinkStatus } from './sink-runner.ts';
import type { SinkSetup } from './sink-setup.ts';

/** Something about a sink that the user should know. */
export interface SinkNotice {
  readonly sink: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  /** It has been given up: what writes to it must stop. */
  readonly failed: boolean;
}

export interface SinkRows {
  readonly sink: string;
  readonly batch: WireBatch;
}

/** The sinks of a run, wherever they run. */
export interface SinkHost {
  prepare(epoch: SinkEpoch, rows: readonly SinkRows[]): Promise<void>;
  commit(epoch: SinkEpoch): Promise<void>;
  /** The engine stops: nothing waits for room any longer. */
  hurry(): void;
  /** As it was told last. */
  status(): Readonly<Record<string, SinkStatus>>;
  close(): Promise<void>;
}

export interface SinkHostSetup {
  readonly sinks: readonly SinkSetup[];
  /** By writer, the last epoch that the store has committed. */
  readonly committed: ReadonlyMap<string, number>;
}

export type OpenSinks = (setup: SinkHostSetup, notify: (notice: SinkNotice) => void) => Promise<SinkHost>;

/** What waits for its hour is looked at this often (ms). */
const maintainEveryMs = 1_000;

/** Sinks on the caller's thread. Throws ConnectorError when one cannot be opened. */
export async function openSinksInline(
  connectors: ReadonlyMap<string, SinkConnector>,
  timing: Timing,
  setup: SinkHostSetup,
  notify: (notice: SinkNotice) => void,
): Promise<SinkHost> {
  const runners = new Map(setup.sinks.map((sink) => [sink.name, new SinkRunner(sink, timing, notify)]));
  const all = [...runners.values()];
  try {
    for (const runner of all) {
      const connector = connectors.get(runner.setup.connector);
      if (connector === undefined) throw new ConnectorError(runner.setup.name, `no connector takes rows as "${runner.setup.connector}"`);
      await runner.open(connector, setup.committed);
    }
  } catch (error) {
    await Promise.allSettled(all.map((runner) => runner.close()));
    throw error;
  }
  let cancel: () => void = () => undefined;
  const maintain = () => {
    cancel = timing.after(maintainEveryMs, () => {
      void Promise.allSettled(all.map((runner) => runner.maintain()));
      maintain();
    });
  };
  maintain();
  return {
    async prepare(epoch, rows) {
      const batches = (sink: string) => rows.filter((each) => each.sink === sink).map((each) => decodeBatch(each.batch));
      const written = all.filter((runner) => rows.some((each) => each.sink === runner.setup.name));
      await Promise.all(written.map((runner) => runner.prepare(epoch, batches(runner.setup.name))));
    },
    async commit(epoch) {
      await Promise.all(all.map((runner) => runner.commit(epoch)));
    },
    hurry() {
      for (const runner of all) runner.hurry();
    },
    status: () => Object.fromEntries(all.map((runner) => [runner.setup.name, runner.status()])),
    async close() {
      cancel();
      await Promise.allSettled(all.map((runner) => runner.close()));
    },
  };
}

/** What the sinks' thread is asked, and what it says. */
export type SinkCall =
  | { readonly id: number; readonly method: 'open'; readonly setup: SinkHostSetup }
  | { readonly id: number; readonly method: 'prepare'; readonly epoch: SinkEpoch; readonly rows: readonly SinkRows[] }
  | { readonly id: number; readonly method: 'commit'; readonly epoch: SinkEpoch }
  | { readonly id: number; readonly method: 'hurry' }
  | { readonly id: number; readonly method: 'close' };
type WithoutId<Call> = Call extends unknown ? Omit<Call, 'id'> : never;

export type SinkReply =
  | { readonly type: 'done'; readonly id: number; readonly error: SinkError | null; readonly status: Readonly<Record<string, SinkStatus>> }
  | { readonly type: 'status'; readonly status: Readonly<Record<string, SinkStatus>> }
  | { readonly type: 'notice'; readonly notice: SinkNotice };

export interface SinkError {
  readonly sink: string | null;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Sinks in a thread of their own: encoding and compressing rows keeps nobody waiting. */
export async function openSinksWorker(setup: SinkHostSetup, notify: (notice: SinkNotice) => void): Promise<SinkHost> {
  const worker = new Worker(new URL('./sink-worker.ts', import.meta.url), { env: threadEnvironment(), name: 'sinks' });
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let status: Readonly<Record<string, SinkStatus>> = {};
  let lastId = 0;
  let gone: Error | null = null;
  worker.on('message', (reply: SinkReply) => {
    if (reply.type === 'notice') {
      notify(reply.notice);
      return;
    }
    status = reply.status;
    if (reply.type === 'status') return;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === null) call?.resolve();
    else call?.reject(thrown(reply.error));
  });
  const fail = (error: Error) => {
    gone ??= error;
    for (const call of waiting.values()) call.reject(gone);
    waiting.clear();
  };
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error("the sinks' thread has ended")));
  const call = (request: WithoutId<SinkCall>, transfer: ArrayBuffer[] = []): Promise<void> => {
    if (gone !== null) return Promise.reject(gone);
    const id = ++lastId;
    const answer = Promise.withResolvers<void>();
    waiting.set(id, answer);
    worker.postMessage({ id, ...request }, transfer);
    return answer.promise;
  };
  const end = async () => {
    await call({ method: 'close' }).catch(() => undefined);
    await worker.terminate();
  };
  try {
    await call({ method: 'open', setup });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    prepare(epoch, rows) {
      const buffers = new Set<ArrayBuffer>();
      for (const { batch } of rows) transferables(batch, buffers);
      return call({ method: 'prepare', epoch, rows }, [...buffers]);
    },
    commit: (epoch) => call({ method: 'commit', epoch }),
    hurry: () => void call({ method: 'hurry' }).catch(() => undefined),
    status: () => status,
    close: end,
  };
}

function thrown({ sink, message, hint }: SinkError): Error {
  return sink === null ? new Error(message) : new ConnectorError(sink, message, hint);
}
