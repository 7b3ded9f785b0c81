// Run as a process of its own by the tests: commits a result that changes, epoch by epoch, until it is killed.
import type { FaultPoint } from '../../engine/store/fault-point.ts';
import { openStore } from '../../engine/store/open-store.ts';
import { Changelog, changelogColumns } from './changelog.ts';

const [directory, keyed, seed, fault] = process.argv.slice(2) as [string, string, string, FaultPoint | undefined];
const store = await openStore({ directory, limits: { walBytesMax: 1 << 20 }, ...(fault === undefined ? {} : { faultAt: fault }) });
const key = keyed === 'true' ? ['name', 'part'] : null;
await store.define([{ name: 'result', columns: changelogColumns, eventTime: 'ts', retentionMs: null, hotMs: 0, changes: true, key }]);
const [stored] = (await store.recover()).partitions;
const start = Number(stored?.position ?? 0);
const log = new Changelog(Number(seed), keyed === 'true');
for (let number = 0; number < start; number++) log.epoch(60);
process.stdout.write(`start ${start}\n`);
for (let number = start + 1; ; number++) {
  await store.commit({
    lane: 0,
    epoch: number,
    appends: log.epoch(60).map((batch) => ({ stream: 'result', batch })),
    partitions: [{ source: 'changes', partition: '0', position: number, maxEventTime: null, ended: false }],
    ranges: [],
    queries: [],
    counters: [],
  });
  process.stdout.write(`stored ${number}\n`);
}
