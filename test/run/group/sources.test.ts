import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectors } from '../../../connectors/registry.ts';
import { sinks } from '../../../connectors/sinks.ts';
import { GroupSnapshots } from '../../../engine/run/group/group-snapshots.ts';
import { checkSourcesAhead, groupSources } from '../../../engine/run/group/group-sources.ts';
import { LaneTransactions, type LaneTransactionParts } from '../../../engine/run/group/lane-transactions.ts';
import type { MergedEpoch } from '../../../engine/run/merge-epochs.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import type { SourceIdentity } from '../../../engine/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function identities(topics: Readonly<Record<string, string>>): Promise<SourceIdentity[]> {
  const tables = Object.entries(topics).map(
    ([name, topic]) =>
      `CREATE TABLE ${name} (ts TIMESTAMP, v BIGINT) WITH (connector = kafka, brokers = 'b:1', topic = '${topic}', event_time = ts);`,
  );
  const { catalog } = await loadCatalog([{ path: 'q/all.sql', text: tables.join('\n') }] as never, { connectors, sinks });
  return groupSources(catalog, (name) => connectors.get(name)!);
}

/** Lanes of a group whose broker is not there: what each has committed, and which producers were let go. */
class Lanes {
  readonly snapshots: GroupSnapshots;
  closed = 0;
  readonly #committed = new Map<number, { offset: number; metadata: string }>();

  constructor(snapshots: GroupSnapshots) {
    this.snapshots = snapshots;
  }

  open(lane: number, sources: readonly SourceIdentity[]): Promise<LaneTransactions> {
    const producer = {
      begin() {},
      async send() {},
      commitOffsets: async (_: string, [pointer]: { offset: number; metadata: string }[]) => void this.#committed.set(lane, pointer!),
      async commit() {},
      close: () => void this.closed++,
    };
    const parts: Partial<LaneTransactionParts> = {
      group: 'g',
      lane,
      lanes: 2,
      snapshots: this.snapshots,
      topics: { lanes: 'g.lanes', results: 'g.results' },
      openProducer: async () => producer as never,
      committed: async (index) => this.#committed.get(index) ?? null,
      columns: new Map(),
      sourceTopics: new Map(),
      sources,
      sendToSinks: async () => {},
      edges: { streams: new Set(), send: async () => {}, committed() {} },
      orphanMs: 60_000,
    };
    return LaneTransactions.open(parts as LaneTransactionParts);
  }
}

function epochOf(epoch: number, ...sources: string[]): MergedEpoch {
  const partitions = sources.map((source) => ({
    source,
    partition: '0',
    position: { at: '7', skip: 0, row: 7 },
    maxEventTime: null,
    ended: false,
  }));
  return { epoch, partitions, appends: [], ranges: [], queries: [], counters: [] } as never;
}

const refused =
  /source "a" is not the one that lane 0 of group g has read before under this name: it had topic = one and has topic = two now/;

describe('a lane of a group whose source is another one now', () => {
  it('is refused where it has positions, and not where it has none', async () => {
    const lanes = new Lanes(await GroupSnapshots.open(join(folder, 'first'), 'g'));
    const [one, two] = [await identities({ a: 'one', b: 'other' }), await identities({ a: 'two', b: 'other' })];
    const ahead = (sources: readonly SourceIdentity[]) => checkSourcesAhead(sources, lanes.snapshots, 'g', 2);
    await ahead(two);
    await (await lanes.open(0, one)).commit(epochOf(1, 'a', 'b'));
    await (await lanes.open(1, one)).commit(epochOf(1, 'b'));
    await expect(lanes.open(0, two)).rejects.toThrow(refused);
    expect(lanes.closed).toBe(1);
    await expect(lanes.open(0, two)).rejects.toMatchObject({ name: 'StoreError', hint: expect.stringContaining('--group') });
    await expect(ahead(two)).rejects.toThrow(refused);
    await ahead(one);
    const other = await lanes.open(1, two);
    expect(other.recovery.sources).toEqual(two);
    const same = await lanes.open(0, one);
    expect(same.recovery.partitions.map(({ source }) => source)).toEqual(['a', 'b']);
  });

  it('is refused too when the source was out of use meanwhile', async () => {
    const lanes = new Lanes(await GroupSnapshots.open(join(folder, 'second'), 'g'));
    const [one, none, two] = [await identities({ a: 'one' }), await identities({ b: 'other' }), await identities({ a: 'two' })];
    await (await lanes.open(0, one)).commit(epochOf(2, 'a'));
    await (await lanes.open(0, none)).commit(epochOf(3, 'b'));
    await expect(lanes.open(0, two)).rejects.toThrow(refused);
  });

  it('is taken as it is when its document is of a version that did not say', async () => {
    const lanes = new Lanes(await GroupSnapshots.open(join(folder, 'older'), 'g'));
    await (await lanes.open(0, [])).commit(epochOf(1, 'a'));
    expect((await lanes.open(0, await identities({ a: 'two' }))).recovery.sources).toHaveLength(1);
  });
});
