import { expect } from 'vitest';
import type { Compiler } from '../../engine/compile/compiler.ts';
import { CaseReference, judge, prepareCase } from './run-case.ts';
import { type EngineFeed, engineCase } from './run-engine-case.ts';
import { streamCase } from './stream-case.ts';

export interface Regression {
  readonly columns: Readonly<Record<string, string>>;
  /** By name, in order: a body, or a body and the view's options. */
  readonly views: Readonly<Record<string, string | readonly [body: string, options: string]>>;
  /** By source: SELECT of the rows in the order in which they come, with a column `arrival` that numbers them. */
  readonly rows: Readonly<Record<string, string>>;
  readonly engines?: readonly EngineFeed[];
}

/** Every view is stored, runs, and equals DuckDB's answer however the rows are fed. */
export async function checkRegression(compiler: Compiler, { columns, views, rows, engines = [] }: Regression): Promise<void> {
  const each = {
    columns,
    views: Object.entries(views).map(([name, view]) => {
      const [body, options] = typeof view === 'string' ? [view, undefined] : view;
      return { name, stored: true, body: body.replace(/\s+/g, ' '), ...(options === undefined ? {} : { options }) };
    }),
  };
  const prepared = await prepareCase(compiler, each);
  expect([...prepared.refused]).toEqual([]);
  const reference = await CaseReference.create(each);
  const values = await reference.load(rows);
  const expected = await reference.answers();
  const runs = [
    ...[1, 7, 8192].map((batchRows) => [`batches of ${batchRows}`, () => streamCase(prepared, values, { batchRows, seed: 1 })] as const),
    ...engines.map((feed) => [`an engine: ${JSON.stringify(feed)}`, () => engineCase(prepared, values, feed)] as const),
  ];
  for (const [how, run] of runs) {
    const got = await run();
    for (const view of Object.keys(views)) expect(judge(got.get(view), expected.get(view)), `${view} with ${how}`).toBeNull();
  }
  reference.close();
}
