import { parseArgs } from 'node:util';
import { fuzzJson } from './json-fuzz-run.ts';
import { compiler } from './support.ts';

// Run as `npm run test:json-fuzz -- --messages N [--seed S]`.
const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
const every = 50_000;
let told = 0;
process.stdout.write(`seed ${seed}\n`);
try {
  const counts = await fuzzJson(Number(values.messages), seed, ({ messages, taken, rejected }) => {
    if (messages < told + every) return;
    told += every;
    process.stdout.write(`${messages} messages: ${taken} rows, ${rejected} rejected\n`);
  });
  const memory = `${Math.round(counts.memoryBytes / 2 ** 20)} MiB`;
  process.stdout.write(
    `${counts.messages} messages agree: ${counts.taken} rows, ${counts.rejected} rejected; longest call ${counts.longestMs.toFixed(1)} ms, at most ${memory} of memory\n`,
  );
} finally {
  await compiler.close();
}
