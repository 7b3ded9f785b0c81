import { type Batch, batchRowsMax } from '../../../connectors/batch.ts';
import { selectRows } from '../batch/select-rows.ts';
import { encodeBatch, wireBytes } from '../batch/transfer.ts';
import type { EdgeSetup } from '../lane/protocol.ts';
import type { Item } from './frame.ts';
import { hashRows, laneOf } from './key-hash.ts';
import { type ExchangeLayout, exchangeLayout } from './row-layout.ts';
import { RowScatter } from './row-scatter.ts';

/** Buffers that are kept to be filled again. */
const spareBuffersMax = 32;

/** How far a fragment's rows have come. */
export interface Mark {
  readonly watermark: bigint | null;
  readonly last: bigint | null;
}

/** Sends a fragment's rows to the lanes of their keys. */
export class OutEdge {
  readonly setup: EdgeSetup;
  readonly #index: number;
  readonly #lane: number;
  readonly #lanes: number;
  readonly #send: (lane: number, item: Item) => void;
  readonly #layout: ExchangeLayout | null;
  readonly #scatter: RowScatter | null;
  readonly #hashes = new Uint32Array(batchRowsMax);
  readonly #spare: ArrayBuffer[] = [];
  #marked: Mark | null = null;
  /** Rows and bytes that went to other lanes. */
  sentRows = 0;
  sentBytes = 0;

  constructor(index: number, setup: EdgeSetup, lane: number, lanes: number, send: (lane: number, item: Item) => void) {
    this.#index = index;
    this.setup = setup;
    this.#lane = lane;
    this.#lanes = lanes;
    this.#send = send;
    this.#layout = exchangeLayout(setup.columns);
    const layout = this.#layout;
    this.#scatter =
      layout === null
        ? null
        : new RowScatter(layout, lanes, {
            sealed: (to, packed) => this.#sent(to, packed.rows, { kind: 'rows', edge: index, packed }),
            buffer: () => this.#spare.pop() ?? new ArrayBuffer(layout.bytes),
          });
  }

  send(batch: Batch): void {
    const { keys, home, columns } = this.setup;
    // Watermarks only.
    if (columns.length === 0) return;
    if (keys.length > 0) hashRows(batch, keys, this.#hashes);
    if (this.#scatter === null) this.#sendNested(batch);
    else if (keys.length === 0) this.#scatter.addTo(home, batch);
    else this.#scatter.add(batch, this.#hashes);
  }

  /** Rows with nested columns, batch by batch. */
  #sendNested(batch: Batch): void {
    const { keys, home } = this.setup;
    for (let lane = 0; lane < this.#lanes; lane++) {
      const rows: number[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const target = keys.length === 0 ? home : laneOf(this.#hashes[row] as number, this.#lanes);
        if (target === lane) rows.push(row);
      }
      if (rows.length === 0) continue;
      const sent = { ...batch, columns: batch.columns.slice(0, this.setup.columns.length) };
      const wire = encodeBatch(selectRows(sent, Uint32Array.from(rows)), true);
      this.#sent(lane, rows.length, { kind: 'batch', edge: this.#index, batch: wire, bytes: wireBytes(wire) });
    }
  }

  #sent(lane: number, rows: number, item: Item): void {
    if (lane !== this.#lane) {
      this.sentRows += rows;
      this.sentBytes += item.kind === 'batch' ? item.bytes : rows * this.#rowBytes;
    }
    this.#send(lane, item);
  }

  get #rowBytes(): number {
    return this.#layout?.columns.reduce((sum, { width }) => sum + width, 0) ?? 0;
  }

  /** Sends the rows at hand, and then how far they have come. */
  flush(mark: Mark): void {
    this.#scatter?.flush();
    if (this.#marked !== null && this.#marked.watermark === mark.watermark) return;
    this.#marked = mark;
    for (let lane = 0; lane < this.#lanes; lane++) this.#send(lane, { kind: 'mark', edge: this.#index, ...mark });
  }

  takeBack(buffer: ArrayBuffer): void {
    if (this.#spare.length < spareBuffersMax && buffer.byteLength === this.#layout?.bytes) this.#spare.push(buffer);
  }
}
