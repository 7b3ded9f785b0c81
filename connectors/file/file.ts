import {
  type Connector,
  ConnectorError,
  type Idle,
  type OpenContext,
  type PartitionEnd,
  type Polled,
  type SourceReader,
} from '../connector.ts';
import type { ColumnSpec, DataType } from '../data-type.ts';
import type { OptionValues } from '../options.ts';
import { changedFile } from './file-failure.ts';
import { FileSequence } from './file-sequence.ts';
import { listFiles } from './list-files.ts';
import { fileOptions, type FileSettings, readSettings, SettingsError } from './settings.ts';

/** Name of the one partition that `partition_by = none` makes. */
const onlyPartition = 'files';
/** Each partition keeps a file open. */
const filePartitionsMax = 256;

export const fileConnector: Connector = {
  name: 'file',
  summary: 'Reads Parquet, CSV and JSON-lines files, plain or compressed, as a recorded stream that is replayed at any speed.',
  options: fileOptions,
  replayable: true,
  paced: true,
  divisible: true,
  checkColumns,
  checkOptions,
  open,
};

function checkColumns(columns: readonly ColumnSpec[], options: OptionValues): ReturnType<Connector['checkColumns']> {
  let settings: FileSettings;
  try {
    settings = readSettings(options);
  } catch {
    return [];
  }
  return columns.flatMap(({ name, type }) => {
    if (contains(type, 'null')) return [{ column: name, message: `${name} has no type` }];
    if (settings.format !== 'parquet' || !contains(type, 'enum')) return [];
    return [{ column: name, message: `${name} is an ENUM, which Parquet files do not have`, hint: `declare ${name} as VARCHAR` }];
  });
}

function contains(type: DataType, kind: DataType['kind']): boolean {
  if (type.kind === kind) return true;
  if (type.kind === 'list') return contains(type.child, kind);
  if (type.kind === 'map') return contains(type.key, kind) || contains(type.value, kind);
  return type.kind === 'struct' && type.fields.some((field) => contains(field.type, kind));
}

function checkOptions(options: OptionValues): readonly { option: string; message: string; hint?: string }[] {
  try {
    readSettings(options);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [{ option: error.option, message: error.message, hint: error.hint }];
  }
}

async function open(context: OpenContext): Promise<SourceReader> {
  const settings = settingsOf(context);
  const files = await listFiles(context.source, settings.path, context.directory);
  if (settings.partitionByFile && files.length > filePartitionsMax) {
    throw new ConnectorError(
      context.source,
      `${files.length} files match ${settings.path}, more than the ${filePartitionsMax} that can be partitions`,
      'leave out partition_by, so that they are read one after the other',
    );
  }
  const groups = settings.partitionByFile
    ? files.map((file) => ({ partition: file.name, files: [file] }))
    : [{ partition: onlyPartition, files }];
  for (const partition of context.positions.keys()) {
    if (!groups.some((group) => group.partition === partition))
      throw changedFile(context.source, { name: partition }, 'is no longer a partition');
  }
  const own = groups.filter(({ partition }, index) => context.owns?.(partition, index) ?? true);
  const sequences = own.map((group) => new FileSequence(group.partition, context, settings, group.files));
  await checkAll(sequences);
  return new FileSourceReader(sequences);
}

function settingsOf(context: OpenContext): FileSettings {
  try {
    return readSettings(context.options);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new ConnectorError(context.source, error.message, error.hint);
  }
}

class FileSourceReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #running: FileSequence[];
  #turn = 0;
  #polling: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(sequences: readonly FileSequence[]) {
    this.partitions = sequences.map((sequence) => sequence.partition);
    this.#running = [...sequences];
  }

  poll(): Promise<Polled | Idle | PartitionEnd> {
    const polled = this.#poll();
    this.#polling = polled.catch(() => undefined);
    return polled;
  }

  async #poll(): Promise<Polled | Idle | PartitionEnd> {
    if (this.#closed || this.#running.length === 0) return { idle: true };
    this.#turn %= this.#running.length;
    const sequence = this.#running[this.#turn] as FileSequence;
    const polled = await sequence.next();
    if (polled !== null) {
      this.#turn++;
      return polled;
    }
    this.#running.splice(this.#turn, 1);
    await sequence.close();
    return { end: sequence.partition };
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#polling;
    for (const sequence of this.#running) await sequence.close();
  }
}

async function checkAll(sequences: readonly FileSequence[]): Promise<void> {
  try {
    for (const sequence of sequences) await sequence.check();
  } catch (error) {
    for (const sequence of sequences) await sequence.close();
    throw error;
  }
}
