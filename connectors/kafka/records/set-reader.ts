import type { Polled, RejectedRow } from '../../connector.ts';
import { batchRowsMax } from '../../batch.ts';
import type { DecoderModule } from '../../formats/decoder-module.ts';
import type { Decoder } from '../../formats/decoder.ts';
import type { RecordSet } from '../fetch/record-set.ts';
import { checksFlag, committedFlag, type FaultyBatch, type RecordExports, type RecordWalk, type WalkFault } from './record-walk.ts';
import { kafkaPosition } from '../position.ts';

/** Bytes of a record that are kept with a rejected row. */
const rejectedBytesMax = 65_536;
const abortedEntryBytes = 16;

export interface SetReaderOptions {
  readonly topic: string;
  readonly topicId: () => string;
  readonly checksCrc: boolean;
  readonly committed: boolean;
}

const faultTexts: Readonly<Record<WalkFault, string>> = {
  'bad checksum': 'have a wrong checksum',
  damaged: 'cannot be taken apart',
  'bad magic': 'are in the format of Kafka before 0.11, which is not read',
  'too large': 'are larger than max_batch_bytes when decompressed',
};

/** Makes batches of rows of one record set after the other. */
export class SetReader {
  readonly #module: DecoderModule<RecordExports>;
  readonly #walk: RecordWalk;
  readonly #decoder: Decoder;
  readonly #options: SetReaderOptions;
  #set: RecordSet | null = null;
  #aborted = { address: 0, bytes: 0 };
  /** Records noted in the spans, the next one to decode, and rows of it that are out. */
  #rows = 0;
  #next = 0;
  #nextRow = 0;
  #walked = false;
  /** The batch after the rows noted has a wrong checksum and is to be fetched once more. */
  #suspect = false;
  #rejected: RejectedRow[] = [];

  constructor(module: DecoderModule<RecordExports>, walk: RecordWalk, decoder: Decoder, options: SetReaderOptions) {
    this.#module = module;
    this.#walk = walk;
    this.#decoder = decoder;
    this.#options = options;
  }

  begin(set: RecordSet): void {
    this.#set = set;
    this.#rows = 0;
    this.#next = 0;
    this.#nextRow = set.from === set.partition.startOffset ? set.partition.startRow : 0;
    this.#walked = false;
    this.#suspect = false;
    const { aborted } = set;
    this.#aborted = { address: 0, bytes: aborted.length * abortedEntryBytes };
    if (aborted.length > 0) this.#writeAborted(aborted);
    const { checksCrc, committed } = this.#options;
    const flags = (checksCrc ? checksFlag : 0) | (committed ? committedFlag : 0);
    this.#walk.begin(set.address, set.length, set.from, flags, this.#aborted.address, aborted.length);
  }

