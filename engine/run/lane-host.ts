import { Worker } from 'node:worker_threads';
import { transferables } from './batch/transfer.ts';
import { Lane, type LaneParts } from './lane/lane.ts';
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

export type StartLane = (setup: LaneSetup, listener: LaneListener) => LaneHost;

/** A lane in a worker thread. `partsModule` exports `laneParts`, an object of type LaneParts. */
export function startLaneWorker(partsModule: URL = new URL('./lane/parts.ts', import.meta.url)): StartLane {
  return (setup, listener) => {
    const worker = new Worker(new URL('./lane/lane-worker.ts', import.meta.url), {
      workerData: { setup, partsModule: partsModule.href },
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
  };
}

/** A lane on the caller's thread: for tests in virtual time. Messages are copied as between threads. */
export function startLaneInline(parts: LaneParts): StartLane {
  return (setup, listener) => {
    const send = (message: LaneMessage) => {
      const transfer = message.type === 'epoch' ? message.epoch.appends.flatMap(({ batch }) => [...transferables(batch)]) : [];
      const copy = structuredClone(message, { transfer });
      queueMicrotask(() => listener.message(copy));
    };
    const lane = new Lane(structuredClone(setup), parts, send);
    const done = lane.run();
    return {
      send: (command) => lane.receive(command),
      async close() {
        lane.receive({ type: 'abort' });
        await done;
      },
    };
  };
}
