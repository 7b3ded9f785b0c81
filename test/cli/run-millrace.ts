import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../engine/cli/millrace.mjs');
const timeoutMsDefault = 60_000;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSettings {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  /** Runs as this user: what may not be written can be tested as root. */
  readonly uid?: number;
  /** No file may grow beyond this: what a full disk looks like, without one. */
  readonly fileBytesMax?: number;
  /** Writes standard output, as bytes, to this file. */
  readonly stdoutFile?: string;
  /** Kills the command with a signal once its standard error or output holds this text. */
  readonly kill?: { readonly when: string; readonly signal: NodeJS.Signals; readonly afterMs?: number };
}

/** Runs `millrace ...args` as a user does, to its end. */
export function millrace(args: readonly string[], settings: RunSettings = {}): Promise<Outcome> {
  return new Promise((done, fail) => {
    const [command, ...words] = commandOf(args, settings.fileBytesMax);
    const child = spawn(command as string, words, {
      cwd: settings.cwd,
      ...(settings.uid === undefined ? {} : { uid: settings.uid }),
      env: { ...process.env, NO_COLOR: '1', CI: '1', ...settings.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let killing = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), settings.timeoutMs ?? timeoutMsDefault);
    const watch = () => {
      const kill = settings.kill;
      if (kill === undefined || killing || !(stdout + stderr).includes(kill.when)) return;
      killing = true;
      setTimeout(() => child.kill(kill.signal), kill.afterMs ?? 0);
    };
    if (settings.stdoutFile !== undefined) child.stdout.pipe(createWriteStream(settings.stdoutFile));
    else {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        watch();
      });
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      watch();
    });
    child.on('error', fail);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, stdout, stderr });
    });
    child.stdin.end(settings.input ?? '');
  });
}

function commandOf(args: readonly string[], fileBytesMax: number | undefined): string[] {
  const plain = [process.execPath, program, ...args];
  if (fileBytesMax === undefined) return plain;
  // The signal is ignored, so that a write beyond the limit fails as one to a full disk does.
  return ['bash', '-c', `trap '' XFSZ; ulimit -f ${Math.floor(fileBytesMax / 1024)}; exec "$@"`, 'bash', ...plain];
}

/** A folder of its own for one test, with the files given; `remove` deletes it. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Summary {
  readonly v: number;
  readonly sources: Readonly<Record<string, Record<string, number>>>;
  readonly queries: Readonly<Record<string, Record<string, number>>>;
}

/** The last line of `--json`. */
export function summaryOf(outcome: Outcome): Summary {
  return JSON.parse(outcome.stdout.trim().split('\n').at(-1) ?? '') as Summary;
}
