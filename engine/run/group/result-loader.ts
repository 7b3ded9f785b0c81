import type { Batch, Column } from '../../../connectors/batch.ts';
import { faultPoint } from '../../../connectors/fault-point.ts';
import type { Connector, OpenContext, Polled, Position, SourceReader } from '../../../connectors/connector.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { OptionValues } from '../../../connectors/options.ts';
import type { EpochCommit, RecoveryState, Store } from '../../store/store.ts';
import type { CompileDecoder } from '../compile-decoders.ts';
import type { EngineEvent } from '../runtime-status.ts';
import type { Timing } from '../time/timing.ts';
import { loaderName } from './group-settings.ts';
import { readResultRecord } from './result-record.ts';

/** Records that one commit takes. */
const recordsMax = 256;
/** Rows are committed after this time (ms) at the latest. */
const waitMsMax = 200;
const columns: readonly ColumnSpec[] = [{ name: 'rows', type: { kind: 'blob' }, nullable: true }];

export interface ResultLoaderParts {
  readonly group: string;
  readonly connector: Connector;
  /** Of a Kafka source that reads the topic of results. */
  readonly options: OptionValues;
  readonly directory: string;
  readonly compileDecoder: CompileDecoder;
  readonly store: Pick<Store, 'commit'>;
  readonly before: RecoveryState;
  /** By stream: tells its columns from those of other versions. */
  readonly columns: ReadonlyMap<string, string>;
  readonly timing: Timing;
  readonly tell: (event: Omit<EngineEvent, 'at'>) => void;
  /** Called before rows are stored; what it answers is called once they are. */
  readonly prepare: (appends: EpochCommit['appends']) => () => void;
}

/** Brings what all lanes of the group have committed into this process's store, each row once: rows and positions in one transaction. */
export class ResultLoader {
  readonly #parts: ResultLoaderParts;
  readonly #reader: SourceReader;
  #records = 0;
  #epoch = 0;
  #closed = false;
  readonly #strange = new Set<string>();

  private constructor(parts: ResultLoaderParts, reader: SourceReader) {
    this.#parts = parts;
    this.#reader = reader;
  }

  /** Throws ConnectorError. */
  static async open(parts: ResultLoaderParts): Promise<ResultLoader> {
    const { connector, group, options, directory, before, timing } = parts;
    const source = loaderName(group);
    const spec = connector.decoder?.(columns, [0], options) ?? null;
    const decoder = spec === null ? null : await parts.compileDecoder(source, spec);
    const positions = new Map<string, Position>(
      before.partitions.filter((each) => each.source === source).map(({ partition, position }) => [partition, position]),
    );
    const context: OpenContext = { source, columns, needed: [0], options, eventTime: null, positions, directory, clock: timing };
    return new ResultLoader(parts, await connector.open(decoder === null ? context : { ...context, decoder }));
  }

  get records(): number {
    return this.#records;
  }

  /** Until it is closed. Rejects when the store or the topic cannot be used any more. */
  async run(): Promise<void> {
    const { timing } = this.#parts;
    while (!this.#closed) {
      const polled: Polled[] = [];
      const until = timing.now() + waitMsMax;
      let records = 0;
      while (!this.#closed && records < recordsMax && (records === 0 || timing.now() < until)) {
        const next = await this.#reader.poll();
        if ('idle' in next) {
          if (records > 0) break;
          continue;
        }
        if ('end' in next) continue;
        polled.push(next);
        records += next.batch.rows + 1;
      }
      if (polled.length > 0) await this.#load(polled);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
  }

  async #load(polled: readonly Polled[]): Promise<void> {
    const { group, store, prepare, tell } = this.#parts;
    const appends: { stream: string; batch: Batch }[] = [];
    const positions = new Map<string, Position>();
    for (const { batch, partition, to, rejected, release } of polled) {
      for (const { at, reason } of rejected) {
        tell({ level: 'error', kind: 'lane', subject: null, text: `results are missing in this process's store: ${at}: ${reason}` });
      }
      for (let row = 0; row < batch.rows; row++) this.#add(bytesOf(batch.columns[0] as Column, row), appends);
      this.#records += batch.rows;
      positions.set(partition, to);
      release?.();
    }
    const source = loaderName(group);
    const partitions = [...positions].map(([partition, position]) => ({ source, partition, position, maxEventTime: null, ended: false }));
    const stored = prepare(appends);
    faultPoint('results_read');
    await store.commit({ lane: 0, epoch: ++this.#epoch, appends, partitions, ranges: [], queries: [], counters: [] });
    faultPoint('results_stored');
    stored();
  }

  #add(value: Uint8Array, appends: { stream: string; batch: Batch }[]): void {
    const { stream, columns: hash, batch } = readResultRecord(value);
    const known = this.#parts.columns.get(stream);
    if (known === hash) {
      appends.push({ stream, batch });
      return;
    }
    if (this.#strange.has(stream)) return;
    this.#strange.add(stream);
    const text =
      known === undefined
        ? `rows of ${stream} are not loaded: no query of this process makes it`
        : `rows of ${stream} that have other columns than here are not loaded: another version of the query made them`;
    this.#parts.tell({ level: 'warning', kind: 'lane', subject: null, text });
  }
}

function bytesOf(column: Column, row: number): Uint8Array {
  if (column.kind !== 'string') throw new TypeError('bytes were expected');
  const { codes, dictionary } = column;
  const code = codes[row] as number;
  return dictionary.bytes.slice(dictionary.offsets[code], dictionary.offsets[code + 1]);
}
