import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { faultPoint } from '../../connectors/fault-point.ts';
import type { ObjectStore } from './object-store.ts';

const passing = '.partial';

/** A folder of this machine; it is made unless `make` is false. */
export async function openObjectFolder(place: string, make = true): Promise<ObjectStore> {
  if (make) await mkdir(place, { recursive: true });
  const at = (name: string) => join(place, name);
  const absent = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  };
  return {
    place,
    read: (name) => readFile(at(name)).catch(absent),
    write: async (name, bytes) => {
      // Two processes may write one name: the last one's object stays, whole.
      const path = `${at(name)}-${randomUUID()}${passing}`;
      try {
        await writeSynced(path, bytes);
      } catch (error) {
        await rm(path, { force: true }).catch(() => undefined);
        throw error;
      }
      faultPoint('snapshot_written');
      await rename(path, at(name));
      faultPoint('snapshot_renamed');
      await syncFolder(place);
    },
    remove: (name) => rm(at(name), { force: true }),
    list: async (prefix) => {
      const names = (await readdir(place)).filter((name) => name.startsWith(prefix));
      const found = await Promise.all(names.map(async (name) => ({ name, about: await stat(at(name)).catch(absent) })));
      return found.flatMap(({ name, about }) => (about === null ? [] : [{ name, bytes: about.size, modifiedMs: about.mtimeMs }]));
    },
  };
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
