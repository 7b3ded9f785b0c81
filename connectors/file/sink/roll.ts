import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { faultPoint } from '../../fault-point.ts';
import { filesBelow, syncFolder, writeDurably } from './files.ts';
import type { Part } from './part.ts';

/** A file about to be seen: once its manifest is on the disk it will be, whatever happens, and its parts go. */
export interface Roll {
  readonly manifest: string;
  /** Where its rows are, and what they shall be called. */
  readonly from: string;
  readonly target: string;
  readonly parts: readonly string[];
}

const manifestExtension = '.json';

/** A name that no other file has, in the order of time. */
export function rollId(now: number): string {
  return `${new Date(now).toISOString().replaceAll(/[-:]|\.\d+Z/g, '')}-${randomBytes(4).toString('hex')}`;
}

export function rollOf(rolls: string, id: string, parts: readonly Part[], target: string, merged: string | null): Roll {
  const paths = parts.map((part) => part.path);
  return { manifest: join(rolls, `${id}${manifestExtension}`), from: merged ?? (paths[0] as string), target, parts: paths };
}

/** From here on the file will be seen. */
export async function declareRoll(roll: Roll): Promise<void> {
  const passing = `${roll.manifest}.tmp`;
  await writeDurably(passing, [JSON.stringify(roll)]);
  await rename(passing, roll.manifest);
  await syncFolder(dirname(roll.manifest));
}

/** Can be done again, as often as it takes. */
export async function finishRoll(roll: Roll): Promise<void> {
  if (await exists(roll.from)) {
    await mkdir(dirname(roll.target), { recursive: true });
    await rename(roll.from, roll.target);
    await syncFolder(dirname(roll.target));
    faultPoint('roll_renamed');
  }
  for (const part of roll.parts) {
    await rm(part, { force: true });
    await removeEmptyFolders(dirname(part), dirname(dirname(roll.manifest)));
  }
  faultPoint('roll_parts_removed');
  await rm(roll.manifest, { force: true });
  faultPoint('roll_finished');
}

/** Finishes what was declared before a crash, and removes what was only begun. */
export async function recoverRolls(rolls: string): Promise<void> {
  const names = await filesBelow(rolls);
  for (const name of names.filter((each) => each.endsWith(manifestExtension))) {
    await finishRoll(JSON.parse(await readFile(join(rolls, name), 'utf8')) as Roll);
  }
  for (const name of await filesBelow(rolls)) await rm(join(rolls, name), { force: true });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function removeEmptyFolders(folder: string, top: string): Promise<void> {
  for (let each = folder; each.length > join(top, 'parts').length; each = dirname(each)) {
    const removed = await rmdir(each).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
