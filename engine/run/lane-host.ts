import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { threadEnvironment } from '../thread-environment.ts';
import { transferables } from './batch/transfer.ts';
import { LocalLink } from './exchange/link.ts';
import { Lane } from './lane/lane.ts';
import type { LaneParts } from './lane/lane-parts.ts';
import type { LaneCommand, LaneMessage, LaneSetup } from './lane/protocol.ts';

/** A running lane, wherever it runs. */
export interface LaneHost {
  send(command: LaneCommand): void;
  /** Ends it, whatever it does. */
  close(): Promise<void>;
}

export interface LaneListener {
  message(message: LaneMessage): void;
  /** The lane is gone without having said why. */
  crashed(reason: string): void;
}

/** Starts the lanes of a group, connected with each other, or one lane alone. `listener`: by index in the group. */
export type StartLanes = (setups: readonly LaneSetup[], listener: (index: number) => LaneListener) => LaneHost[];

/** Lanes in worker threads. `partsModule` exports `laneParts`, an object of type LaneParts. */
export function startLaneWorkers(partsModule: URL = new URL('./lane/parts.ts', import.meta.url)): StartLanes {
  return (setups, listener) => {
    const ports = linkAll(setups.length, () => {
      const { port1, port2 } = new MessageChannel();
      return [port1, port2];
    });
    return setups.map((setup, index) => startWorker(setup, ports[index] as (MessagePort | null)[], partsModule, listener(index)));
  };
}

function startWorker(setup: LaneSetup, ports: readonly (MessagePort | null)[], partsModule: URL, listener: LaneListener): LaneHost {
  const worker = new Worker(new URL('./lane/lane-worker.ts', import.meta.url), {
    workerData: { setup, ports, partsModule: partsModule.href },
    transferList: [
      ...ports.filter((port) => port !== null),
      ...new Set([...(setup.memories?.values() ?? [])].map(({ memory }) => memory.buffer)),
    ],
    env: threadEnvironment(),
    name: `lane ${setup.lane}`,
  });
  let closed = false;
  worker.on('message', (message: LaneMessage) => listener.message(message));
  worker.on('error', (error) => listener.crashed(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => {
    if (!closed) listener.crashed(`lane ${setup.lane} ended with code ${code}`);
  });
  return {
    send: (command) => worker.postMessage(command),
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}

/** Lanes on the caller's thread: for tests in virtual time. Messages are copied as between threads. */
export function startLanesInline(parts: LaneParts): StartLanes {
  return (setups, listener) => {
    const links = linkAll(setups.length, () => LocalLink.pair());
    return setups.map((setup, index) => startInline(setup, parts, links[index] as (LocalLink | null)[], listener(index)));
  };
}

function startInline(setup: LaneSetup, parts: LaneParts, links: readonly (LocalLink | null)[], listener: LaneListener): LaneHost {
  const send = (message: LaneMessage) => {
    const transfer = message.type === 'epoch' ? message.epoch.appends.flatMap(({ batch }) => [...transferables(batch)]) : [];
    const copy = structuredClone(message, { transfer });
    queueMicrotask(() => listener.message(copy));
  };
  const lane = new Lane(structuredClone(setup), parts, send, links);
  const done = lane.run();
  return {
    send: (command) => lane.receive(command),
    async close() {
      lane.receive({ type: 'abort' });
      await done;
    },
  };
}

/** Of `count` lanes each one's ends of its connections with the others, by lane; null for itself. */
function linkAll<End>(count: number, connect: () => readonly [End, End]): (End | null)[][] {
  const ends: (End | null)[][] = Array.from({ length: count }, () => new Array<End | null>(count).fill(null));
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const [first, second] = connect();
      (ends[a] as (End | null)[])[b] = first;
      (ends[b] as (End | null)[])[a] = second;
    }
  }
  return ends;
}
