import { glob, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { ConnectorError } from '../connector.ts';

export interface SourceFile {
  /** Relative to the query file's folder when below it: how people and positions call the file. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** The files that `pattern` stands for, by name. Throws ConnectorError when there is none or it is no file. */
export async function listFiles(source: string, pattern: string, directory: string): Promise<readonly SourceFile[]> {
  const literal = await statOf(resolve(directory, pattern));
  if (literal === 'denied')
    throw new ConnectorError(
      source,
      `no permission to read ${pattern} in ${directory}`,
      'check the owner and mode of the file and of its folders',
    );
  if (literal !== 'absent') {
    if (literal.directory)
      throw new ConnectorError(
        source,
        `${pattern} is a folder, not a file`,
        `name the files in it: path = '${pattern.replace(/\/$/, '')}/*.csv'`,
      );
    return [describe(pattern, directory, literal.bytes)];
  }
  if (!/[*?[{]/.test(pattern)) {
    throw new ConnectorError(source, `there is no file ${pattern} in ${directory}`, 'path is relative to the folder of the query file');
  }
  const files: SourceFile[] = [];
  for await (const match of glob(pattern, { cwd: directory })) {
    const found = await statOf(resolve(directory, match));
    if (typeof found === 'object' && !found.directory) files.push(describe(match, directory, found.bytes));
  }
  if (files.length === 0) {
    throw new ConnectorError(source, `no file matches ${pattern} in ${directory}`, 'path is relative to the folder of the query file');
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function describe(match: string, directory: string, bytes: number): SourceFile {
  const path = resolve(directory, match);
  const below = relative(directory, path);
  return { name: below.startsWith('..') ? path : below, path, bytes };
}

async function statOf(path: string): Promise<{ directory: boolean; bytes: number } | 'absent' | 'denied'> {
  try {
    const found = await stat(path);
    return { directory: found.isDirectory(), bytes: found.size };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : 'absent';
  }
}
