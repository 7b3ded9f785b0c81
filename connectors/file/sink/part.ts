import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SinkEpoch } from '../../sink.ts';
import { filesBelow } from './files.ts';

/** Rows of one epoch for one folder, on the disk under a name that nobody reads. */
export interface Part {
  readonly path: string;
  /** Below the sink's folder: `dt=2026-01-31/hm=10%3A05`, or empty. */
  readonly folder: string;
  readonly bytes: number;
  /** No record is longer (bytes). */
  readonly recordBytes: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

const extension = '.part';

export function partPath(parts: string, folder: string, { writer, number }: SinkEpoch): string {
  return join(parts, folder, `${writer}.${number}${extension}`);
}

/** Parts that lie there, oldest epoch first. What is no part is not ours and stays. */
export async function findParts(parts: string): Promise<{ readonly part: Part; readonly epoch: SinkEpoch }[]> {
  const found: { part: Part; epoch: SinkEpoch }[] = [];
  for (const name of await filesBelow(parts)) {
    const match = /(?:^|\/)([A-Za-z0-9-]+)\.(\d+)\.part$/.exec(name);
    if (match === null) continue;
    const path = join(parts, name);
    const { size, mtimeMs } = await stat(path);
    const folder = dirname(name);
    const part = { path, folder: folder === '.' ? '' : folder, bytes: size, recordBytes: size, since: mtimeMs };
    found.push({ part, epoch: { writer: match[1] as string, number: Number(match[2]) } });
  }
  return found.sort((a, b) => a.epoch.number - b.epoch.number);
}
