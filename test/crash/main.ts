/** `npm run test:crash`: kills engines that read from and write to a real broker, again and again, and checks every row. */
import { parseArgs } from 'node:util';
import { missingTools } from '../kafka/broker/jars.ts';
import { crashRun } from './crash-run.ts';
import { groupCrashRun } from './group-crash-run.ts';
import { type CrashReport, reportText } from './report.ts';

const usage = `npm run test:crash -- [options]
  --kills N         kill -9 in all, three in four at the named points that were hit least, the others at any moment (300)
  --processes LIST  1: a process by itself; 2, 3: a group of so many; with commas, the kills are shared: half of them
                    to the first, the rest evenly (1,2,3)
  --brokers N       restarts of the broker in all (kills / 20)
  --seed N          decides where, and with how many lanes (of the day)
  --any             exit code 0 although points were never reached
  --keep            keeps the folder with queries and data of a process by itself`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    processes: { type: 'string', default: '1,2,3' },
    brokers: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    any: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const pointMsMax = 12_000;
const lanes = [null, null, 1, 2, 3];
const missing = missingTools();
if (missing !== null) {
  console.log(`no Kafka broker for these tests: ${missing}\n0 passed, 0 failed, 1 skipped`);
  process.exit(0);
}
const kills = Number(values.kills);
const seed = Number(values.seed);
const runs = values.processes.split(',').map(Number);
if (![kills, seed, ...runs].every((number) => Number.isSafeInteger(number) && number > 0)) throw new Error(usage);
console.log(`seed ${seed}, ${kills} kills, processes: ${runs.join(', ')}`);
const brokers = Number(values.brokers ?? Math.floor(kills / 20));
const reports: CrashReport[] = [];
for (const [index, processes] of runs.entries()) {
  const share = (all: number) => {
    if (runs.length === 1) return all;
    const first = Math.ceil(all / 2);
    const others = runs.length - 1;
    return index === 0 ? first : Math.floor((all - first) / others) + (index <= (all - first) % others ? 1 : 0);
  };
  const settings = { kills: share(kills), seed, brokerRestarts: share(brokers), pointMsMax, lanes, keep: values.keep };
  const log = (text: string) => console.log(text);
  reports.push(processes === 1 ? await crashRun({ ...settings, log }) : await groupCrashRun({ ...settings, log }, processes));
  console.log(reportText(reports.at(-1) as CrashReport));
}
const sum = (of: (report: CrashReport) => number) => reports.reduce((total, report) => total + of(report), 0);
console.log(
  `in all: ${sum((report) => report.kills)} kills, ${sum(({ brokerRestarts }) => brokerRestarts)} restarts of the broker, ` +
    `${sum(({ produced, topics }) => produced * topics)} rows, ${sum(({ never }) => never.length)} points never reached`,
);
const failed = sum(({ findings }) => findings.filter(({ fault }) => fault !== null).length);
console.log(`${sum(({ findings }) => findings.length) - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || (!values.any && reports.some(({ never }) => never.length > 0)) ? 1 : 0;
