import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../../../connectors/batch.ts';
import type { OpenContext, Polled, Position, RejectedRow, SourceReader } from '../../../connectors/connector.ts';
import type { Decoder, RecordSpans } from '../../../connectors/formats/decoder.ts';
import type { DecoderModule } from '../../../connectors/formats/decoder-module.ts';
import { openSource } from '../../../connectors/kafka/open-source.ts';
import type { RecordExports } from '../../../connectors/kafka/records/record-walk.ts';
import { readSourceSettings } from '../../../connectors/kafka/settings.ts';
import { optionValues } from './option-values.ts';
import { recordProgram } from './record-program.ts';

export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface Seen {
  readonly records: SeenRecord[];
  readonly rejected: RejectedRow[];
  readonly ends: string[];
  readonly positions: Map<string, Position>;
}

export interface RawOptions {
  readonly positions?: ReadonlyMap<string, Position>;
  readonly owns?: OpenContext['owns'];
  /** Values whose text begins so are rejected. */
  readonly rejects?: string;
}

/** A topic read as the connector does, with records kept as they are instead of decoded. */
export class RawSource {
  readonly reader: SourceReader;
  readonly seen: Seen = { records: [], rejected: [], ends: [], positions: new Map() };
  readonly #records: WeakMap<Batch, SeenRecord[]>;

  private constructor(reader: SourceReader, records: WeakMap<Batch, SeenRecord[]>) {
    this.reader = reader;
    this.#records = records;
  }

  static async open(written: Readonly<Record<string, string>>, { positions, owns, rejects }: RawOptions = {}): Promise<RawSource> {
    const options = optionValues(written);
    const records = new WeakMap<Batch, SeenRecord[]>();
    const context: OpenContext = {
      source: 'topic',
      columns: [],
      needed: [],
      options,
      eventTime: null,
      positions: positions ?? new Map(),
      directory: '.',
      clock: { now: () => Date.now() },
      ...(owns === undefined ? {} : { owns }),
    };
    const reader = await openSource(context, readSourceSettings(options), await recordProgram(), (_program, module) =>
      keepingDecoder(module, records, rejects),
    );
    return new RawSource(reader, records);
  }

  /** Polls until `enough` says so; fails after `msMax`. */
  async readUntil(enough: (seen: Seen) => boolean, msMax = 30_000): Promise<Seen> {
    const until = Date.now() + msMax;
    while (!enough(this.seen)) {
      if (Date.now() > until) throw new Error(`after ${msMax} ms there are ${this.seen.records.length} records`);
      const polled = await this.reader.poll();
      if ('end' in polled) this.seen.ends.push(polled.end);
      else if (!('idle' in polled)) this.#take(polled);
      else await delay(1);
    }
    return this.seen;
  }

  async read(count: number, msMax?: number): Promise<SeenRecord[]> {
    return (await this.readUntil(({ records }) => records.length >= count, msMax)).records;
  }

  /** Reads to the end of all partitions: `end = latest`. */
  async readAll(msMax?: number): Promise<Seen> {
    return this.readUntil(({ ends }) => ends.length >= this.reader.partitions.length, msMax);
  }

  #take(polled: Polled): void {
    this.seen.records.push(...(this.#records.get(polled.batch) ?? []));
    this.seen.rejected.push(...polled.rejected);
    this.seen.positions.set(polled.partition, polled.to);
    polled.release?.();
  }

  async close(): Promise<void> {
    await this.reader.close();
  }
}

/** Everything that is there now, read by a source of its own. */
export async function readTopic(written: Readonly<Record<string, string>>, options?: RawOptions): Promise<Seen> {
  const source = await RawSource.open({ ...written, end: 'latest' }, options);
  try {
    return await source.readAll();
  } finally {
    await source.close();
  }
}

function keepingDecoder(module: DecoderModule<RecordExports>, kept: WeakMap<Batch, SeenRecord[]>, rejects: string | undefined): Decoder {
  return {
    prepare: () => null,
    decode(spans, from, to, { partition }) {
      const all = Array.from({ length: to - from }, (_, index) => recordAt(module, spans, from + index, partition));
      const bad = (record: SeenRecord) => rejects !== undefined && (record.value?.startsWith(rejects) ?? false);
      const records = all.filter((record) => !bad(record));
      const rejected = all.flatMap((record, index) => (bad(record) ? [{ index: from + index, reason: 'unwanted', field: null }] : []));
      const batch = { rows: records.length, columns: [] };
      kept.set(batch, records);
      return { batch, rejected, next: to, nextRow: 0, release: () => undefined };
    },
    unknownFields: () => new Map(),
    close: () => undefined,
  };
}

function recordAt(module: DecoderModule<RecordExports>, spans: RecordSpans, index: number, partition: number): SeenRecord {
  const { words, longs, bytes } = module;
  const text = (addresses: number, lengths: number) => {
    const length = (words[lengths / 4 + index] as number) | 0;
    const address = words[addresses / 4 + index] as number;
    return length < 0 ? null : Buffer.from(bytes.subarray(address, address + length)).toString();
  };
  return {
    partition,
    offset: Number(longs[spans.offsets / 8 + index]),
    timestamp: Number(longs[spans.timestamps / 8 + index]),
    key: text(spans.keys, spans.keyLengths),
    value: text(spans.values, spans.valueLengths),
  };
}
