import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes text that is on the disk, with the file's name, when it returns. Returns how many bytes. */
export async function writeDurably(path: string, pieces: Iterable<string>): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  let bytes = 0;
  try {
    let waiting: string[] = [];
    let length = 0;
    const flush = async () => {
      const data = Buffer.from(waiting.join(''));
      await file.appendFile(data);
      bytes += data.byteLength;
      waiting = [];
      length = 0;
    };
    for (const piece of pieces) {
      waiting.push(piece);
      length += piece.length;
      if (length >= writeCharacters) await flush();
    }
    if (waiting.length > 0) await flush();
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return bytes;
}

const writeCharacters = 1 << 20;

/** Puts files one after the other, leaving out the first `skip` bytes of all but the first. */
export async function concatenate(paths: readonly string[], target: string, skip: number): Promise<void> {
  const file = await open(target, 'w');
  try {
    for (const [index, path] of paths.entries()) await appendFile(file, path, index === 0 ? 0 : skip);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function appendFile(file: FileHandle, path: string, start: number): Promise<void> {
  for await (const chunk of createReadStream(path, { start })) await file.appendFile(chunk as Buffer);
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Renames below it are on the disk. */
export const syncFolder = syncFile;

/** Files below a folder, relative to it; none when there is no such folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const start = folder.length + 1;
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(start));
}
