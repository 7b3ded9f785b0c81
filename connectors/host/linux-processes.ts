import { readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { basename } from 'node:path';
import type { ProcessList, ProcessSample } from './process-sample.ts';

/** USER_HZ, which Linux fixes at 100 for everything it shows in /proc. */
const ticksPerSecond = 100;
const commandCharactersMax = 200;

interface Running {
  readonly pid: number;
  readonly name: string;
  readonly ticks: number;
  readonly memoryPages: number;
  /** In ticks since boot: a pid that returns with another is another process. */
  readonly startedAt: number;
}

/** Reads /proc itself: tens of microseconds a process, where `ps` costs 80 ms and a process of its own. */
export class LinuxProcesses implements ProcessList {
  #before = new Map<number, Running>();
  #readAt = 0;
  readonly #users = new Map<number, string>();
  readonly #pageBytes = pageBytes();

  async read(top: number): Promise<readonly ProcessSample[]> {
    const now = performance.now();
    const running = readAll();
    const before = this.#before;
    const elapsedTicks = ((now - this.#readAt) / 1000) * ticksPerSecond * os.availableParallelism();
    const first = this.#readAt === 0;
    this.#before = new Map(running.map((each) => [each.pid, each]));
    this.#readAt = now;
    if (first) return [];
    const used = running.map((each) => {
      const earlier = before.get(each.pid);
      const since = earlier !== undefined && earlier.startedAt === each.startedAt ? earlier.ticks : 0;
      return { each, share: Math.min(1, Math.max(0, each.ticks - since) / elapsedTicks) };
    });
    used.sort((a, b) => b.share - a.share || b.each.memoryPages - a.each.memoryPages);
    return used.slice(0, top).map(({ each, share }) => ({
      pid: each.pid,
      ...nameOf(each),
      cpuUtilization: share,
      memoryBytes: each.memoryPages * this.#pageBytes,
      owner: this.#ownerOf(each.pid),
    }));
  }

  #ownerOf(pid: number): string {
    let id: number;
    try {
      id = statSync(`/proc/${pid}`).uid;
    } catch {
      return 'unknown';
    }
    if (this.#users.size === 0) for (const [user, name] of userNames()) this.#users.set(user, name);
    return this.#users.get(id) ?? String(id);
  }
}

/** Node does not tell it, but shows its own memory in bytes, which /proc shows in pages: 4, 16 or 64 KiB each. */
function pageBytes(): number {
  const { memoryPages } = parseStat(readFileSync('/proc/self/stat', 'latin1'));
  return 2 ** Math.round(Math.log2(process.memoryUsage.rss() / memoryPages));
}

function readAll(): readonly Running[] {
  const running: Running[] = [];
  for (const entry of readdirSync('/proc')) {
    if (entry.charCodeAt(0) < 49 || entry.charCodeAt(0) > 57) continue;
    try {
      running.push(parseStat(readFileSync(`/proc/${entry}/stat`, 'latin1')));
    } catch {
      // It ended meanwhile, or is hidden from this user: then it is not on this list.
    }
  }
  return running;
}

/** Text of /proc/<pid>/stat. The name stands in parentheses and may hold any character, even these. */
export function parseStat(text: string): Running {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) throw new Error(`cannot read "${text.slice(0, 40)}" as the state of a process`);
  const fields = text.slice(close + 2).split(' ');
  return {
    pid: Number(text.slice(0, open)),
    name: Buffer.from(text.slice(open + 1, close), 'latin1').toString('utf8'),
    ticks: Number(fields[11]) + Number(fields[12]),
    startedAt: Number(fields[19]),
    memoryPages: Number(fields[21]),
  };
}

/** The kernel's own name is cut at 15 characters, and that of the main thread: the program's stands in the command line. */
function nameOf({ pid, name }: Running): { name: string; command: string } {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const program = basename(words[0] as string);
    // A process may write a sentence there (`sshd: someone`).
    const rewritten = program === '' || /[\s:]/.test(program);
    const command = words.join(' ').trim().slice(0, commandCharactersMax);
    return { name: rewritten ? name : program, command: command === '' ? name : command };
  } catch {
    return { name, command: name };
  }
}

function userNames(): readonly (readonly [number, string])[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [name, , id] = line.split(':');
        return name === undefined || id === undefined ? [] : [[Number(id), name] as const];
      });
  } catch {
    return [[0, 'root']];
  }
}
