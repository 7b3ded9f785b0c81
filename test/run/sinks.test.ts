import { describe, expect, it } from 'vitest';
import type { Catalog, QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import { startLanesInline } from '../../engine/run/lane-host.ts';
import type { EngineParts } from '../../engine/run/parts.ts';
import type { Engine } from '../../engine/run/runtime-status.ts';
import { openSinksInline } from '../../engine/run/sinks/sink-host.ts';
import { startEngineWith } from '../../engine/run/start-engine.ts';
import { catalog, compile, pass, type Row, source, tumble } from './support/definitions.ts';
import { instantiate } from './support/fake-instance.ts';
import { MemoryConnector } from './support/memory-connector.ts';
import { memorySink, SinkPlace } from './support/memory-sink.ts';
import { MemoryFolder, MemoryStore } from './support/memory-store.ts';
import { runOptions } from './support/start.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const start = Date.UTC(2026, 10, 23, 10);
const rows = (count: number): Row[] => [...Array(count).keys()].map((i) => [start + i * 1000, 'a', i]);

function sink(name: string, retryForMs = 60_000): SourceDefinition {
  return { ...source(name), role: 'sink', eventTime: null, sink: { retryForMs, takesChanges: true } };
}

function insertInto(name: string, query: QueryDefinition): QueryDefinition {
  return { ...query, id: `test/insert_${query.name}`, name, kind: 'insert' };
}

interface World {
  readonly folder: MemoryFolder;
  readonly place: SinkPlace;
  readonly timing: VirtualTiming;
  readonly connector: MemoryConnector;
}

function newWorld(count = 100): World {
  const connector = new MemoryConnector({ s: { p: rows(count) } }, { batchRows: 8, paced: false });
  return { folder: new MemoryFolder(), place: new SinkPlace(), timing: new VirtualTiming(0), connector };
}

async function run(definitions: Catalog, { folder, place, timing, connector }: World): Promise<Engine> {
  const sinks = new Map([['memory', memorySink(place)]]);
  const parts: EngineParts = {
    connectors: new Map([[connector.name, connector]]),
    compile,
    openStore: async () => new MemoryStore(folder),
    startLanes: startLanesInline({ connector: () => connector, instantiate, timing }),
    openSinks: (setup, notify) => openSinksInline(sinks, timing, setup, notify),
    timing,
  };
  return timing.runUntil(startEngineWith(parts, definitions, runOptions));
}

async function toTheEnd(definitions: Catalog, world: World): Promise<Engine> {
  const engine = await run(definitions, world);
  await world.timing.runUntil(engine.ended);
  await world.timing.runUntil(engine.stop());
  return engine;
}

describe('INSERT INTO a sink', () => {
  it('brings every row once, after the store has committed; several queries read one source once', async () => {
    const world = newWorld();
    const queries = [
      insertInto('out', pass('p', 's', 89)),
      insertInto('out', tumble('t', 's', 10_000)),
      pass('v', 's', 49),
      pass('w', 's', 0),
    ];
    const engine = await toTheEnd(catalog([source('s'), sink('out')], queries), world);
    expect(world.place.seen).toHaveLength(10 + 10);
    expect(world.folder.rows('v')).toHaveLength(50);
    expect(world.place.prepared.size).toBe(0);
    // 13 batches, the end, and nothing more: not once for each of the four queries.
    expect(world.connector.polls).toBeLessThanOrEqual(16);
    expect(engine.status().sinks?.out).toMatchObject({ rows: 20, retries: 0, lost: 0, error: null });
    expect(world.folder.state.counters.filter((each) => each.kind === 'sink')).toEqual([
      { kind: 'sink', name: '0', counter: 'epoch', value: expect.any(Number) },
    ]);
  });

  it('shows nothing that the store has not committed', async () => {
    const world = newWorld();
    world.folder.failsAt = 0;
    const definitions = catalog([source('s'), sink('out')], [insertInto('out', pass('p', 's', 0))]);
    const engine = await run(definitions, world);
    await expect(world.timing.runUntil(engine.ended)).rejects.toThrow('the disk is full');
    await world.timing.runUntil(engine.stop());
    expect([world.place.seen.length, world.place.prepared.size]).toEqual([0, 1]);
    world.folder.failsAt = Number.POSITIVE_INFINITY;
    await toTheEnd(definitions, world);
    expect(world.place.seen.map((row) => row[2])).toEqual([...Array(100).keys()].slice(1));
  });

  it('finishes after a crash what the store had committed', async () => {
    const world = newWorld();
    const definitions = catalog([source('s'), sink('out')], [insertInto('out', pass('p', 's', 0))]);
    await toTheEnd(definitions, world);
    const { value } = world.folder.state.counters.find((each) => each.kind === 'sink') as { value: number };
    // As if the engine had died between the store's commit and the sink's.
    const whole = world.place.seen.splice(0);
    world.place.prepared.set(`0.${value}`, whole);
    world.place.prepared.set(`0.${value + 1}`, [['not committed']]);
    await toTheEnd(definitions, world);
    expect(world.place.seen).toEqual(whole);
  });

  it('tries again while rows cannot be written, and says so once', async () => {
    const world = newWorld();
    world.place.failures = 5;
    const engine = await toTheEnd(catalog([source('s'), sink('out')], [insertInto('out', pass('p', 's', 0))]), world);
    expect(world.place.seen).toHaveLength(99);
    expect(engine.status().sinks?.out).toMatchObject({ retries: 5, error: null });
    expect(
      engine
        .events()
        .filter((event) => event.kind === 'sink')
        .map((event) => event.text),
    ).toEqual(['out: no space is left; it is tried again']);
  });

  it('stops alone when they cannot be written for too long', async () => {
    const world = newWorld();
    world.place.failures = Number.POSITIVE_INFINITY;
    const queries = [insertInto('out', pass('p', 's', 0)), pass('v', 's', 0)];
    const engine = await toTheEnd(catalog([source('s'), sink('out', 3_000)], queries), world);
    expect(world.folder.rows('v')).toHaveLength(99);
    expect(engine.status().queries['test/insert_p']).toMatchObject({ state: 'failed', error: 'out: no space is left' });
    expect(engine.status().queries['test/v']?.state).toBe('ended');
    expect(engine.status().sinks?.out).toMatchObject({ rows: 0, lost: 99, error: 'no space is left' });
  });

  it('cannot start where no connector takes its rows', async () => {
    const world = newWorld();
    const definitions = catalog([source('s'), { ...sink('out'), connector: 'nowhere' }], [insertInto('out', pass('p', 's', 0))]);
    await expect(run(definitions, world)).rejects.toThrow('no connector takes rows as "nowhere"');
    expect(world.folder.closed).toBe(true);
  });
});
