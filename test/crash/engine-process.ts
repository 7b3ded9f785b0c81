import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { faultVariable } from '../../connectors/fault-point.ts';
import type { Summary } from '../../engine/run/summary.ts';
import { limitsVariable, type StoreLimits } from '../../engine/store/limits.ts';

const program = join(import.meta.dirname, '..', '..', 'engine', 'cli', 'millrace.mjs');

/** So small that segments are closed, moved and dropped within seconds. */
export const limits: Partial<StoreLimits> = {
  segmentRowsMax: 1_500,
  segmentAgeMsMin: 400,
  segmentAgeMsMax: 1_500,
  moveRowsMin: 1_000,
  moveWaitMsMax: 2_000,
  maintenanceEveryMs: 300,
  expiryEveryMsMax: 500,
  moveRetryMs: 500,
  rangesPruneMin: 8,
  rangesPerPartitionMax: 200,
};

export interface EngineSettings {
  readonly queries: string;
  readonly data: string;
  readonly lanes: number | null;
  /** `name:count`, or null. */
  readonly faultAt: string | null;
  readonly untilEnd?: boolean;
  /** `--snapshot-every`. */
  readonly snapshotEvery?: string;
}

/** One `millrace run`, a process of its own. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly started: Promise<void>;
  output = '';
  errors = '';

  constructor({ queries, data, lanes, faultAt, untilEnd = false, snapshotEvery = '1s' }: EngineSettings) {
    const spread = lanes === null ? [] : ['--lanes', String(lanes)];
    const args = [
      'run',
      queries,
      '--data',
      data,
      '--json',
      '--snapshot-every',
      snapshotEvery,
      ...spread,
      ...(untilEnd ? ['--until-end'] : ['--port', '0']),
    ];
    const env = { ...process.env, [limitsVariable]: JSON.stringify(limits), [faultVariable]: faultAt ?? '', NO_COLOR: '1' };
    this.#child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const started = Promise.withResolvers<void>();
    this.started = started.promise;
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      if (this.output.includes('"type":"start"')) started.resolve();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        started.resolve();
        resolve({ code, signal });
      });
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What it said of trouble. */
  get complaints(): string {
    const events = this.output.split('\n').filter((line) => line.includes('"level":"error"') || line.includes('"level":"warning"'));
    return [...events, this.errors].join('\n').slice(-4000);
  }

  get summary(): Summary {
    return JSON.parse(this.output.trim().split('\n').at(-1) ?? '') as Summary;
  }
}
