import { earliest } from '../time/extremes.ts';
import type { SourceShare } from '../lane/protocol.ts';
import type { EdgeRecord } from './edge-record.ts';

interface Sender {
  readonly epoch: number;
  readonly watermark: bigint | null;
  readonly sources: readonly SourceShare[];
}

type Stored = readonly [epoch: number, watermark: string | null, sources: readonly (readonly [string, string | null, boolean])[]];

const unknown: Sender = { epoch: 0, watermark: null, sources: [] };

/** How far every lane is with what it sends by an edge, as one lane has read it. Kept with the lane's position, so that no lane has to say it again. */
export class EdgeMarks {
  readonly #senders: Sender[];

  /** `stored`: as `text` gave it, or empty. */
  constructor(lanes: number, stored: string) {
    const found = stored === '' ? [] : (JSON.parse(stored) as Stored[]);
    this.#senders = Array.from({ length: lanes }, (_, lane) => {
      const each = found[lane];
      if (each === undefined) return unknown;
      const sources = each[2].map(([source, watermark, idle]) => ({ source, watermark: timeOf(watermark), idle }));
      return { epoch: each[0], watermark: timeOf(each[1]), sources };
    });
  }

  get senders(): readonly Sender[] {
    return this.#senders;
  }

  /** True when the record says how far its lane is. */
  add({ lane, epoch, mark }: EdgeRecord): boolean {
    if (mark === null || lane >= this.#senders.length) return false;
    this.#senders[lane] = { epoch, ...mark };
    return true;
  }

  /** The least of all lanes': null while one of them has said nothing. */
  get watermark(): bigint | null {
    const watermarks = this.#senders.map(({ watermark }) => watermark);
    return watermarks.includes(null) ? null : earliest(watermarks);
  }

  get text(): string {
    const text = (time: bigint | null) => (time === null ? null : `${time}`);
    return JSON.stringify(
      this.#senders.map(
        ({ epoch, watermark, sources }): Stored => [
          epoch,
          text(watermark),
          sources.map(({ source, watermark: reached, idle }) => [source, text(reached), idle]),
        ],
      ),
    );
  }
}

function timeOf(text: string | null): bigint | null {
  return text === null ? null : BigInt(text);
}
