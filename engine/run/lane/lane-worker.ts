import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { transferables } from '../batch/transfer.ts';
import type { LaneParts } from './lane-parts.ts';
import { PortLink } from '../exchange/link.ts';
import type { LaneCommand, LaneMessage, LaneSetup } from './protocol.ts';
import { setFlagsForKernels } from '../v8-flags.ts';

interface LaneWorkerData {
  readonly setup: LaneSetup;
  /** To the other lanes of its group; null for itself. */
  readonly ports: readonly (MessagePort | null)[];
  readonly partsModule: string;
}

setFlagsForKernels();

const { setup, ports, partsModule } = workerData as LaneWorkerData;
const port = parentPort;
if (port === null) throw new Error('lane-worker runs in a worker thread only');
const { Lane } = await import('./lane.ts');
const { laneParts } = (await import(partsModule)) as { laneParts: LaneParts };

const links = ports.map((end) => (end === null ? null : new PortLink(end)));
const send = (message: LaneMessage) => {
  const buffers = new Set<ArrayBuffer>();
  if (message.type === 'epoch') for (const { batch } of message.epoch.appends) transferables(batch, buffers);
  if (message.type === 'image') buffers.add(message.image.bytes.buffer);
  port.postMessage(message, [...buffers]);
};
const lane = new Lane(setup, laneParts, send, links);
port.on('message', (command: LaneCommand) => lane.receive(command));
await lane.run();
