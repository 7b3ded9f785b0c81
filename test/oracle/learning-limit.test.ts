import { afterAll, expect, it } from 'vitest';
import type { Column } from '../../connectors/batch.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import { buildBatch } from '../store/build-batch.ts';
import { FoldedRows } from './folded-rows.ts';
import { prepareCase } from './run-case.ts';

const compiler = new Compiler({ cacheDirectory: null });
afterAll(() => compiler.close());

const minute = 60_000_000n;
const memoryBytesMax = 64 << 20;

it('series beyond max_series give NULL and are counted, over images too; what is forgotten makes room', async () => {
  const columns = { ts: 'TIMESTAMP', k: 'BIGINT', v: 'DOUBLE' };
  const body = 'SELECT ts, k, e.mean AS mean FROM (SELECT ts, k, ewma(v, array_agg(v) OVER (PARTITION BY k ORDER BY ts)) AS e FROM t)';
  const options = "state_ttl = '10 min', max_series = 2";
  const { compiled, sources } = await prepareCase(compiler, { columns, views: [{ name: 'learnt', stored: true, body, options }] });
  const { program } = compiled[0]!;
  const source = sources.get('t')!;
  let instance = await instantiateQuery(program, { memoryBytesMax });
  const rows = new FoldedRows();
  const give = (values: readonly (readonly [minutes: number, k: number])[]): void => {
    const given = values.map(([at, k]) =>
      source.columns.map(({ name }) => ({ ts: BigInt(at) * minute, k: BigInt(k), v: 5 })[name as 'k'] ?? 0n),
    );
    const batch = buildBatch(source.columns, given);
    const picked = program.inputs[0]!.columns.map(
      (name) => batch.columns[source.columns.findIndex((each) => each.name === name)] as Column,
    );
    instance.push(0, { ...batch, columns: picked });
    instance.advance(BigInt(values.at(-1)![0]) * minute + 1n);
    for (let out = instance.take(); out !== null; out = instance.take()) rows.add(out);
  };
  const means = () => rows.list().map(([ts, k, mean]) => `${Number((ts as { micros: bigint }).micros ?? ts) / 60e6} ${k} ${mean}`);

  give([
    [1, 1],
    [1, 2],
    [2, 3],
    [2, 1],
  ]);
  expect(means().sort()).toEqual(['1 1 5', '1 2 5', '2 1 5', '2 3 null']);
  expect(instance.unlearntRows?.()).toBe(1);

  instance = await instantiateQuery(program, { memoryBytesMax, image: instance.image!(null)! });
  give([
    [3, 3],
    [3, 2],
  ]);
  expect(instance.unlearntRows?.()).toBe(2);

  give([[30, 1]]);
  give([[31, 3]]);
  give([[32, 4]]);
  expect(
    means()
      .filter((row) => Number(row.split(' ')[0]) >= 30)
      .sort(),
  ).toEqual(['30 1 5', '31 3 5', '32 4 null']);
  expect(instance.unlearntRows?.()).toBe(3);
});
