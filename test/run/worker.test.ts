import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../engine/plan/catalog.ts';
import { startLaneWorkers } from '../../engine/run/lane-host.ts';
import { startEngineWith } from '../../engine/run/start-engine.ts';
import { systemTiming } from '../../engine/run/time/timing.ts';
import { catalog, compile, pass, source, tumble } from './support/definitions.ts';
import { MemoryFolder, MemoryStore } from './support/memory-store.ts';
import { runOptions } from './support/start.ts';
import { connectors } from './support/worker-parts.ts';

function start(definitions: Catalog, folder: MemoryFolder) {
  const parts = {
    connectors,
    compile,
    openStore: async () => new MemoryStore(folder),
    startLanes: startLaneWorkers(new URL('./support/worker-parts.ts', import.meta.url)),
    timing: systemTiming,
  };
  return startEngineWith(parts, definitions, runOptions);
}

describe('lanes in worker threads', () => {
  it('give the answers of one thread', async () => {
    const folder = new MemoryFolder();
    const engine = await start(catalog([source('s')], [tumble('w', 's', 60_000), pass('f', 's', 10_000)]), folder);
    await engine.ended;
    const status = await engine.stop();
    expect(status).toMatchObject({ phase: 'stopped', lanes: 1 });
    expect(folder.rows('f')).toHaveLength(9_999);
    expect(folder.rows('w').reduce((sum, row) => sum + Number(row[3]), 0)).toBe((19_999 * 20_000) / 2);
    expect(status.queries['test/w']).toMatchObject({ state: 'ended', rowsIn: 20_000 });
  });

  it('end the run with a message when one crashes', async () => {
    const engine = await start(catalog([source('s'), source('dies')], [pass('f', 's', 0), pass('g', 'dies', 1e9)]), new MemoryFolder());
    await expect(engine.ended.then(() => engine.status())).rejects.toThrow(/lane \d has crashed: lane \d ended with code 7/);
    expect((await engine.stop()).phase).toBe('failed');
  });

  it('pass on what a source says when it cannot be opened', async () => {
    const started = start(catalog([source('missing')], [pass('f', 'missing', 0)]), new MemoryFolder());
    await expect(started).rejects.toMatchObject({ name: 'ConnectorError', source: 'missing', hint: 'declare it in the test' });
  });
});
