import { describe, expect, it } from 'vitest';
import { summarize } from '../../engine/run/summary.ts';
import { catalog, pass, type Row, source, tumble } from './support/definitions.ts';
import { type Item, MemoryConnector } from './support/memory-connector.ts';
import { MemoryFolder } from './support/memory-store.ts';
import { startFake } from './support/start.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const start = Date.UTC(2026, 10, 23, 10);
const row = (seconds: number | null, key = 'a', value = 1): Row => [seconds === null ? null : start + seconds * 1000, key, value];
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString().replace('.000Z', 'Z');

async function runToEnd(
  items: Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>,
  definitions: Parameters<typeof catalog>,
) {
  const timing = new VirtualTiming(start);
  const folder = new MemoryFolder();
  const engine = await startFake(catalog(...definitions), [new MemoryConnector(items)], folder, timing);
  await timing.runUntil(engine.ended);
  const status = await timing.runUntil(engine.stop());
  return { engine, folder, status, summary: summarize(status) };
}

describe('a lane', () => {
  it('closes every window of an input that has ended', async () => {
    const { folder, summary } = await runToEnd({ s: { p: [row(0), row(5), row(12, 'b', 3), row(61)] } }, [
      [source('s')],
      [tumble('w', 's', 10_000)],
    ]);
    expect(folder.rows('w')).toEqual([
      [at(0), at(10), 'a', 2, 2],
      [at(10), at(20), 'b', 3, 1],
      [at(60), at(70), 'a', 1, 1],
    ]);
    expect(summary.queries['test/w']).toMatchObject({ rows_in: 4, rows_out: 3, filtered: 0, late: 0, state: 'ended' });
    expect(summary.sources.s).toMatchObject({ rows: 4, late: 0, rejected: 0, watermark: new Date(start + 61_000).toISOString() });
  });

  it('diverts late rows with how late they were', async () => {
    const items = { s: { p: [row(100), row(95), row(89), row(90), row(101), row(90.5)] } };
    const { folder, summary } = await runToEnd(items, [[source('s', { maxLatenessMs: 10_000 })], [tumble('w', 's', 10_000)]]);
    expect(folder.rows('s__late').map((each) => [each[0], each[3], each[4], each[5]])).toEqual([
      [at(89), '00:00:01', 'p', at(90)],
      [`${at(90).slice(0, -1)}.5Z`, '00:00:00.5', 'p', at(91)],
    ]);
    expect(folder.rows('w').reduce((sum, each) => sum + Number(each[4]), 0)).toBe(4);
    expect(summary.sources.s).toMatchObject({ rows: 6, late: 2 });
    expect(summary.queries['test/w']).toMatchObject({ rows_in: 4, late: 2 });
  });

  it('drops late rows where told to, and counts them', async () => {
    const { folder, summary } = await runToEnd({ s: { p: [row(100), row(5)] } }, [
      [source('s', { late: 'drop' })],
      [tumble('w', 's', 10_000)],
    ]);
    expect(folder.streams.has('s__late')).toBe(false);
    expect(summary.sources.s?.late).toBe(1);
  });

  it('decides lateness by partition and row, whatever the batches', async () => {
    const slow = [...Array(50).keys()].map((i) => row(i));
    const fast = [...Array(50).keys()].map((i) => row(1000 + i * 10, 'b'));
    const { folder, summary } = await runToEnd({ s: { p: slow, q: fast } }, [[source('s')], [tumble('w', 's', 10_000)]]);
    expect(summary.sources.s?.late).toBe(0);
    expect(folder.rows('w').filter((each) => each[2] === 'a')).toHaveLength(5);
  });

  it('keeps rows without event time out of windows but not out of filters', async () => {
    const { folder, summary } = await runToEnd({ s: { p: [row(0), row(null), row(1)] } }, [
      [source('s')],
      [tumble('w', 's', 10_000), pass('f', 's', 0)],
    ]);
    expect(folder.rows('w')).toEqual([[at(0), at(10), 'a', 2, 2]]);
    expect(folder.rows('f')).toHaveLength(3);
    expect(summary.queries['test/w']).toMatchObject({ rows_in: 3, filtered: 1 });
  });

  it('stores rows that cannot be read', async () => {
    const { folder, summary, engine } = await runToEnd({ s: { p: [row(0), { bad: 'no number' }, row(1), { bad: 'odd' }] } }, [
      [source('s')],
      [pass('f', 's', 0)],
    ]);
    expect(folder.rows('s__rejected').map((each) => each.slice(1))).toEqual([
      ['p', 'item 1', 'value', 'no number', 'no number'],
      ['p', 'item 3', 'value', 'odd', 'odd'],
    ]);
    expect(summary.sources.s).toMatchObject({ rows: 2, rejected: 2 });
    expect(engine.events().find((event) => event.kind === 'rejected')?.text).toContain('no number');
  });

  it('feeds views from views', async () => {
    const rows = [...Array(120).keys()].map((i) => row(i));
    for (const column of ['window_start', 'window_end']) {
      const queries = [tumble('w', 's', 10_000, 'ts', column), tumble('w2', 'w', 60_000, column)];
      const { folder, summary } = await runToEnd({ s: { p: rows } }, [[source('s')], queries]);
      expect(folder.rows('w')).toHaveLength(12);
      const shift = column === 'window_end' ? 1 : 0;
      expect(folder.rows('w2').map((each) => [each[0], each[4]])).toEqual(
        shift === 0
          ? [
              [at(0), 6],
              [at(60), 6],
            ]
          : [
              [at(0), 5],
              [at(60), 6],
              [at(120), 1],
            ],
      );
      expect(summary.queries['test/w2']).toMatchObject({ rows_in: 12, state: 'ended' });
    }
  });

  it('ends a failing query and those that read it, and no other', async () => {
    const queries = [pass('bad', 's', 0, 3), tumble('after', 'bad', 10_000), tumble('w', 's', 10_000)];
    const { folder, status, engine } = await runToEnd({ s: { p: [...Array(20).keys()].map((i) => row(i)) } }, [[source('s')], queries]);
    expect(status.queries['test/bad']).toMatchObject({ state: 'failed', error: 'memory limit: more than it may' });
    expect(status.queries['test/after']?.state).toBe('failed');
    expect(folder.rows('w')).toHaveLength(2);
    expect(engine.events().filter((event) => event.kind === 'query_failed')).toHaveLength(2);
  });

  it('records sources that are to be kept', async () => {
    const { folder } = await runToEnd({ s: { p: [row(0), row(1, 'b', 2)] } }, [[source('s', { retentionMs: 1000 })], []]);
    expect(folder.rows('s')).toEqual([
      [at(0), 'a', 1],
      [at(1), 'b', 2],
    ]);
  });
});
