import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripTypes } from './strip-types.ts';

const consoleFolder = join(import.meta.dirname, 'console');
const statusFolder = join(import.meta.dirname, '..', 'status');

const types: Readonly<Record<string, string>> = {
  ts: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};
/** What the pages share with the terminal. */
const sharedFiles = /^format-[a-z-]+\.ts$/;
const ownFiles = /^(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(?:ts|css|svg|woff2)$/;

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Quoted, as the header says it. */
  readonly tag: string;
}

/** The console's files, read when they are asked for and again when they change. Undefined: there is no such file. */
export class PageFiles {
  readonly #kept = new Map<string, { readonly changed: number; readonly file: PageFile }>();
  #vendor: { readonly changed: number; readonly names: Readonly<Record<string, string>> } | null = null;

  index(): Promise<PageFile | undefined> {
    return this.#read(join(consoleFolder, 'index.html'));
  }

  async console(name: string): Promise<PageFile | undefined> {
    return ownFiles.test(name) ? this.#read(join(consoleFolder, name)) : undefined;
  }

  async shared(name: string): Promise<PageFile | undefined> {
    return sharedFiles.test(name) ? this.#read(join(statusFolder, name)) : undefined;
  }

  /** Files of dependencies, those that the console lists. */
  async vendor(name: string): Promise<PageFile | undefined> {
    const specifiers = await this.#vendorNames();
    const specifier = Object.hasOwn(specifiers, name) ? specifiers[name] : undefined;
    if (specifier === undefined) return undefined;
    try {
      return await this.#read(fileURLToPath(import.meta.resolve(specifier)));
    } catch (error) {
      if (['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  async #vendorNames(): Promise<Readonly<Record<string, string>>> {
    const path = join(consoleFolder, 'vendor.json');
    const changed = await changeTime(path);
    if (changed === null) return {};
    if (this.#vendor?.changed !== changed)
      this.#vendor = { changed, names: JSON.parse(await readFile(path, 'utf8')) as Record<string, string> };
    return this.#vendor.names;
  }

  async #read(path: string): Promise<PageFile | undefined> {
    const changed = await changeTime(path);
    if (changed === null) return undefined;
    const kept = this.#kept.get(path);
    if (kept?.changed === changed) return kept.file;
    const extension = path.slice(path.lastIndexOf('.') + 1);
    const bytes = await readFile(path);
    const body = new Uint8Array(extension === 'ts' ? Buffer.from(stripTypes(bytes.toString())) : bytes);
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const file = { body, type: types[extension] ?? types.js ?? '', tag };
    this.#kept.set(path, { changed, file });
    return file;
  }
}

async function changeTime(path: string): Promise<number | null> {
  try {
    const { mtimeMs, size } = await stat(path);
    return mtimeMs + size / 1e6;
  } catch {
    return null;
  }
}
