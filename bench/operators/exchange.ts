import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import { sliceBatch } from '../../engine/run/batch/slice-batch.ts';
import type { Item } from '../../engine/run/exchange/frame.ts';
import { OutEdge } from '../../engine/run/exchange/out-edge.ts';
import { setFlagsForKernels } from '../../engine/run/v8-flags.ts';
import { cpuMs, median } from '../measure.ts';
import { type ExchangeCounts, exchangeColumns, exchangeRows } from './exchange-rows.ts';

export interface ExchangeFigure {
  readonly operator: 'exchange';
  readonly keys: number;
  readonly contestant: string;
  /** CPU of all threads, by round: rows are hashed, dealt out, sent, copied as a kernel does, and the buffers given back. */
  readonly cpuMs: readonly number[];
  readonly nsPerRow: number;
  readonly rowsOut: number;
  readonly hash: string;
}

/** Buffers on their way at most. */
const inFlightMax = 32;
/** Rows of a round at least: the clock of CPU time is coarse. */
const roundRowsMin = 1 << 23;
const lanesList = [2, 4];
/** Rows of the small batches, each of which is sent at once: what an exchange costs when there is little to send. */
const smallRows = 64;

/** Rows by key from one thread to another that stands for all lanes. In the round before those measured, every key's rows are counted. */
export async function measureExchange(rows: number, keys: number, rounds: number): Promise<ExchangeFigure[]> {
  setFlagsForKernels();
  const batches = exchangeRows(Math.min(rows, 64 * batchRowsMax), keys);
  const figures: ExchangeFigure[] = [];
  for (const lanes of lanesList) {
    figures.push(await measure(`${lanes} lanes`, batches, keys, lanes, rounds, Math.max(rows, roundRowsMin), false));
  }
  const few = batches.slice(0, 8).flatMap((batch) => slices(batch));
  figures.push(await measure(`2 lanes, batches of ${smallRows} rows`, few, keys, 2, rounds, roundRowsMin >> 4, true));
  for (const { contestant, nsPerRow, cpuMs: cpu, rowsOut } of figures) {
    const least = (nsPerRow * Math.min(...cpu)) / median(cpu);
    console.log(
      `  ${contestant.padEnd(30)} ${nsPerRow.toFixed(1).padStart(8)} ns of CPU a row (least ${least.toFixed(1)}), ${rowsOut} rows`,
    );
  }
  return figures;
}

function slices(batch: Batch): Batch[] {
  return Array.from({ length: batch.rows / smallRows }, (_, index) => sliceBatch(batch, index * smallRows, (index + 1) * smallRows));
}

async function measure(
  contestant: string,
  batches: readonly Batch[],
  keys: number,
  lanes: number,
  rounds: number,
  rows: number,
  flushed: boolean,
): Promise<ExchangeFigure> {
  const line = new Line(lanes, keys);
  await line.open();
  const round = async (): Promise<number> => {
    let done = 0;
    for (let next = 0; done < rows; next++) {
      const batch = batches[next % batches.length] as Batch;
      await line.send(batch, flushed);
      done += batch.rows;
    }
    await line.drain();
    return done;
  };
  const sent = await round();
  compare(contestant, await line.counts(), countOf(batches, keys, sent));
  const times: number[] = [];
  for (let each = 0; each < rounds; each++) times.push(await cpuMs(async () => void (await round())));
  await line.close();
  return {
    operator: 'exchange',
    keys,
    contestant,
    cpuMs: times,
    nsPerRow: (median(times) * 1e6) / sent,
    rowsOut: sent,
    hash: '',
  };
}

function compare(contestant: string, got: ExchangeCounts, expected: ReturnType<typeof countOf>): void {
  const wrong = got.byKey.findIndex((count, key) => count !== expected.byKey[key] || (count > 0 && got.lanesByKey[key] !== 1));
  if (wrong >= 0) throw new Error(`${contestant}: not all rows of key ${wrong} came to one lane`);
  if (got.valueSum !== expected.valueSum) throw new Error(`${contestant}: the values' sum is ${got.valueSum}, not ${expected.valueSum}`);
}

function countOf(batches: readonly Batch[], keys: number, rows: number): { readonly byKey: Uint32Array; readonly valueSum: number } {
  const byKey = new Uint32Array(keys);
  let valueSum = 0;
  for (let done = 0, next = 0; done < rows; next++) {
    const batch = batches[next % batches.length] as Batch;
    const [, key, value] = batch.columns as readonly { readonly data: Int32Array | Float64Array }[];
    for (let row = 0; row < batch.rows; row++) {
      byKey[key?.data[row] as number] = (byKey[key?.data[row] as number] as number) + 1;
      valueSum += value?.data[row] as number;
    }
    done += batch.rows;
  }
  return { byKey, valueSum };
}

/** The sender's end, and a thread at the other one. */
class Line {
  readonly #worker: Worker;
  readonly #edge: OutEdge;
  #queue: Item[] = [];
  #inFlight = 0;
  #wake: (() => void) | null = null;

  constructor(lanes: number, keys: number) {
    this.#worker = new Worker(new URL('./exchange-worker.ts', import.meta.url), { workerData: { lanes, keys } });
    const send = (lane: number, item: Item) => {
      if (item.kind === 'rows') this.#queue.push({ ...item, edge: lane });
    };
    this.#edge = new OutEdge(0, { name: 'rows', columns: exchangeColumns, keys: [1], home: 0 }, lanes, lanes, send);
  }

  async open(): Promise<void> {
    await once(this.#worker, 'online');
    this.#worker.on('message', (buffers: ArrayBuffer[] | ExchangeCounts) => {
      if (!Array.isArray(buffers)) return;
      this.#inFlight -= buffers.length;
      for (const buffer of buffers) this.#edge.takeBack(buffer);
      this.#wake?.();
    });
  }

  async send(batch: Batch, flushed: boolean): Promise<void> {
    this.#edge.send(batch);
    if (flushed) this.#edge.flush({ watermark: null, last: null });
    await this.#post(inFlightMax);
  }

  async drain(): Promise<void> {
    this.#edge.flush({ watermark: null, last: null });
    await this.#post(0);
  }

  async #post(inFlight: number): Promise<void> {
    if (this.#queue.length > 0) {
      const items = this.#queue;
      this.#queue = [];
      this.#inFlight += items.length;
      this.#worker.postMessage(
        items,
        items.flatMap((item) => (item.kind === 'rows' ? [item.packed.buffer] : [])),
      );
    }
    while (this.#inFlight > inFlight) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Of all rows until now; those after them are not counted. */
  async counts(): Promise<ExchangeCounts> {
    this.#worker.postMessage('counts');
    const [counts] = (await once(this.#worker, 'message')) as [ExchangeCounts];
    return counts;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
