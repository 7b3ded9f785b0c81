import { join } from 'node:path';
import { median } from '../measure.ts';
import { compileModel, cpuMicros, dataOptions, mean, openDuckDb } from './shared.ts';
import { horizon, pointsMin, readTasks, type Task, timing } from './tasks.ts';

interface Kernel {
  openBreach(points: number, stepMicros: number, everyMicros: number, horizon: number, threshold: number, sign: number): number;
  stepBreach(state: number, value: number, micros: bigint): void;
  closeBreach(state: number): void;
  readonly breachProbabilityAt: { readonly value: number };
  readonly breachRiskAt: { readonly value: number };
  readonly breachFirstStepAt: { readonly value: number };
}

interface Outlook {
  readonly probability: number;
  readonly risk: number;
  readonly firstStep: number;
  readonly ms: number;
}

/**
 * Whether series will cross their threshold within 60 steps, over the tasks of fc_breach.parquet, by the kernel: area under the ROC curve
 * and Brier score of the risk (even odds) and of the probability. Rows: task, probability, risk, first_step (0: none).
 */
export async function breach(args: string[]): Promise<void> {
  const { data, out } = dataOptions(args, 'breach', 'fc_breach.parquet');
  const tasks = await readTasks(join(data, 'fc_breach.parquet'));
  const kernel = await compileModel<Kernel>('breach', [
    ...['openBreach', 'stepBreach', 'closeBreach'],
    ...['breachProbabilityAt', 'breachRiskAt', 'breachFirstStepAt'],
  ]);
  const found = tasks.map((task) => run(kernel, task));
  const truth = tasks.map((task) => task.breach === true);
  const crossing = truth.filter(Boolean).length;
  process.stdout.write(
    `${tasks.length} tasks, ${crossing} cross their threshold; ${median(found.map(({ ms }) => ms)).toFixed(2)} ms each\n\n`,
  );
  process.stdout.write('              AUC   Brier\n');
  for (const part of ['risk', 'probability'] as const) {
    const scores = found.map((each) => each[part]);
    const brier = mean(scores.map((score, k) => (score - Number(truth[k])) ** 2));
    process.stdout.write(`${part.padEnd(12)} ${areaUnderCurve(scores, truth).toFixed(3)}   ${brier.toFixed(3)}\n`);
  }
  if (out !== null) await write(out, tasks, found);
}

function run(kernel: Kernel & { readonly memory: WebAssembly.Memory }, task: Task): Outlook {
  const { step, every } = timing(task);
  const { history, threshold } = task;
  const state = kernel.openBreach(Math.max(pointsMin, history.length), step, every, horizon, threshold ?? Number.NaN, 1);
  const last = history.length - 1;
  const add = (row: number) => kernel.stepBreach(state, history[row] as number, BigInt(Math.round(row * step)));
  for (let row = 0; row < last; row++) add(row);
  const ms = cpuMicros(() => add(last)) / 1000;
  const result = ({ value }: { readonly value: number }) => new Float64Array(kernel.memory.buffer, state + value, 1)[0] as number;
  const probability = result(kernel.breachProbabilityAt);
  const risk = result(kernel.breachRiskAt);
  const firstStep = result(kernel.breachFirstStepAt);
  kernel.closeBreach(state);
  return { probability, risk: Number.isNaN(risk) ? probability : risk, firstStep: Number.isNaN(firstStep) ? 0 : firstStep, ms };
}

/** The chance that a task that crosses has the higher score of two; ties count half. */
function areaUnderCurve(scores: readonly number[], truth: readonly boolean[]): number {
  const [yes, no] = [true, false].map((side) => scores.filter((_, k) => truth[k] === side)) as [number[], number[]];
  let wins = 0;
  for (const a of yes) for (const b of no) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (yes.length * no.length);
}

async function write(path: string, tasks: readonly Task[], found: readonly Outlook[]): Promise<void> {
  const connection = await openDuckDb();
  await connection.run('CREATE TABLE rows (task VARCHAR, probability DOUBLE, risk DOUBLE, first_step INTEGER)');
  const appender = await connection.createAppender('rows');
  tasks.forEach(({ task }, k) => {
    const { probability, risk, firstStep } = found[k] as Outlook;
    appender.appendVarchar(task);
    appender.appendDouble(probability);
    appender.appendDouble(risk);
    appender.appendInteger(firstStep);
    appender.endRow();
  });
  appender.closeSync();
  await connection.run(`COPY rows TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
}
