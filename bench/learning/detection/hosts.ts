import { cpuMicros, mean, openDuckDb, quoted } from '../shared.ts';
import { compileKernel } from '../../compile-kernel.ts';
import { volumeUnderSurface } from '../../../engine/backtest/volume-under-surface.ts';
import { bufferRows } from '../../../engine/backtest/buffer-rows.ts';
import { hold } from './detectors.ts';

/** One host, all of whose rows a detector learns in turn; those of the test are scored. */
interface Host {
  readonly name: string;
  readonly channels: number;
  readonly rows: number;
  readonly trainRows: number;
  /** Row by row. */
  readonly values: Float64Array;
  /** Of the rows of the test: 1 inside of an event. */
  readonly labels: Uint8Array;
  /** Of the rows of the test, minutes. */
  readonly minutes: readonly number[];
}

/** Rows of the test. */
export interface ScoredHost {
  readonly name: string;
  readonly times: readonly bigint[];
  readonly held: Float64Array;
  readonly alarms: readonly number[];
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  take(bytes: number): number;
  openHostAnomaly(channels: number, theta: number, frozenRows: number): number;
  stepHostAnomaly(state: number, values: number, micros: bigint): void;
  closeHostAnomaly(state: number): void;
  bytesHostAnomaly(state: number): number;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
export { openHostAnomaly, stepHostAnomaly, closeHostAnomaly, bytesHostAnomaly } from "./kernels/models/host-anomaly";
export function take(bytes: u32): usize { return allocate(bytes); }
limitMemory(65536);
`;

/** One threshold for all hosts, fixed here. */
const theta = 2;
/** Rows in which a held score fades to 1/e, as the kernel's do. */
const holdRows = 15;
const microsPerMinute = 60_000_000n;

interface Surfaces {
  readonly kind: string;
  readonly now: number[];
  readonly held: number[];
}

/** VUS-PR, alarms and cost over the machines of det_smd.parquet: learning begins with the rows for training and goes on in the test. */
export async function measureHosts(path: string): Promise<ScoredHost[]> {
  const kernel = await compileKernel<Kernel>(source);
  const surfaces = ['host_anomaly', 'frozen mean |z|', 'mean of both'].map((kind): Surfaces => ({ kind, now: [], held: [] }));
  const scored: ScoredHost[] = [];
  let [rows, micros, bytes, alarms, right, found, events] = [0, 0, 0, 0, 0, 0, 0];
  for (const name of await namesOf(path)) {
    const host = await readHost(path, name);
    const result = run(kernel, host);
    [rows, micros, bytes] = [rows + host.rows, micros + result.micros, result.bytes];
    const both = result.scores.map((score, row) => (score + (result.frozen[row] as number)) / 2);
    const buffer = bufferRows(Float64Array.from(host.labels, (_, row) => host.values[(host.trainRows + row) * host.channels] as number));
    for (const [k, scores] of [result.scores, result.frozen, both].entries()) {
      surfaces[k]?.now.push(volumeUnderSurface(scores, host.labels, buffer) ?? Number.NaN);
      surfaces[k]?.held.push(volumeUnderSurface(hold(scores, holdRows), host.labels, buffer) ?? Number.NaN);
    }
    const inside = result.alarms.filter((row) => host.labels[row] === 1);
    const starts = host.labels.reduce((count, label, row) => count + Number(label === 1 && host.labels[row - 1] !== 1), 0);
    [alarms, right, events] = [alarms + result.alarms.length, right + inside.length, events + starts];
    found += new Set(inside.map((row) => host.labels.lastIndexOf(0, row))).size;
    const times = host.minutes.map((minute) => BigInt(minute) * microsPerMinute);
    scored.push({ name, times, held: result.held, alarms: result.alarms });
  }
  process.stdout.write(
    `\n${scored.length} hosts, ${rows} rows: ${found} of ${events} events found, ${right} of ${alarms} alarms inside of one; `,
  );
  process.stdout.write(`${(micros / rows).toFixed(2)} us a row, ${bytes} bytes a host\n\nVUS-PR               now   held   each, now\n`);
  for (const { kind, now, held } of surfaces)
    process.stdout.write(
      `${kind.padEnd(17)} ${mean(now).toFixed(3)}  ${mean(held).toFixed(3)}   ${now.map((each) => each.toFixed(2)).join(' ')}\n`,
    );
  return scored;
}

async function namesOf(path: string): Promise<string[]> {
  const connection = await openDuckDb();
  const rows = await connection.runAndReadAll(`SELECT DISTINCT machine FROM ${quoted(path)} ORDER BY machine`);
  return rows.getRows().map(([name]) => String(name));
}

async function readHost(path: string, name: string): Promise<Host> {
  const connection = await openDuckDb();
  const from = `${quoted(path)} WHERE machine = ${quoted(name)} ORDER BY part = 'test', t`;
  const columns = (await connection.runAndReadAll(`DESCRIBE FROM ${quoted(path)}`)).getRows().map(([column]) => String(column));
  const metrics = columns.filter((column) => /^c\d+$/.test(column));
  const reader = await connection.runAndReadAll(`SELECT t, label, part = 'test', ${metrics.join(', ')} FROM ${from}`);
  const [minutes, labels, isTest, ...channels] = reader.getColumns() as [number[], number[], boolean[], ...number[][]];
  const trainRows = isTest.indexOf(true);
  const values = new Float64Array(minutes.length * channels.length);
  for (const [k, channel] of channels.entries())
    for (const [row, value] of channel.entries()) values[row * channels.length + k] = value ?? Number.NaN;
  return {
    name,
    channels: channels.length,
    rows: minutes.length,
    trainRows,
    values,
    labels: Uint8Array.from(labels.slice(trainRows)),
    minutes: minutes.slice(trainRows),
  };
}

interface Result {
  readonly scores: Float64Array;
  readonly held: Float64Array;
  readonly frozen: Float64Array;
  readonly alarms: readonly number[];
  readonly micros: number;
  readonly bytes: number;
}

function run(kernel: Kernel, { channels, rows, trainRows, values }: Host): Result {
  const input = kernel.take(values.byteLength);
  const state = kernel.openHostAnomaly(channels, theta, trainRows);
  new Float64Array(kernel.memory.buffer, input, values.length).set(values);
  const results = new Float64Array(kernel.memory.buffer, state, 4);
  const out = Array.from({ length: 4 }, () => new Float64Array(rows));
  const micros = cpuMicros(() => {
    for (let row = 0; row < rows; row++) {
      kernel.stepHostAnomaly(state, input + 8 * row * channels, 0n);
      for (let k = 0; k < 4; k++) (out[k] as Float64Array)[row] = results[k] as number;
    }
  });
  const bytes = kernel.bytesHostAnomaly(state);
  kernel.closeHostAnomaly(state);
  const [scores, held, alarm, frozen] = out.map((each) => each.subarray(trainRows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { scores, held, frozen, alarms: [...alarm.keys()].filter((row) => alarm[row] === 1), micros, bytes };
}