  #writeAborted(aborted: RecordSet['aborted']): void {
    const address = this.#module.allocate(this.#aborted.bytes);
    this.#aborted.address = address;
    for (const [index, { producer, first }] of aborted.entries()) {
      const at = (address + index * abortedEntryBytes) / 8;
      this.#module.longs[at] = producer;
      this.#module.longs[at + 1] = first;
    }
  }

  /**
   * Next rows of the set; null when it has no more, and then it is released. A batch whose checksum is wrong for the first time ends it:
   * the partition is moved back, to be fetched again.
   */
  async next(): Promise<Polled | null> {
    const set = this.#set;
    if (set === null) return null;
    const { partition } = set;
    while (partition.generation === set.generation) {
      const beyond = partition.end !== null && partition.readTo >= partition.end;
      if (this.#next >= this.#rows) {
        if (this.#walked || beyond) break;
        if (this.#suspect) {
          partition.moveTo(this.#walk.next);
          break;
        }
        this.#walkOn(set);
        if (this.#rows === 0 && this.#rejected.length === 0) continue;
      }
      const polled = await this.#decode(set);
      if (polled !== null) return polled;
    }
    this.end();
    return null;
  }

  /** Gives the set up. */
  end(): void {
    const set = this.#set;
    if (set === null) return;
    this.#set = null;
    if (this.#aborted.bytes > 0) this.#module.release(this.#aborted.address, this.#aborted.bytes);
    set.release();
  }

  #walkOn(set: RecordSet): void {
    const { partition } = set;
    const walked = this.#walk.walk(batchRowsMax);
    this.#rows = this.#withinEnd(walked.rows, partition.end);
    this.#next = 0;
    this.#walked = walked.done;
    if (walked.fault === null) return;
    if (walked.fault === 'bad checksum' && partition.suspect !== this.#walk.next) {
      partition.suspect = this.#walk.next;
      this.#suspect = true;
      return;
    }
    this.#rejected.push(this.#rejectBatch(set, walked.fault, this.#walk.skipFaulty()));
  }

  #withinEnd(rows: number, end: number | null): number {
    let within = rows;
    if (end !== null) while (within > 0 && this.#offset(within - 1) >= end) within--;
    return within;
  }

  async #decode(set: RecordSet): Promise<Polled | null> {
    const { partition } = set;
    const { topic } = this.#options;
    const { spans } = this.#walk;
    const preparing = this.#decoder.prepare(spans, this.#next, this.#rows);
    if (preparing !== null) await preparing;
    if (partition.generation !== set.generation) return null;
    const first = this.#next;
    if (first < this.#rows && this.#nextRow > 0 && this.#offset(first) !== partition.readTo) this.#nextRow = 0;
    const last = this.#beforeCut(partition);
    const { cut } = partition;
    const decoded = this.#decoder.decode(spans, first, last, { topic, partition: partition.number }, this.#nextRow);
    const rejected = [
      ...decoded.rejected.map(({ index, reason, field }) => this.#rejectRecord(set, index, reason, field)),
      ...this.#rejected,
    ];
    this.#rejected = [];
    this.#next = decoded.next;
    this.#nextRow = decoded.nextRow;
    const from = kafkaPosition(this.#options.topicId(), partition.readTo, partition.readRow);
    const taken = this.#next >= this.#rows;
    const reached = Math.min(cut, taken ? Math.max(partition.readTo, this.#walk.next) : this.#offset(this.#next));
    partition.readTo = partition.end !== null && taken ? Math.min(Math.max(partition.end, partition.readTo), reached) : reached;
    partition.readRow = taken ? 0 : this.#nextRow;
    const to = kafkaPosition(this.#options.topicId(), partition.readTo, partition.readRow);
    if (decoded.batch.rows === 0 && rejected.length === 0) {
      decoded.release();
      return null;
    }
    return { partition: partition.name, batch: decoded.batch, from, to, rejected, release: () => decoded.release() };
  }

  /** Where the rows to decode now end: before the next cut, behind those that no row is left before. */
  #beforeCut(partition: RecordSet['partition']): number {
    if (this.#next < this.#rows) {
      while (this.#offset(this.#next) >= partition.cut) partition.readTo = partition.cut;
    }
    let last = this.#rows;
    while (last > this.#next && this.#offset(last - 1) >= partition.cut) last--;
    return last;
  }

  #offset(row: number): number {
    return Number(this.#module.longs[this.#walk.spans.offsets / 8 + row]);
  }

  #rejectRecord({ partition }: RecordSet, index: number, reason: string, field: string | null): RejectedRow {
    const { words, longs, bytes } = this.#module;
    const { values, valueLengths, timestamps } = this.#walk.spans;
    const address = words[values / 4 + index] as number;
    const length = Math.max(0, (words[valueLengths / 4 + index] as number) | 0);
    const time = timeText(Number(longs[timestamps / 8 + index]));
    return {
      reason,
      field,
      at: `${this.#options.topic}, partition ${partition.number}, offset ${this.#offset(index)}, ${time}`,
      bytes: bytes.slice(address, address + Math.min(length, rejectedBytesMax)),
    };
  }

  #rejectBatch({ partition }: RecordSet, fault: WalkFault, { first, reach, address, length }: FaultyBatch): RejectedRow {
    const which = reach - first > 1 ? `offsets ${first} to ${reach - 1}` : `offset ${first}`;
    return {
      reason: `the records of one batch ${faultTexts[fault]}`,
      field: null,
      at: `${this.#options.topic}, partition ${partition.number}, ${which}`,
      bytes: this.#module.bytes.slice(address, address + Math.min(length, rejectedBytesMax)),
    };
  }
}

function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `timestamp ${milliseconds}` : date.toISOString();
}
