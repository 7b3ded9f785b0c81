/** `npm run test:crash`: kills an engine that reads from a real broker, again and again, and checks every row. */
import { parseArgs } from 'node:util';
import { missingTools } from '../kafka/broker/jars.ts';
import { crashRun } from './crash-run.ts';
import { reportText } from './report-text.ts';

const usage = `npm run test:crash -- [options]
  --kills N      kill -9, two in three at a named point, the others at any moment (300)
  --brokers N    restarts of the broker among them (kills / 20)
  --seed N       decides where, and with how many lanes (of the day)
  --keep         keeps the folder with queries and data`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    brokers: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const pointMsMax = 8_000;
const lanes = [null, null, 1, 2, 3];
const missing = missingTools();
if (missing !== null) {
  console.log(`no Kafka broker for these tests: ${missing}\n0 passed, 0 failed, 1 skipped`);
  process.exit(0);
}
const kills = Number(values.kills);
const seed = Number(values.seed);
console.log(`seed ${seed}, ${kills} kills`);
const brokerRestarts = Number(values.brokers ?? Math.floor(kills / 20));
const report = await crashRun({ kills, seed, brokerRestarts, pointMsMax, lanes, keep: values.keep, log: (text) => console.log(text) });
console.log(reportText(report));
const failed = report.findings.filter(({ fault }) => fault !== null).length;
console.log(`${report.findings.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
