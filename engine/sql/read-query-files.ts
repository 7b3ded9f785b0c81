import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';

export interface QueryFile {
  /** As messages name it: relative to where the user stands, when it was given so. */
  readonly path: string;
  readonly text: string;
}

/** Reads query files and the `*.sql` of folders at any depth, without `*.test.sql`, in the order of their names. */
export async function readQueryFiles(paths: readonly string[]): Promise<{ files: QueryFile[]; diagnostics: Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const found = new Set<string>();
  for (const path of paths) {
    try {
      const isFolder = (await stat(path)).isDirectory();
      const files = isFolder ? await sqlFilesUnder(path) : [path];
      if (files.length === 0) diagnostics.push(unreadable(path, 'no query files in this folder', 'a query file ends in .sql'));
      for (const file of files) found.add(file);
    } catch (error) {
      diagnostics.push(unreadable(path, reasonOf(error)));
    }
  }
  const files: QueryFile[] = [];
  for (const path of found) {
    try {
      const bytes = await readFile(path);
      files.push({ path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
    } catch (error) {
      diagnostics.push(error instanceof TypeError ? unreadable(path, 'the file is not UTF-8 text') : unreadable(path, reasonOf(error)));
    }
  }
  return { files, diagnostics };
}

async function sqlFilesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await sqlFilesUnder(path)));
    else if (entry.name.endsWith('.sql') && !entry.name.endsWith('.test.sql')) files.push(path);
  }
  return files;
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES') return 'no permission to read it';
  return String(error instanceof Error ? error.message : error);
}

function unreadable(path: string, reason: string, hint?: string): Diagnostic {
  return {
    severity: 'error',
    code: 'E0103',
    message: `cannot read ${path}: ${reason}`,
    file: path,
    line: 0,
    column: 0,
    length: 0,
    sourceLine: '',
    ...(hint === undefined ? {} : { hint }),
  };
}
