import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryInstance } from '../../engine/compile/query-instance.ts';
import { compareRows, type Row } from '../oracle/compare-rows.ts';
import { buildBatch } from '../store/build-batch.ts';
import { overColumns, overRows } from './support/over-rows.ts';
import { drain, WindowedQueries } from './support/windowed-query.ts';

const lateness = 25_000_000n;
const end = (1n << 63n) - 1n;

const bodies: Readonly<Record<string, string>> = {
  'seconds before the row':
    "SELECT uid, count(*) OVER w, sum(v) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '10 seconds' PRECEDING AND CURRENT ROW)",
  'rows before the row': 'SELECT uid, sum(i) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts, uid ROWS 20 PRECEDING)',
  'the best of each window':
    "SELECT * FROM (SELECT window_start, k, uid, row_number() OVER (PARTITION BY window_start, k ORDER BY v DESC) AS rn FROM tumble(t, ts, INTERVAL '10 seconds')) WHERE rn <= 3",
};

describe('OVER goes on after a restart', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(overColumns, overRows(2003));
  });
  afterAll(async () => {
    await stream.close();
  });

  for (const [name, body] of Object.entries(bodies)) {
    it(name, { timeout: 60_000 }, async () => {
      const program = await stream.program(body);
      const expected = await stream.expected(body);
      const read = (program.inputs[0]?.columns ?? []).map((column) => stream.columns.findIndex((each) => each.name === column));
      const specs = read.map((index) => stream.columns[index] as ColumnSpec);
      const feed = (instance: QueryInstance, values: readonly (readonly unknown[])[], rows: Row[]): void => {
        for (let at = 0; at < values.length; at += 300) {
          const batch = values.slice(at, at + 300).map((row) => read.map((index) => row[index]));
          instance.push(0, buildBatch(specs, batch));
          drain(instance, rows);
        }
      };
      const timeOf = (row: readonly unknown[]) => row[0] as bigint;
      for (const cut of [1, 700, 1500]) {
        const rows: Row[] = [];
        const before = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
        const seen = stream.values.slice(0, cut);
        feed(before, seen, rows);
        const watermark = seen.reduce((latest, row) => (timeOf(row) > latest ? timeOf(row) : latest), 0n) - lateness;
        before.advance(watermark);
        drain(before, rows);
        const oldest = before.oldestOpenStart();
        const after = await instantiateQuery(program, { memoryBytesMax: 64 << 20 });
        after.resumeFrom(watermark);
        const again = oldest === null ? [] : seen.filter((row) => timeOf(row) >= oldest);
        feed(after, [...again, ...stream.values.slice(cut)], rows);
        after.advance(end);
        drain(after, rows);
        expect(compareRows(rows, expected)).toEqual([]);
      }
    });
  }

  it('keeps what the frames reach and no more', { timeout: 60_000 }, async () => {
    const program = await stream.program(bodies['seconds before the row'] as string);
    const { instance } = await stream.stream(program, { batchRows: 100, lateness, end: end / 8n });
    const over = program.operators.find((operator) => operator.kind === 'over');
    const counters = instance.counters().find((each) => each.node === over?.node);
    expect(counters?.rowsOut).toBe(stream.values.length);
    expect(counters?.stateRows).toBeLessThan(100);
  });
});
