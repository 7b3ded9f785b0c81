import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const program = join(import.meta.dirname, '..', '..', '..', '..', 'engine', 'cli', 'millrace.mjs');
const waitMsMax = 150_000;

export interface ProcessEvent {
  readonly level: string;
  readonly kind: string;
  readonly text: string;
}

export interface ProcessSettings {
  readonly name: string;
  readonly queries: string;
  readonly data: string;
  readonly arguments: readonly string[];
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One `millrace run --group`, a process of its own, and everything that it says. */
export class GroupProcess {
  readonly name: string;
  readonly data: string;
  readonly events: ProcessEvent[] = [];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  errors = '';
  readonly #child: ChildProcess;
  #line = '';

  constructor(settings: ProcessSettings) {
    const { name, queries, data } = settings;
    this.name = name;
    this.data = data;
    const args = [program, 'run', queries, '--data', data, '--port', '0', '--json', ...settings.arguments];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...settings.environment, NO_COLOR: '1' },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.exited = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve({ code, signal })));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #take(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) if (line.includes('"text"')) this.events.push(JSON.parse(line) as ProcessEvent);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** In order, as Ctrl-C does. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const { code } = await this.exited;
    if (code !== 0) throw new Error(`${this.name} ended with code ${code}: ${this.trouble}`);
  }

  /** Lanes that it has said to run, and not heard since that others have. */
  get lanes(): number[] {
    const lanes = new Set<number>();
    for (const { text } of this.events) {
      const run = /^runs lane (\d+)/.exec(text);
      if (run !== null) lanes.add(Number(run[1]));
      const share = /^has (?:none|\d+) of the group's \d+ lanes now(?:: (.*))?$/.exec(text);
      if (share === null) continue;
      const own = new Set((share[1] ?? '').split(', ').map(Number));
      for (const lane of lanes) if (share[1] === undefined || !own.has(lane)) lanes.delete(lane);
    }
    return [...lanes].sort((a, b) => a - b);
  }

  /** Waits until what it has said comes to something. */
  async until(what: string, done: (process: GroupProcess) => boolean): Promise<void> {
    const end = Date.now() + waitMsMax;
    while (!done(this)) {
      if (!this.running || Date.now() > end) throw new Error(`${this.name}: ${what} did not come: ${this.trouble}`);
      await delay(50);
    }
  }

  get trouble(): string {
    return [...this.events.map(({ level, text }) => `${level}: ${text}`), this.errors].join('\n').slice(-4000);
  }
}
