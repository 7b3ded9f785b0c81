import { parentPort } from 'node:worker_threads';
import { ConnectorError } from '../../../connectors/connector.ts';
import { sinks } from '../../../connectors/sinks.ts';
import { systemTiming } from '../time/timing.ts';
import { openSinksInline, type SinkCall, type SinkError, type SinkHost, type SinkReply } from './sink-host.ts';

const port = parentPort;
if (port === null) throw new Error('sink-worker runs in a worker thread only');
const send = (reply: SinkReply) => port.postMessage(reply);
let host: SinkHost | null = null;

async function answer(call: SinkCall): Promise<void> {
  switch (call.method) {
    case 'open':
      host = await openSinksInline(sinks, systemTiming, call.setup, (notice) => send({ type: 'notice', notice }));
      return;
    case 'prepare':
      return host?.prepare(call.epoch, call.rows);
    case 'commit':
      return host?.commit(call.epoch);
    case 'hurry':
      return host?.hurry();
    case 'close':
      return host?.close();
  }
}

function wireError(error: unknown): SinkError {
  const known = error instanceof ConnectorError ? error : null;
  return { sink: known?.source ?? null, message: error instanceof Error ? error.message : String(error), hint: known?.hint };
}

/** A sink may wait for long before it answers: how it stands is told all the same. */
const statusEveryMs = 1_000;
setInterval(() => {
  if (host !== null) send({ type: 'status', status: host.status() });
}, statusEveryMs).unref();

port.on('message', (call: SinkCall) => {
  answer(call).then(
    () => send({ type: 'done', id: call.id, error: null, status: host?.status() ?? {} }),
    (error: unknown) => send({ type: 'done', id: call.id, error: wireError(error), status: host?.status() ?? {} }),
  );
});
