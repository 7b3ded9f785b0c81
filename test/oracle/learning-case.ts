import { expect } from 'vitest';
import type { Compiler } from '../../engine/compile/compiler.ts';
import type { Row } from './compare-rows.ts';
import { CaseReference, judge, prepareCase, type Values } from './run-case.ts';
import { engineCase } from './run-engine-case.ts';
import { streamCase } from './stream-case.ts';

const columns = { ts: 'TIMESTAMP', k: 'BIGINT', v: 'DOUBLE', uid: 'BIGINT' };
const kept = "state_ttl = '30000 d'";
export const window = 'WINDOW w AS (PARTITION BY k ORDER BY ts, uid)';

/** Three series of some 700 rows, in disorder, with waves, spikes, a step, gaps, NULLs, what is no number, and rows without a time. */
const rows = `SELECT CASE WHEN arrival % 97 <> 13 THEN TIMESTAMP '2025-01-01' + to_seconds((arrival * 30 - (arrival * 7919) % 9)::INTEGER) END AS ts,
  arrival % 3 AS k, arrival AS uid, arrival,
  CASE WHEN arrival % 41 = 5 THEN NULL WHEN arrival % 53 = 7 THEN 'nan'::DOUBLE WHEN arrival % 211 = 9 THEN 'inf'::DOUBLE
    WHEN arrival % 3 = 2 THEN 7 WHEN arrival % 389 = 11 THEN 500
    ELSE 20 + 5 * sin(arrival / 200) + (hash(arrival) % 1000) / 500 + CASE WHEN arrival > 1500 THEN 4 ELSE 0 END END AS v
  FROM range(2100) r(arrival)`;

interface Learnt {
  step(value: number | null, micros: bigint, uid: number): unknown;
}

interface LearntRows {
  step(values: readonly (number | null)[]): unknown;
}

/** Of several columns, made of the value and the row's number; nothing of a row without a time. */
export function severalOf(learnt: LearntRows, of: (value: number | null, uid: number) => readonly (number | null)[]) {
  return {
    step(value: number | null, micros: bigint, uid: number): unknown {
      const values = of(value, uid);
      return learnt.step(micros === 0n ? values.map(() => null) : values);
    },
  };
}

/** By the definition: the rows of each series in the order of their time, those without one last. */
export function expected(values: Values, make: () => Learnt, of: (result: unknown) => unknown[]): Row[] {
  const models = new Map<unknown, Learnt>();
  const latest = 2n ** 63n;
  const ordered = [...values].sort((a, b) => {
    const [left, right] = [micros(a[0]) ?? latest, micros(b[0]) ?? latest];
    return left < right ? -1 : left > right ? 1 : Number((a[3] as bigint) - (b[3] as bigint));
  });
  return ordered.map(([ts, k, v, uid]) => {
    const model = models.get(k) ?? make();
    models.set(k, model);
    const time = micros(ts);
    return [uid, ...of(model.step(time === null ? null : (v as number | null), time ?? 0n, Number(uid)))];
  });
}

function micros(value: unknown): bigint | null {
  return value === null ? null : typeof value === 'bigint' ? value : (value as { micros: bigint }).micros;
}

/** `definition`: the rows that the view must have, from those of the table. */
export async function checkLearnt(compiler: Compiler, body: string, definition: (values: Values) => Row[]): Promise<void> {
  const each = { columns, views: [{ name: 'learnt', stored: true, body: body.replace(/\s+/g, ' '), options: kept }] };
  const prepared = await prepareCase(compiler, each);
  expect([...prepared.refused]).toEqual([]);
  const reference = await CaseReference.create(each);
  const tables = await reference.load({ t: rows });
  const right = definition(tables.t as Values);
  for (const batchRows of [1, 7, 8192]) {
    const got = await streamCase(prepared, tables, { batchRows, seed: 1 });
    expect(judge(got.get('learnt'), right), `batches of ${batchRows}`).toBeNull();
  }
  const imaged = await streamCase(prepared, tables, { batchRows: 100, seed: 2, images: 0.3 });
  expect(judge(imaged.get('learnt'), right), 'images of memory').toBeNull();
  for (const lanes of [1, 3]) {
    const got = await engineCase(prepared, tables, { lanes, partitions: 1, batchRows: 50, pauseEvery: 300, cuts: [900] });
    expect(judge(got.get('learnt'), right), `an engine with ${lanes} lanes and a restart`).toBeNull();
  }
  reference.close();
}
