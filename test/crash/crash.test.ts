import { expect, it } from 'vitest';
import { missingTools } from '../kafka/broker/jars.ts';
import { crashRun } from './crash-run.ts';
import { reportText } from './report.ts';

const missing = missingTools();
if (missing !== null) process.stdout.write(`no Kafka broker for the crash test: ${missing}\n`);

const kills = 20;
const seed = Number(process.env.MILLRACE_CRASH_SEED ?? Math.floor(Date.now() / 86_400_000));

it.skipIf(missing !== null)(`${kills} kills, one restart of the broker: every row once (seed ${seed})`, { timeout: 600_000 }, async () => {
  const lines: string[] = [];
  try {
    const report = await crashRun({
      kills,
      seed,
      brokerRestarts: 1,
      pointMsMax: 1_500,
      lanes: [null, 2],
      log: (text) => lines.push(text),
    });
    lines.push(reportText(report));
    expect(report.findings.filter(({ fault }) => fault !== null)).toEqual([]);
  } catch (error) {
    process.stdout.write(`${lines.join('\n')}\n`);
    throw error;
  }
});
