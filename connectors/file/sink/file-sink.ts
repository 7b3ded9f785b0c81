import { constants } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Batch } from '../../batch.ts';
import { faultPoint } from '../../fault-point.ts';
import type { SinkConnector, SinkContext, SinkCounts, SinkEpoch, SinkWriter } from '../../sink.ts';
import { syncFolder, writeDurably } from './files.ts';
import { mergeParquet, mergeText } from './merge-parts.ts';
import { findParts, type Part, partPath } from './part.ts';
import { declareRoll, finishRoll, recoverRolls, type Roll, rollId, rollOf } from './roll.ts';
import { sinkFailure } from './sink-failure.ts';
import { checkSink, fileSinkOptions, readSinkSettings, type SinkSettings } from './sink-settings.ts';
import { type FolderRows, RowWriter } from './write-rows.ts';

export const fileSink: SinkConnector = {
  name: 'file',
  summary:
    'Writes Parquet, CSV and JSON-lines files into a folder, each row exactly once. `connector = parquet` is short for `format = parquet`. ' +
    'Rows that wait for their file to be closed lie in `.millrace` in that folder; a clean stop closes all files. ' +
    'The folder belongs to one data folder: without it, rows that waited are lost.',
  options: fileSinkOptions,
  takesChanges: true,
  check: checkSink,
  open,
};

/** Below the sink's folder: what is not yet to be seen. Its name begins with a dot, so that nobody who reads the folder reads it. */
const hiddenFolder = '.millrace';

async function open(context: SinkContext): Promise<SinkWriter> {
  const settings = readSinkSettings(context.columns, context.options);
  const path = resolve(context.directory, settings.path);
  try {
    const writer = new FileSinkWriter(context, settings, path);
    await writer.recover();
    return writer;
  } catch (error) {
    throw sinkFailure(context.sink, path, error);
  }
}

interface Written {
  readonly part: Part;
  readonly rows: number;
}

/**
 * Each epoch's rows go to part files first, one for each folder. Parts of committed epochs are put together to files that can be seen,
 * by age and size; parts of an epoch that the store has not committed are removed after a crash.
 */
class FileSinkWriter implements SinkWriter {
  readonly #context: SinkContext;
  readonly #settings: SinkSettings;
  readonly #path: string;
  readonly #rows: RowWriter;
  readonly #open = new Map<string, Map<string, FolderRows>>();
  readonly #prepared = new Map<string, readonly Written[]>();
  /** By folder, oldest first. */
  readonly #committed = new Map<string, Part[]>();
  #unfinished: Roll[] = [];
  #counts: SinkCounts = { rows: 0, bytes: 0, files: 0 };

  constructor(context: SinkContext, settings: SinkSettings, path: string) {
    this.#context = context;
    this.#settings = settings;
    this.#path = path;
    this.#rows = new RowWriter(settings, context.columns, context.changes);
  }

  get #hidden(): string {
    return join(this.#path, hiddenFolder, this.#context.sink);
  }

  get #parts(): string {
    return join(this.#hidden, 'parts');
  }

  get #rolls(): string {
    return join(this.#hidden, 'rolls');
  }

  async recover(): Promise<void> {
    for (const folder of [this.#parts, this.#rolls]) await mkdir(folder, { recursive: true });
    await access(this.#path, constants.W_OK | constants.X_OK);
    await syncFolder(this.#path);
    await recoverRolls(this.#rolls);
    for (const { part, epoch } of await findParts(this.#parts)) {
      if (epoch.number <= (this.#context.committed.get(epoch.writer) ?? 0)) this.#keep(part);
      else await rm(part.path, { force: true });
    }
  }

  async write(epoch: SinkEpoch, batch: Batch): Promise<void> {
    const key = keyOf(epoch);
    const folders = this.#open.get(key) ?? new Map<string, FolderRows>();
    this.#open.set(key, folders);
    this.#rows.write(batch, folders);
  }

  async prepare(epoch: SinkEpoch): Promise<void> {
    const key = keyOf(epoch);
    if (this.#prepared.has(key)) return;
    const written: Written[] = [];
    for (const [folder, { records, rows }] of this.#open.get(key) ?? []) {
      const path = partPath(this.#parts, folder, epoch);
      const bytes = await this.#guarded(() => writeDurably(path, [this.#rows.header, ...records]));
      faultPoint('sink_part_written');
      // A character is at most three bytes of UTF-8.
      const recordBytes = 3 * records.reduce((longest, record) => Math.max(longest, record.length), 0);
      written.push({ part: { path, folder, bytes, recordBytes, since: this.#context.clock.now() }, rows });
    }
    this.#open.delete(key);
    this.#prepared.set(key, written);
  }

  async commit(epoch: SinkEpoch): Promise<void> {
    const written = this.#prepared.get(keyOf(epoch)) ?? [];
    this.#prepared.delete(keyOf(epoch));
    for (const { part, rows } of written) {
      this.#keep(part);
      this.#counts = { ...this.#counts, rows: this.#counts.rows + rows, bytes: this.#counts.bytes + part.bytes };
    }
  }

  async maintain(): Promise<void> {
    const now = this.#context.clock.now();
    const { rollEveryMs, rollBytes } = this.#settings;
    await this.#roll((parts) => {
      const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
      return bytes >= rollBytes || now - (parts[0] as Part).since >= rollEveryMs;
    });
  }

  counts(): SinkCounts {
    return this.#counts;
  }

  async close(): Promise<void> {
    await this.#roll(() => true);
  }

  #keep(part: Part): void {
    const parts = this.#committed.get(part.folder);
    if (parts === undefined) this.#committed.set(part.folder, [part]);
    else parts.push(part);
  }

  async #roll(isDue: (parts: readonly Part[]) => boolean): Promise<void> {
    await this.#finish();
    for (const [folder, parts] of [...this.#committed]) {
      if (!isDue(parts)) continue;
      await this.#guarded(() => this.#rollFolder(folder, parts));
      await this.#finish();
    }
  }

  async #rollFolder(folder: string, parts: readonly Part[]): Promise<void> {
    const { format, partitionBy } = this.#settings;
    const id = rollId(this.#context.clock.now());
    const paths = parts.map((part) => part.path);
    const merged = join(this.#rolls, `${id}.merged`);
    const recordBytes = Math.max(...parts.map((part) => part.recordBytes));
    const columns = this.#context.columns.filter((column) => !partitionBy.includes(column.name));
    if (format === 'parquet') await mergeParquet(paths, recordBytes, merged, columns, this.#context.changes);
    else if (paths.length > 1) await mergeText(paths, merged, this.#rows.header);
    faultPoint('roll_merged');
    const isMerged = format === 'parquet' || paths.length > 1;
    const roll = rollOf(this.#rolls, id, parts, join(this.#path, folder, `part-${id}.${format}`), isMerged ? merged : null);
    await declareRoll(roll);
    faultPoint('roll_declared');
    this.#committed.delete(folder);
    this.#unfinished.push(roll);
  }

  async #finish(): Promise<void> {
    while (this.#unfinished.length > 0) {
      await this.#guarded(() => finishRoll(this.#unfinished[0] as Roll));
      this.#unfinished = this.#unfinished.slice(1);
      this.#counts = { ...this.#counts, files: this.#counts.files + 1 };
    }
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw sinkFailure(this.#context.sink, this.#path, error);
    }
  }
}

function keyOf({ writer, number }: SinkEpoch): string {
  return `${writer}.${number}`;
}
