import { Compiler } from '../../engine/compile/compiler.ts';
import { Random } from '../connectors/random.ts';
import { randomSchema } from './random-schema.ts';
import { randomQueries } from './random-query.ts';
import { randomRows } from './random-rows.ts';
import { prepareCase, CaseReference, streamCase, judge } from './run-case.ts';
import { catalogText, selectText } from './query-case.ts';
const seed = Number(process.argv[2] ?? 1), worlds = Number(process.argv[3] ?? 1), verbose = process.argv[4] === 'v';
const compiler = new Compiler({ cacheDirectory: null });
const refusals = new Map<string, number>();
let runs = 0, bad = 0, views = 0, rowsOut = 0, failing = 0;
for (let w = 0; w < worlds; w++) {
  const random = new Random(seed + w);
  const schema = randomSchema(random);
  const each = randomQueries(random, schema, 6);
  if (verbose) console.log(catalogText(each));
  const t0 = performance.now();
  let prepared;
  try { prepared = await prepareCase(compiler, each); } catch (e) { console.log('SEED', seed + w, 'PREPARE', (e as Error).message, catalogText(each)); continue; }
  const t1 = performance.now();
  for (const f of prepared.faults) { bad++; console.log('SEED', seed + w, 'FAULT', f); }
  for (const [v, r] of prepared.refused) { const k = r.replace(/"[^"]*"/g, '""'); refusals.set(k, (refusals.get(k) ?? 0) + 1); if (verbose) console.log(v, r); }
  views += prepared.compiled.length;
  const reference = await CaseReference.create(each);
  for (let s = 0; s < 4; s++) {
    const rs = randomRows(random, schema, s === 0 ? 500 : 9000);
    const values = await reference.load(rs.select);
    const expected = await reference.answers();
    for (const batchRows of [rs.rows <= 300 ? 1 : 1000, 7, 8192].slice(rs.rows > 2000 ? 2 : 0)) {
      let got;
      try { got = await streamCase(prepared, values, { batchRows, seed: seed + s }); } catch (e) { bad++; console.log('SEED', seed + w, 'THROWS', (e as Error).stack); continue; }
      for (const { definition } of prepared.compiled) {
        runs++;
        const e = expected.get(definition.name);
        if (typeof e === 'string') failing++; else rowsOut += e?.length ?? 0;
        const d = judge(got.get(definition.name), e);
        if (d !== null) { bad++; console.log('SEED', seed + w, definition.name, 'rows', rs.rows, 'batch', batchRows, d.slice(0, 700), '\n   ', selectText(each.views.find(v => v.name === definition.name)!.select)); break; }
      }
    }
  }
  reference.close();
  if (verbose) console.log('load+compile', t1 - t0, 'run', performance.now() - t1);
}
console.log({ views, runs, bad, rowsOut, failing });
console.log([...refusals].sort((a, b) => b[1] - a[1]).slice(0, 40));
await compiler.close();
