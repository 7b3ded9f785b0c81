import { parseArgs } from 'node:util';
import { Compiler } from '../../engine/compile/compiler.ts';
import { fuzzQueries } from './fuzz-queries.ts';
import { everySubject, type Subject } from './random-query.ts';

const usage = `npm run test:fuzz -- [options]
  --seed N       the first seed; it and those after it make schemas, queries and streams (a new one each day)
  --views N      queries to make (120)
  --streams N    streams for each schema (4): a case is one query over one stream, fed in one way
  --about A,B    ${everySubject.join(', ')} (all)
  --snapshots    instances often give way to others that are made of their image
  --shrink N     attempts to make a failing case smaller (200)`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    views: { type: 'string', default: '120' },
    streams: { type: 'string', default: '4' },
    about: { type: 'string', default: everySubject.join(',') },
    snapshots: { type: 'boolean', default: false },
    shrink: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
const about = values.about.split(',').filter((name): name is Subject => (everySubject as string[]).includes(name));
if (values.help || about.length === 0) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const compiler = new Compiler({ cacheDirectory: null });
const begun = Date.now();
const report = await fuzzQueries(compiler, {
  seed: Number(values.seed),
  cases: Number(values.views),
  shrinkAttemptsMax: Number(values.shrink),
  streams: Number(values.streams),
  about,
  ...(values.snapshots ? { images: 0.3 } : {}),
  log: (text) => console.log(`\n${text}`),
});
await compiler.close();
const refused = [...report.refused].sort((a, b) => b[1] - a[1]);
if (refused.length > 0)
  console.log(`\nrefused:\n${refused.map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`).join('\n')}`);
console.log(
  `\nseed ${values.seed}: ${report.views} queries ran, ${report.answers} cases, ${report.rows} rows expected, ` +
    `${report.failed} cases that fail in DuckDB too, ${Math.round((Date.now() - begun) / 1000)} s`,
);
console.log(`${report.answers - report.faults.length} passed, ${report.faults.length} failed`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
