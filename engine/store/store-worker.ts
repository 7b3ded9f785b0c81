import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { WireCommit } from './commit-wire.ts';
import type { DataFolder } from './data-folder.ts';
import type { StoreLimits } from './limits.ts';
import { type StoreReply, type StoreRequest, wireError } from './message.ts';
import type { RunShape, SqlFormat, SqlRequest, StreamDefinition } from './store.ts';
import { StoreService } from './store-service.ts';
import type { StoreNotice } from './stream-registry.ts';

/** The store's thread: answers requests of its owner, and commits of whoever holds a port to it. */
export interface StoreWorkerData {
  readonly folder: DataFolder;
  readonly limits: StoreLimits;
}

export interface StoreWorkerNotice {
  readonly notice: StoreNotice;
}

const main = parentPort as MessagePort;
const { folder, limits } = workerData as StoreWorkerData;
const cancels = new Map<number, AbortController>();
let service: StoreService | undefined;

function opened(): StoreService {
  if (service === undefined) throw new Error('the store is not open');
  return service;
}

const methods: Readonly<Record<string, (argument: never, signal: AbortSignal) => Promise<unknown>>> = {
  async open() {
    const notify = (notice: StoreNotice) => main.postMessage({ notice } satisfies StoreWorkerNotice);
    service = await StoreService.open({ folder, limits, now: Date.now, notify });
  },
  define: (argument: { streams: StreamDefinition[]; queries: string[] | undefined; shape: RunShape | undefined }) =>
    opened().define(argument.streams, argument.queries, argument.shape),
  recover: () => opened().recover(),
  commit: (commit: WireCommit) => opened().commit(commit),
  query: (request: SqlRequest, signal) => opened().adhoc.query(request, signal),
  export: (argument: { request: SqlRequest; format: SqlFormat }, signal) =>
    opened().adhoc.export(argument.request, argument.format, signal),
  statistics: async () => opened().statistics(),
  async port(port: MessagePort) {
    port.on('message', (request: StoreRequest) => void answer(port, request));
  },
  async close() {
    await opened().close();
    service = undefined;
  },
};

async function answer(port: MessagePort, request: StoreRequest): Promise<void> {
  if (request.method === 'cancel') {
    cancels.get(request.id)?.abort();
    return;
  }
  const abort = new AbortController();
  if (port === main) cancels.set(request.id, abort);
  let reply: StoreReply;
  try {
    const method = methods[request.method];
    if (method === undefined) throw new Error(`the store knows no ${request.method}`);
    reply = { id: request.id, result: await method(request.argument as never, abort.signal) };
  } catch (error) {
    reply = { id: request.id, error: wireError(error) };
  }
  if (port === main) cancels.delete(request.id);
  const bytes =
    reply.result instanceof Uint8Array && reply.result.byteLength === reply.result.buffer.byteLength
      ? [reply.result.buffer as ArrayBuffer]
      : [];
  port.postMessage(reply, bytes);
}

main.on('message', (request: StoreRequest) => void answer(main, request));
