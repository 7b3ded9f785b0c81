// Run as a process of its own by the tests: commits numbered rows with their position until it is killed, or the disk is full.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaultPoint } from '../../engine/store/fault-point.ts';
import { openStore } from '../../engine/store/open-store.ts';
import { buildBatch } from './build-batch.ts';

const [directory, mode, fault] = process.argv.slice(2) as [string, 'hold' | 'write' | 'fill', FaultPoint | undefined];
const columns = [
  { name: 'row', type: { kind: 'bigint' }, nullable: false },
  { name: 'text', type: { kind: 'varchar' }, nullable: false },
] as const;
const small = {
  segmentRowsMax: mode === 'fill' ? 1e9 : 3000,
  moveRowsMin: 1,
  maintenanceEveryMs: 10,
  moveRetryMs: 0,
  walBytesMax: 1 << 20,
};

const store = await openStore({ directory, limits: small, ...(fault === undefined ? {} : { faultAt: fault }) });
if (mode === 'hold') {
  await store.define([{ name: 'held', columns, eventTime: null, retentionMs: null, hotMs: 0 }]);
  await store.commit(commitOf(1, 'held', 0, 1));
  await store.updateLock({ port: 4711 });
  process.stdout.write('open\n');
  setInterval(() => undefined, 1000);
} else {
  await store.define([{ name: 'numbers', columns, eventTime: null, retentionMs: null, hotMs: 0 }]);
  const [stored] = (await store.recover()).partitions;
  let next = Number(stored?.position ?? 0);
  process.stdout.write(`start ${next}\n`);
  for (let epoch = 1; ; epoch++) {
    await store.commit(commitOf(epoch, 'numbers', next, 500));
    next += 500;
    process.stdout.write(`stored ${next}\n`);
    await wait(2);
  }
}

function commitOf(epoch: number, stream: string, from: number, rows: number) {
  const values = Array.from({ length: rows }, (_, row) => [
    BigInt(from + row),
    mode === 'fill' ? randomBytes(100).toString('hex') : `number ${from + row} of many`,
  ]);
  return {
    lane: 0,
    epoch,
    appends: [{ stream, batch: buildBatch(columns, values) }],
    partitions: [{ source: 'numbers', partition: '0', position: from + rows, maxEventTime: null, ended: false }],
    ranges: [],
    queries: [],
    counters: [{ kind: 'source', name: 'numbers', counter: 'rows', value: from + rows } as const],
  };
}
