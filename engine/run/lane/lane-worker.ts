import { parentPort, workerData } from 'node:worker_threads';
import { transferables } from '../batch/transfer.ts';
import type { LaneParts } from './lane.ts';
import type { LaneCommand, LaneSetup } from './protocol.ts';
import { setFlagsForKernels } from '../v8-flags.ts';

setFlagsForKernels();

const { setup, partsModule } = workerData as { setup: LaneSetup; partsModule: string };
const port = parentPort;
if (port === null) throw new Error('lane-worker runs in a worker thread only');
const { Lane } = await import('./lane.ts');
const { laneParts } = (await import(partsModule)) as { laneParts: LaneParts };

const lane = new Lane(setup, laneParts, (message) => {
  const buffers = new Set<ArrayBuffer>();
  if (message.type === 'epoch') for (const { batch } of message.epoch.appends) transferables(batch, buffers);
  port.postMessage(message, [...buffers]);
});
port.on('message', (command: LaneCommand) => lane.receive(command));
await lane.run();
