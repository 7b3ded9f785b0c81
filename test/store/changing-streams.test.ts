import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import type { FaultPoint } from '../../engine/store/fault-point.ts';
import { openStore } from '../../engine/store/open-store.ts';
import type { StreamDefinition } from '../../engine/store/store.ts';
import { buildBatch } from './build-batch.ts';
import { Changelog, changelogColumns, changelogSql } from './changelog.ts';
import { ask, column, eagerMoves, epoch, newFolder, openTestStore, stream, until } from './store-support.ts';

const seed = Number(process.env.MILLRACE_CHANGES_SEED ?? Date.now() % 100_000);

async function stored(store: Parameters<typeof ask>[0], table: string): Promise<string[]> {
  return (await ask(store, changelogSql(table))).rows.map(([text]) => String(text)).sort();
}

function changing(name: string, key: readonly string[] | null, more: Partial<StreamDefinition> = {}): StreamDefinition {
  return stream(name, changelogColumns, { changes: true, key, ...more });
}

describe('a stream that changes', () => {
  for (const key of [['name', 'part'], null]) {
    it(`is what its changes come to, ${key === null ? 'rows counted' : 'by key'} (seed ${seed})`, async () => {
      const store = await openTestStore({ limits: { ...eagerMoves, walBytesMax: 1 << 20 } });
      await store.define([changing('result', key)]);
      const log = new Changelog(seed, key !== null);
      for (let number = 1; number <= 30; number++) {
        await store.commit(
          epoch(
            number,
            log.epoch(number % 5 === 0 ? 0 : 40).map((batch) => ({ stream: 'result', batch })),
          ),
        );
        expect(await stored(store, 'result')).toEqual(log.rows());
      }
      const [counted] = (await store.statistics()).streams;
      expect([counted?.rows, counted?.parquetFiles]).toEqual([log.rows().length, 0]);
    });
  }

  it('with one row at most has one', async () => {
    const store = await openTestStore();
    const columns = [column('n', 'bigint')];
    await store.define([stream('total', columns, { changes: true, key: [] })]);
    for (let n = 1n; n <= 3n; n++) {
      const batch = { ...buildBatch(columns, [[n - 1n], [n]]), weights: Int32Array.of(-1, 1) };
      await store.commit(epoch(Number(n), [{ stream: 'total', batch }]));
    }
    expect((await ask(store, 'FROM total')).rows).toEqual([[3]]);
  });

  it('takes the same rows again without harm, and the last of several of one key', async () => {
    const store = await openTestStore();
    const columns = [column('k', 'varchar'), column('n', 'bigint')];
    await store.define([stream('counts', columns, { changes: true, key: ['k'] })]);
    const of = (rows: [string, bigint, number][]): Batch => ({
      ...buildBatch(columns, rows),
      weights: Int32Array.from(rows, (row) => row[2]),
    });
    await store.commit(epoch(1, [{ stream: 'counts', batch: of([['a', 1n, 1]]) }]));
    await store.commit(epoch(2, [{ stream: 'counts', batch: of([['a', 1n, 1]]) }]));
    await store.commit(
      epoch(3, [
        {
          stream: 'counts',
          batch: of([
            ['a', 5n, 1],
            ['a', 2n, 1],
            ['b', 9n, 1],
            ['b', 9n, -1],
          ]),
        },
      ]),
    );
    expect((await ask(store, 'FROM counts ORDER BY k')).rows).toEqual([['a', 2]]);
  });

  it('refuses weights where rows only come', async () => {
    const store = await openTestStore();
    const columns = [column('k', 'varchar')];
    await store.define([stream('plain', columns)]);
    const batch = { ...buildBatch(columns, [['a']]), weights: Int32Array.of(-1) };
    await expect(store.commit(epoch(1, [{ stream: 'plain', batch }]))).rejects.toThrow(/plain only grows/);
  });

  it('is kept in one table, from which old rows go by event time', async () => {
    const store = await openTestStore({ limits: { ...eagerMoves, expiryEveryMsMax: 10 } });
    await store.define([changing('result', ['name'], { eventTime: 'ts', retentionMs: 10_000, hotMs: 0 })]);
    const rows = Array.from({ length: 40 }, (_, index) => [`n${index}`, 1, 1, null, BigInt(index) * 1_000_000n]);
    await store.commit(epoch(1, [{ stream: 'result', batch: buildBatch(changelogColumns, rows) }]));
    await until(async () => (await ask(store, 'SELECT count(*) FROM result')).rows[0]?.[0] === 11);
    const [counted] = (await store.statistics()).streams;
    expect([counted?.rows, counted?.rowsDropped, counted?.parquetFiles]).toEqual([11, 29, 0]);
  });

  it('begins anew when its key changes; what it was is kept under another name', async () => {
    const notices: string[] = [];
    const store = await openTestStore({ onNotice: (notice) => notices.push(notice.text) });
    const columns = [column('k', 'varchar'), column('n', 'bigint')];
    await store.define([stream('counts', columns, { changes: true, key: ['k'] })]);
    await store.commit(epoch(1, [{ stream: 'counts', batch: buildBatch(columns, [['a', 1n]]) }]));
    await store.define([stream('counts', columns, { changes: true, key: ['n'] })]);
    await store.commit(epoch(2, [{ stream: 'counts', batch: buildBatch(columns, [['b', 1n]]) }]));
    expect((await ask(store, 'FROM counts')).rows).toEqual([['b', 1]]);
    expect(notices).toEqual([expect.stringMatching(/^How rows of counts change is no longer the same: .*counts__until_/)]);
  });
});

describe('kill -9', () => {
  const writer = fileURLToPath(new URL('changelog-writer.ts', import.meta.url));
  const rounds: (FaultPoint | number)[] = ['commit_before', 'commit_after', 30, 250, 'commit_before', 600];

  async function runUntilKilled(directory: string, keyed: boolean, stop: FaultPoint | number): Promise<number> {
    const fault = typeof stop === 'string' ? [stop] : [];
    const child = spawn(process.execPath, [writer, directory, String(keyed), String(seed), ...fault], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      if (output === '' && typeof stop === 'number') setTimeout(() => child.kill('SIGKILL'), stop);
      output += data.toString();
    });
    const timer = setTimeout(() => child.kill('SIGTERM'), 20_000);
    const signal = await new Promise((resolve) => child.once('exit', (_, ended) => resolve(ended)));
    clearTimeout(timer);
    expect(signal).toBe('SIGKILL');
    return Number([...output.matchAll(/^(?:stored|start) (\d+)$/gm)].at(-1)?.[1] ?? 0);
  }

  for (const keyed of [true, false]) {
    it(`leaves a table as after one whole epoch, ${keyed ? 'by key' : 'rows counted'} (seed ${seed})`, { timeout: 120_000 }, async () => {
      const directory = join(await newFolder(), 'data');
      for (const stop of rounds) {
        const known = await runUntilKilled(directory, keyed, stop);
        const store = await openStore({ directory });
        try {
          const [partition] = (await store.recover()).partitions;
          const epochs = Number(partition?.position ?? 0);
          expect(epochs).toBeGreaterThanOrEqual(known);
          const log = new Changelog(seed, keyed);
          for (let number = 0; number < epochs; number++) log.epoch(60);
          expect(await stored(store, 'result')).toEqual(log.rows());
        } finally {
          await store.close();
        }
      }
    });
  }
});
