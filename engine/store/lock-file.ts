import { readFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dataFolderAt } from './data-folder.ts';
import { StoreError } from './store.ts';

/** `lock.json`: who has the data folder. DuckDB's own file lock decides between processes; this names the holder and its port. */
export interface LockContent {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What the system calls the start of that process, where it says so: tells a living holder from a pid used again. */
  readonly processStart: string | null;
  /** Where the engine serves, or null. */
  readonly port: number | null;
}

export async function readLock(directory: string): Promise<LockContent | null> {
  try {
    const content = JSON.parse(await readFile(dataFolderAt(directory).lock, 'utf8')) as Partial<LockContent>;
    if (typeof content.pid !== 'number') return null;
    return { pid: content.pid, startedAt: content.startedAt ?? 0, processStart: content.processStart ?? null, port: content.port ?? null };
  } catch {
    return null;
  }
}

/** The process that has the folder open now, and the port it serves on (null: none yet); null when none has. */
export async function readEngineAddress(directory: string): Promise<{ readonly pid: number; readonly port: number | null } | null> {
  const lock = await readLock(directory);
  return lock !== null && holderLives(lock) ? { pid: lock.pid, port: lock.port } : null;
}

/** Throws when this very process has the folder open: DuckDB would open the file twice and damage it. */
export async function refuseSecondOpen(directory: string): Promise<void> {
  const lock = await readLock(directory);
  if (lock !== null && lock.pid === process.pid && holderLives(lock)) throw inUseError(directory, lock.pid);
}

export async function writeLock(directory: string, startedAt: number, port: number | null): Promise<void> {
  const content: LockContent = { pid: process.pid, startedAt, processStart: processStart(process.pid), port };
  const { lock } = dataFolderAt(directory);
  const next = `${lock}.${process.pid}.tmp`;
  await writeFile(next, `${JSON.stringify(content)}\n`);
  await rename(next, lock);
}

/** Removes the lock unless someone else has taken it over. */
export async function releaseLock(directory: string): Promise<void> {
  const lock = await readLock(directory);
  if (lock?.pid === process.pid) await rm(dataFolderAt(directory).lock, { force: true });
}

export function inUseError(directory: string, pid: number | undefined): StoreError {
  const holder = pid === undefined ? 'another process' : pid === process.pid ? `this process (pid ${pid})` : `another process (pid ${pid})`;
  return new StoreError(
    `The data folder ${directory} is in use by ${holder}`,
    'Stop that engine, ask it with "millrace sql", or name another folder with --data.',
  );
}

function holderLives(lock: LockContent): boolean {
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = processStart(lock.pid);
  if (start !== null && lock.processStart !== null) return start === lock.processStart;
  // Without the system's word, a lock of our own pid from before we started is a dead process's.
  return lock.pid !== process.pid || lock.startedAt >= Date.now() - process.uptime() * 1000 - 1000;
}

/** Linux: start time in clock ticks since boot, and the boot. Elsewhere null. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${ticks}`;
  } catch {
    return null;
  }
}
