import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../connectors/batch.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import { QueryFailure } from '../../engine/compile/query-instance.ts';
import type { QueryInstance } from '../../engine/compile/query-instance.ts';
import type { Row } from '../oracle/compare-rows.ts';
import { defineQuery, drain } from './support/windowed-query.ts';

const definitions = 'ts TIMESTAMP NOT NULL, k BIGINT, s VARCHAR, h HUGEINT';
const second = 1_000_000n;
const limit = { memoryBytesMax: 64 << 20 };

describe('a query instance', () => {
  let compiler: Compiler;
  const program = async (body: string): Promise<QueryProgram> => await compiler.compile(await defineQuery(definitions, body, 'q'));
  beforeAll(() => {
    compiler = new Compiler({ cacheDirectory: null });
  });
  afterAll(async () => {
    await compiler.close();
  });

  const minutes = "SELECT window_start, k, count(*) FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k";
  const cascade = `WITH a AS (SELECT window_start, window_end, k, count(*) AS n FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k)
    SELECT window_start, sum(n), count(*) FROM tumble(a, window_start, INTERVAL '1 minute') GROUP BY window_start, window_end`;
  const hops =
    "SELECT window_start, k, count(*), first(ts) FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end, k";

  const buckets = "SELECT date_trunc('minute', ts) AS m, k, count(*) FROM t GROUP BY m, k";
  const bucketCascade = `WITH a AS (SELECT time_bucket(INTERVAL '7 seconds', ts) AS b, k, count(*) AS n FROM t GROUP BY b, k)
    SELECT window_end, sum(n), count(*) FROM tumble(a, b, INTERVAL '1 minute') GROUP BY window_start, window_end`;
  const bodies = { tumble: minutes, cascade, hop: hops, 'time bucket': buckets, 'window over buckets': bucketCascade };

  for (const [name, body] of Object.entries(bodies)) {
    it(`goes on after a restart as if there had been none: ${name}`, async () => {
      const made = await program(body);
      const rows = Array.from({ length: 600 }, (_, i) => [BigInt(i) * second - BigInt((i * 7) % 13) * second, BigInt(i % 3)] as const);
      const whole = await instantiateQuery(made, limit);
      const expected: Row[] = [];
      feed(whole, made, rows, expected);
      finish(whole, expected);

      for (const cut of [1, 97, 240, 333, 598]) {
        const before = await instantiateQuery(made, limit);
        const seen: Row[] = [];
        feed(before, made, rows.slice(0, cut), seen);
        const watermark = watermarkAfter(rows.slice(0, cut));
        const oldest = before.oldestOpenStart();

        const after = await instantiateQuery(made, limit);
        after.resumeFrom(watermark);
        // Everything from the oldest open window on comes again; what is older may come too.
        const replay = rows.slice(0, cut).filter(([ts]) => oldest !== null && ts >= oldest - 3n * second);
        const repeated: Row[] = [];
        for (const row of replay) after.push(0, batchOf(made, [row]));
        drain(after, repeated);
        after.advance(watermark);
        drain(after, repeated);
        expect(repeated).toEqual([]);
        feed(after, made, rows.slice(cut), seen, watermark);
        finish(after, seen);
        expect(sorted(seen)).toEqual(sorted(expected));
      }
    });
  }

  it('fails loudly when a row comes after its window was closed', async () => {
    const made = await program(minutes);
    const instance = await instantiateQuery(made, limit);
    instance.advance(20n * second);
    instance.push(0, batchOf(made, [[25n * second, 1n]]));
    expect(() => instance.push(0, batchOf(made, [[19n * second, 1n]]))).toThrow(QueryFailure);
  });

  it('stops at its memory limit with a failure that names it', async () => {
    const made = await program(minutes);
    const instance = await instantiateQuery(made, { memoryBytesMax: 4 << 20 });
    const fill = () => {
      for (let from = 0; from < 2_000_000; from += 8000) {
        instance.push(
          0,
          batchOf(
            made,
            Array.from({ length: 8000 }, (_, i) => [second, BigInt(from + i)] as const),
          ),
        );
      }
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'QueryFailure', reason: 'memory limit' }));
    expect(instance.memoryBytes()).toBeLessThanOrEqual(4 << 20);
  });

  it('fails when a sum leaves HUGEINT', async () => {
    const made = await program("SELECT window_start, sum(h) FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end");
    const instance = await instantiateQuery(made, limit);
    const most = (1n << 127n) - 1n;
    instance.push(
      0,
      batchOf(made, [
        [second, most],
        [second, -most],
        [second, most],
      ]),
    );
    expect(() => instance.push(0, batchOf(made, [[second, 1n]]))).toThrow(expect.objectContaining({ reason: 'overflow' }));
  });

  it('forgets strings that no open window holds', async () => {
    const made = await program(
      "SELECT window_start, s, count(*), max(s) FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, s",
    );
    const instance = await instantiateQuery(made, limit);
    let rows = 0;
    for (let step = 0; step < 120; step++) {
      // A dictionary for every batch, as a file connector might bring, and one that lives on.
      const dictionary = step % 3 === 0 ? lasting : new StringDictionary();
      const strings = Array.from({ length: 4000 }, (_, i) => `string ${step} ${i} ${'x'.repeat(i % 60)}`);
      instance.push(0, stringBatch(made, BigInt(step) * 5n * second, strings, dictionary));
      const out: Row[] = [];
      drain(instance, out);
      instance.advance(BigInt(step) * 5n * second);
      drain(instance, out);
      expect(out.filter(([, s, count, most]) => s !== most || count !== '1')).toEqual([]);
      rows += out.length;
    }
    instance.advance((1n << 63n) - 1n);
    const out: Row[] = [];
    drain(instance, out);
    expect(rows + out.length).toBe(120 * 4000);
    expect(new Set(out.map(([, s]) => s)).size).toBe(out.length);
    expect(instance.memoryBytes()).toBeLessThan(24 << 20);
  });

  it('is not slowed by keys made to collide', async () => {
    const made = await program(minutes);
    const instance = await instantiateQuery(made, { ...limit, seed: [1n, 2n] });
    // Keys that all fall into one slot under Fibonacci hashing, the usual choice.
    const inverse = 0xf1de83e19937733dn;
    const started = performance.now();
    for (let from = 0; from < 40_000; from += 8000) {
      instance.push(
        0,
        batchOf(
          made,
          Array.from({ length: 8000 }, (_, i) => [second, BigInt.asIntN(64, BigInt(from + i) * inverse)] as const),
        ),
      );
    }
    instance.advance((1n << 63n) - 1n);
    const out: Row[] = [];
    drain(instance, out);
    expect(out.length).toBe(40_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('counts rows per operator', async () => {
    const made = await program(
      "WITH f AS (SELECT * FROM t WHERE k > 0) SELECT window_start, k, count(*) AS n FROM tumble(f, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k HAVING count(*) > 1",
    );
    const instance = await instantiateQuery(made, limit);
    instance.push(
      0,
      batchOf(
        made,
        Array.from({ length: 30 }, (_, i) => [BigInt(i) * second, BigInt(i % 3)] as const),
      ),
    );
    const byKind = (kind: string) =>
      instance.counters().find((counter) => made.operators.find(({ node }) => node === counter.node)?.kind === kind);
    expect(byKind('scan')).toMatchObject({ rowsIn: 30, rowsOut: 30 });
    expect(byKind('filter')).toMatchObject({ rowsIn: 30, rowsOut: 20 });
    expect(byKind('aggregate')).toMatchObject({ rowsIn: 20, rowsOut: 0, stateRows: 6 });
    expect(byKind('aggregate')?.stateBytes).toBeGreaterThan(0);
    instance.advance(10n * second);
    drain(instance, []);
    expect(byKind('aggregate')).toMatchObject({ rowsOut: 2, stateRows: 4 });
  });
});

const lasting = new StringDictionary();

type Pair = readonly [bigint, bigint];

function watermarkAfter(rows: readonly Pair[]): bigint {
  let latest = -1n << 40n;
  for (const [ts] of rows) if (ts > latest) latest = ts;
  return latest - 13n * second;
}

function feed(instance: QueryInstance, program: QueryProgram, rows: readonly Pair[], out: Row[], from = -1n << 40n): void {
  let watermark = from;
  rows.forEach((row, i) => {
    instance.push(0, batchOf(program, [row]));
    const next = watermarkAfter(rows.slice(0, i + 1));
    if (next > watermark) watermark = next;
    instance.advance(watermark);
    drain(instance, out);
  });
}

function finish(instance: QueryInstance, out: Row[]): void {
  instance.advance((1n << 63n) - 1n);
  drain(instance, out);
}

function sorted(rows: readonly Row[]): string[] {
  return rows.map((row) => row.join(' ')).sort();
}

/** The second column is whichever the program reads besides ts. */
function batchOf(program: QueryProgram, rows: readonly Pair[]): Batch {
  const columns = (program.inputs[0]?.columns ?? []).map((name) => {
    if (name === 'ts')
      return { kind: 'fixed' as const, type: { kind: 'timestamp' as const }, data: BigInt64Array.from(rows, ([ts]) => ts), validity: null };
    if (name === 'k')
      return { kind: 'fixed' as const, type: { kind: 'bigint' as const }, data: BigInt64Array.from(rows, ([, k]) => k), validity: null };
    const words = rows.flatMap(([, h]) => [BigInt.asUintN(64, h), BigInt.asUintN(64, h >> 64n)]);
    return { kind: 'fixed' as const, type: { kind: 'hugeint' as const }, data: BigUint64Array.from(words), validity: null };
  });
  return { rows: rows.length, columns };
}

function stringBatch(program: QueryProgram, ts: bigint, strings: readonly string[], dictionary: StringDictionary): Batch {
  const columns = (program.inputs[0]?.columns ?? []).map((name) => {
    if (name === 'ts')
      return {
        kind: 'fixed' as const,
        type: { kind: 'timestamp' as const },
        data: new BigInt64Array(strings.length).fill(ts),
        validity: null,
      };
    return {
      kind: 'string' as const,
      type: { kind: 'varchar' as const },
      codes: Uint32Array.from(strings, (text) => dictionary.intern(text)),
      dictionary,
      validity: null,
    };
  });
  return { rows: strings.length, columns };
}
