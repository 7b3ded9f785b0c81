import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type Polled } from '../../connectors/connector.ts';
import { eventColumns } from '../../connectors/nexmark/event-columns.ts';
import { eventNames } from '../../connectors/nexmark/event-numbers.ts';
import { nexmark } from '../../connectors/nexmark/nexmark.ts';
import { stretchEvents } from '../../connectors/nexmark/reader.ts';
import { batchRows, openContext } from './open-source.ts';
import { hashOf, openNexmark, pollsOf, rowsOf } from './nexmark-support.ts';

const independent = resolve(import.meta.dirname, '../../../shared/prototypes/rivals/nexmark-gen.mjs');
const slow = process.env.MILLRACE_SLOW === '1';
const text = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join('\u0001')).sort();

describe('seed 42 gives the rows that the independent generator gives', () => {
  const known = {
    person: { rows: 2000, sha256: '72d84b08725e3e9b67f45e34aed70a97a5fe84b04d9b7ebb76e0d29be04bf51f' },
    auction: { rows: 6000, sha256: 'c2074da6adf49589fbc69772644cf528dcbdcf8e0a8f46f651f2c72a63ee891d' },
    bid: { rows: 92_000, sha256: 'caa4ee03ad4fe99c84cefddbb02d5167c648156177662cd1596541ef6d3f4f65' },
  };
  it.each(eventNames)('%s, in 100,000 events', async (event) => {
    expect(await hashOf(event, 100_000)).toEqual(known[event]);
  });

  const whole = {
    person: { rows: 100_000, sha256: 'ccead97f5211fa40c99d128d155afa0e0b44078e86b5e56cf617927c94522e05' },
    auction: { rows: 300_000, sha256: 'f1148f7b93a8e30938af1d8834e6dae3f1b72a4ddce4e16d477fac23e0e26133' },
    bid: { rows: 4_600_000, sha256: 'b2c2183dc3f0d35789fa8b26c633b2ee114752a548da1488bd5751bc2b439f54' },
  };
  it.skipIf(!slow).each(eventNames)(
    '%s, in 5,000,000 events',
    async (event) => {
      expect(await hashOf(event, 5_000_000)).toEqual(whole[event]);
    },
    600_000,
  );

  it.skipIf(!existsSync(independent))('with another seed and rate too (skipped without ../shared)', async () => {
    const { Nexmark } = (await import(independent)) as {
      Nexmark: new (options: object) => { next(): void; type: number; buf: Buffer; p: number };
    };
    const options = { seed: 7, rate: 333, events: 5000 };
    const other = new Nexmark(options);
    const bids: string[] = [];
    for (let event = 0; event < options.events; event++) {
      other.next();
      if (other.type === 2) bids.push(other.buf.toString('latin1', 0, other.p));
    }
    const rows = await rowsOf('bid', { options, columns: ['auction', 'bidder', 'price', 'url'] });
    expect(rows.map((row) => row.map(String))).toEqual(
      bids.map((line) => {
        const { auction, bidder, price, url } = JSON.parse(line) as Record<string, string | number>;
        return [auction, bidder, price, url].map(String);
      }),
    );
  });
});

