import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { threadEnvironment } from '../thread-environment.ts';
import { type EncodedCommit, encodeCommit } from './commit-wire.ts';
import { prepareDataFolder } from './data-folder.ts';
import type { FaultPoint } from './fault-point.ts';
import { type StoreLimits, storeLimitsDefault } from './limits.ts';
import { inUseError, refuseSecondOpen, releaseLock, writeLock } from './lock-file.ts';
import { RemoteCalls } from './remote-call.ts';
import {
  type EpochCommit,
  type RecoveryState,
  type RunShape,
  type SqlFormat,
  type SqlRequest,
  type SqlResult,
  type Store,
  StoreError,
  type StoreStatistics,
  type StreamDefinition,
} from './store.ts';
import type { StoreWorkerNotice } from './store-worker.ts';
import type { StoreNotice } from './stream-registry.ts';

export interface StoreOptions {
  /** Made where it is absent. */
  readonly directory: string;
  readonly limits?: Partial<StoreLimits>;
  readonly onNotice?: (notice: StoreNotice) => void;
  /** For crash tests: the process ends at this point. */
  readonly faultAt?: FaultPoint;
}

export interface OpenedStore extends Store {
  /** Absolute path of the data folder. */
  readonly directory: string;
  /** Tells other processes where this engine serves: `millrace sql` finds it by `readEngineAddress`. */
  updateLock(content: { readonly port: number | null }): Promise<void>;
  /** A port for another thread, to give to `committerOver`: its epochs then go to the store's thread without passing this one. */
  openPort(): Promise<MessagePort>;
}

/** What a lane needs of the store. */
export interface Committer {
  commit(epoch: EpochCommit): Promise<void>;
  close(): void;
}

const openHere = new Set<string>();

/** Starts the store's thread. Throws StoreError when the folder is in use, is not ours, or cannot be written. */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const folder = await prepareDataFolder(options.directory);
  const { directory } = folder;
  if (openHere.has(directory)) throw inUseError(directory, process.pid);
  openHere.add(directory);
  try {
    await refuseSecondOpen(directory);
    const startedAt = Date.now();
    const store = new StoreHandle(
      directory,
      startedAt,
      options,
      new Worker(new URL('./store-worker.ts', import.meta.url), {
        workerData: { folder, limits: { ...storeLimitsDefault, ...options.limits }, faultAt: options.faultAt },
        env: threadEnvironment(),
        name: 'store',
      }),
    );
    await store.start();
    return store;
  } catch (error) {
    openHere.delete(directory);
    throw error;
  }
}

class StoreHandle implements OpenedStore {
  readonly directory: string;
  readonly #startedAt: number;
  readonly #worker: Worker;
  readonly #calls: RemoteCalls;
  readonly #exited: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(directory: string, startedAt: number, options: StoreOptions, worker: Worker) {
    this.directory = directory;
    this.#startedAt = startedAt;
    this.#worker = worker;
    this.#calls = new RemoteCalls(worker);
    worker.on('message', (message: Partial<StoreWorkerNotice>) => {
      if (message.notice !== undefined) options.onNotice?.(message.notice);
    });
    worker.on('error', (error: Error) => this.#calls.fail(new StoreError(`The store's thread failed: ${error.message}`)));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#calls.fail(new StoreError('The store is closed'));
        openHere.delete(directory);
        resolve();
      });
    });
  }

  async start(): Promise<void> {
    try {
      await this.#calls.call('open', null);
      await writeLock(this.directory, this.#startedAt, null);
    } catch (error) {
      await this.#worker.terminate();
      throw error;
    }
  }

  updateLock(content: { readonly port: number | null }): Promise<void> {
    return writeLock(this.directory, this.#startedAt, content.port);
  }

  async openPort(): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel();
    await this.#calls.call('port', port1, [port1]);
    return port2;
  }

  define(streams: readonly StreamDefinition[], queries?: readonly string[], shape?: RunShape): Promise<void> {
    return this.#calls.call('define', { streams, queries, shape });
  }

  recover(): Promise<RecoveryState> {
    return this.#calls.call('recover', null);
  }

  commit(epoch: EpochCommit): Promise<void> {
    return sendCommit(this.#calls, epoch);
  }

  query(request: SqlRequest, signal?: AbortSignal): Promise<SqlResult> {
    return this.#calls.call('query', request, [], signal);
  }

  export(request: SqlRequest, format: SqlFormat, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#calls.call('export', { request, format }, [], signal);
  }

  statistics(): Promise<StoreStatistics> {
    return this.#calls.call('statistics', null);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#calls.call('close', null);
    } finally {
      // The file's lock goes with the thread.
      await this.#worker.terminate();
      await this.#exited;
      await releaseLock(this.directory);
    }
  }
}

/** Commits from another thread, over a port of `openPort`. */
export function committerOver(port: MessagePort): Committer {
  const calls = new RemoteCalls(port);
  port.on('close', () => calls.fail(new StoreError('The store is closed')));
  return { commit: (epoch) => sendCommit(calls, epoch), close: () => port.close() };
}

async function sendCommit(calls: RemoteCalls, epoch: EpochCommit): Promise<void> {
  let encoded: EncodedCommit;
  try {
    encoded = encodeCommit(epoch);
  } catch (error) {
    throw new StoreError(`Rows do not fit their stream: ${(error as Error).message}`);
  }
  return calls.call('commit', encoded.commit, encoded.transfer);
}
