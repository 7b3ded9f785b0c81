import type { Column } from '../batch.ts';
import type { RecordSpans } from './decoder.ts';
import type { Refusals } from './refusals.ts';

/** Makes columns of the values of records. */
export interface ValueDecoder {
  /** As Decoder's. */
  prepare?(spans: RecordSpans, from: number, to: number): Promise<void> | null;
  /**
   * Values [from, from + rows) of the spans, but those that `refusals` has already, to which it adds. Columns of what is left, of the
   * needed ones that come from the value, in order.
   */
  decode(spans: RecordSpans, from: number, rows: number, refusals: Refusals): readonly Column[];
  /** As Decoder's; nothing for formats without names. */
  unknownFields?(): ReadonlyMap<string | null, number>;
  /** Columns that `decode` gave; called at most once for each. */
  recycle?(columns: readonly Column[]): void;
}