describe.each(eventNames)('%s', (event) => {
  const options = { events: 60_000, seed: 3 };

  it('is the same set of rows whatever the number of partitions, each in order of time', async () => {
    const one = await rowsOf(event, { options });
    const time = eventColumns[event].findIndex(({ name }) => name === 'date_time');
    for (const partitions of [2, 3, 7]) {
      const polls = await pollsOf(await openNexmark(event, { options: { ...options, partitions } }));
      expect(text(polls.flatMap(batchRows))).toEqual(text(one));
      const latest = new Map<string, bigint>();
      for (const polled of polls) {
        for (const row of batchRows(polled)) {
          expect(row[time] as bigint).toBeGreaterThanOrEqual(latest.get(polled.partition) ?? 0n);
          latest.set(polled.partition, row[time] as bigint);
        }
      }
    }
  });

  it('gives each column alone as it gives it among all', async () => {
    const whole = await rowsOf(event, { options: { ...options, events: 12_000 } });
    for (const [index, { name }] of eventColumns[event].entries()) {
      const alone = await rowsOf(event, { options: { ...options, events: 12_000 }, columns: [name] });
      expect(alone.map(([value]) => value)).toEqual(whole.map((row) => row[index]));
    }
  });

  it('gives each of several readers its own partitions', async () => {
    const columns = eventColumns[event];
    const context = openContext(columns, { options: { ...options, event, partitions: 5 } });
    const parts = await Promise.all([0, 1].map((lane) => nexmark.open({ ...context, owns: (_, index) => index % 2 === lane })));
    expect(parts.map((reader) => reader.partitions)).toEqual([
      ['0', '2', '4'],
      ['1', '3'],
    ]);
    const rows = (await Promise.all(parts.map(pollsOf))).flat().flatMap(batchRows);
    expect(text(rows)).toEqual(text(await rowsOf(event, { options })));
  });

  it('goes on in the middle of one partition of several', async () => {
    const settings = { ...options, partitions: 3 };
    const polls = await pollsOf(await openNexmark(event, { options: settings }));
    const middle = polls.filter(({ partition }) => partition === '1')[1] as Polled;
    const positions = new Map([['1', JSON.parse(JSON.stringify(middle.from)) as Polled['from']]]);
    const again = await pollsOf(await openNexmark(event, { options: settings, positions }));
    const first = again.find(({ partition }) => partition === '1') as Polled;
    expect(batchRows(first)).toEqual(batchRows(middle));
  });

  it('keeps its rows when they come in disorder, and disorder within its bound', async () => {
    const disordered = await rowsOf(event, { options: { ...options, disorder: 200 } });
    expect(text(disordered)).toEqual(text(await rowsOf(event, { options })));
    const time = eventColumns[event].findIndex(({ name }) => name === 'date_time');
    let [latest, early] = [0n, 0];
    for (const row of disordered) {
      const at = row[time] as bigint;
      expect(at).toBeGreaterThanOrEqual(latest - 200_000n);
      if (at < latest) early++;
      else latest = at;
    }
    expect(early).toBeGreaterThan(disordered.length / 20);
  });
});

describe('what it is made of', () => {
  it('has bids on auctions and by persons that exist or are about to', async () => {
    const bids = await rowsOf('bid', { options: { events: 100_000 }, columns: ['auction', 'bidder', 'price', 'channel'] });
    const hot = bids.filter(([auction]) => (Number(auction) - 1000) % 100 === 0).length / bids.length;
    expect(hot).toBeGreaterThan(0.48);
    expect(hot).toBeLessThan(0.55);
    const google = bids.filter((row) => row[3] === 'Google').length / bids.length;
    expect(google).toBeGreaterThan(0.115);
    expect(google).toBeLessThan(0.135);
    const prices = bids.map((row) => Number(row[2])).sort((a, b) => a - b);
    expect(prices[0]).toBeGreaterThanOrEqual(100);
    expect(prices.at(-1)).toBeLessThanOrEqual(100_000_000);
    // Log-uniform: half of them below the middle of the exponents.
    expect(prices[prices.length >> 1]).toBeGreaterThan(90_000);
    expect(prices[prices.length >> 1]).toBeLessThan(110_000);
  });

  it('has a base time and a rate', async () => {
    const times = await rowsOf('person', { options: { events: 500, rate: 50, base_time: '2026-03-01 12:00:00' }, columns: ['date_time'] });
    expect(times.map(([time]) => Number((time as bigint) / 1000n))).toEqual(
      Array.from({ length: 10 }, (_, second) => Date.UTC(2026, 2, 1, 12) + second * 1000),
    );
  });

  it('refuses to go on with another seed or other partitions', async () => {
    const reader = await openNexmark('bid');
    const { to } = (await reader.poll()) as Polled;
    for (const options of [{ seed: 1 }, { partitions: 2 }]) {
      const opening = openNexmark('bid', { options, positions: new Map([['0', to]]) });
      await expect(opening).rejects.toThrow(ConnectorError);
    }
  });

  it('makes rows faster than queries take them', async () => {
    const reader = await openNexmark('bid');
    for (let i = 0; i < 10; i++) await reader.poll();
    const before = process.cpuUsage();
    let rows = 0;
    for (let i = 0; i < 25; i++) rows += ((await reader.poll()) as Polled).batch.rows;
    const { user, system } = process.cpuUsage(before);
    // Some 3 million bids a CPU second on an idle machine; a fraction of it must remain on a crowded one.
    expect(rows / ((user + system) / 1e6)).toBeGreaterThan(400_000);
    expect(rows / 25).toBeGreaterThan((stretchEvents / 50) * 45);
  });

  it('says what it is', () => {
    expect([nexmark.name, nexmark.paced, nexmark.replayable]).toEqual(['nexmark', true, true]);
  });
});
