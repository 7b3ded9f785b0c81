import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FaultPoint } from '../../engine/store/fault-point.ts';
import { openStore } from '../../engine/store/open-store.ts';
import { ask, newFolder } from './store-support.ts';

/** Rounds of random kills: MILLRACE_CRASH_ROUNDS=200 for a long search. */
const rounds = Number(process.env.MILLRACE_CRASH_ROUNDS ?? 4);
const seed = Number(process.env.MILLRACE_CRASH_SEED ?? Date.now() % 100_000);
const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));

/** Runs the writer until it dies; returns up to where it knew its rows to be stored. */
async function runUntilKilled(directory: string, fault: FaultPoint | null, killAfterMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, directory, 'write', ...(fault === null ? [] : [fault])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
    if (fault === null && output.length === data.length) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), 20_000);
  const signal = await new Promise((resolve) => child.once('exit', (_, ended) => resolve(ended)));
  clearTimeout(timer);
  expect([signal, errors]).toEqual(['SIGKILL', '']);
  return Number([...output.matchAll(/^(?:stored|start) (\d+)$/gm)].at(-1)?.[1] ?? 0);
}

/** Every row once, none missing, as many as the stored position says, and no file that is not listed. */
async function expectWhole(directory: string, known: number): Promise<void> {
  const store = await openStore({ directory });
  try {
    const { partitions, counters } = await store.recover();
    const position = Number(partitions[0]?.position ?? 0);
    expect(position).toBeGreaterThanOrEqual(known);
    const [row] = (
      await ask(
        store,
        "SELECT count(*), count(DISTINCT row), coalesce(max(row) + 1, 0), count(*) FILTER (text <> 'number ' || row || ' of many') FROM numbers",
      )
    ).rows;
    expect(row).toEqual([position, position, position, 0]);
    expect(counters[0]?.value ?? 0).toBe(position);
    const listed = (await ask(store, 'SELECT path FROM engine.files')).rows.map(([path]) => path);
    const files = await readdir(join(directory, 'parquet'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile()).length).toBe(listed.length);
  } finally {
    await store.close();
  }
}

describe('kill -9', () => {
  const points: FaultPoint[] = [
    'move_copied',
    'move_synced',
    'move_renamed',
    'move_listed',
    'move_dropped',
    'move_before_commit',
    'move_after_commit',
    'commit_before',
    'commit_after',
  ];

  it('at every point of a move and of a commit loses no row and doubles none', { timeout: 180_000 }, async () => {
    const directory = join(await newFolder(), 'data');
    await runUntilKilled(directory, null, 200);
    for (const point of points) {
      const known = await runUntilKilled(directory, point, 0);
      await expectWhole(directory, known);
    }
  });

  it(`at random moments neither (seed ${seed}, ${rounds} rounds)`, { timeout: 60_000 + rounds * 5000 }, async () => {
    const directory = join(await newFolder(), 'data');
    let state = seed;
    for (let round = 0; round < rounds; round++) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      const known = await runUntilKilled(directory, null, 20 + (state % 600));
      await expectWhole(directory, known);
    }
  });
});
