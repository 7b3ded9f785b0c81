import { ConnectorError, type OpenContext, type Polled, type Position } from '../connector.ts';
import { changedFile } from './file-failure.ts';
import type { FilePart, FilePosition, FileReader } from './file-reader.ts';
import type { SourceFile } from './list-files.ts';
import type { FileSettings } from './settings.ts';
import { openTextFile } from './text-file-reader.ts';

type StoredPosition = FilePosition & { readonly file: number; readonly name: string };

/** One partition: files read one after the other. */
export class FileSequence {
  readonly partition: string;
  readonly #context: OpenContext;
  readonly #settings: FileSettings;
  readonly #files: readonly SourceFile[];
  /** Where the last batch ended. */
  #at: StoredPosition;
  /** File being read; past that of `#at` until it has given rows. */
  #current: number;
  #reader: FileReader | null = null;

  /** Throws ConnectorError when the stored position is not in these files. */
  constructor(partition: string, context: OpenContext, settings: FileSettings, files: readonly SourceFile[]) {
    this.partition = partition;
    this.#context = context;
    this.#settings = settings;
    this.#files = files;
    const stored = context.positions.get(partition);
    this.#at = stored === undefined ? beginning(0, files[0] as SourceFile, settings) : known(context.source, stored, files);
    this.#current = this.#at.file;
  }

  /** Opens every file still to be read, so that what does not fit is found before the first row; the first one stays open. */
  async check(): Promise<void> {
    this.#reader = await this.#open(this.#current);
    for (let index = this.#current + 1; index < this.#files.length; index++) {
      const reader = await this.#open(index);
      await reader.close();
    }
  }

  /** The next rows, or null when the last file has ended. */
  async next(): Promise<Polled | null> {
    for (;;) {
      this.#reader ??= await this.#open(this.#current);
      const part = await this.#reader.next();
      if (part !== null) return this.#polled(part);
      if (this.#current + 1 >= this.#files.length) return null;
      await this.close();
      this.#current++;
    }
  }

  #polled({ batch, rejected, to, release }: FilePart): Polled {
    const from = this.#at;
    this.#at = { file: this.#current, name: (this.#files[this.#current] as SourceFile).name, ...to };
    const polled = { partition: this.partition, batch, from: asPosition(from), to: asPosition(this.#at), rejected };
    return release === undefined ? polled : { ...polled, release };
  }

  async #open(index: number): Promise<FileReader> {
    const file = this.#files[index] as SourceFile;
    const from = index === this.#at.file && this.#at.row + (this.#at.byte ?? 0) > 0 ? this.#at : null;
    const task = { context: this.#context, settings: this.#settings, file, from };
    if (this.#settings.format !== 'parquet') return openTextFile(task);
    // Loads DuckDB, which only Parquet needs.
    const { openParquetFile } = await import('./parquet-file-reader.ts');
    return openParquetFile(task);
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.close();
  }
}

function beginning(index: number, file: SourceFile, settings: FileSettings): StoredPosition {
  const position = { file: index, name: file.name, row: 0 };
  return settings.format === 'parquet' ? position : { ...position, line: 1, byte: 0 };
}

function asPosition(position: StoredPosition): Position {
  return { ...position };
}

function known(source: string, stored: Position, files: readonly SourceFile[]): StoredPosition {
  const position = stored as Partial<StoredPosition>;
  if (
    typeof stored !== 'object' ||
    typeof position.file !== 'number' ||
    typeof position.name !== 'string' ||
    typeof position.row !== 'number'
  ) {
    throw new ConnectorError(
      source,
      `${JSON.stringify(stored)} is no position in files`,
      'was the connector of this source another one before?',
    );
  }
  const found = files.findIndex((file) => file.name === position.name);
  if (found < 0) throw changedFile(source, { name: position.name }, 'is gone');
  if (found !== position.file) {
    throw changedFile(
      source,
      { name: position.name },
      `was file ${position.file + 1} of the sequence and is now file ${found + 1}: files were added or removed before it`,
    );
  }
  return position as StoredPosition;
}
