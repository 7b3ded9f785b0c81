import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, Column } from '../../connectors/batch.ts';
import type { Item } from '../../engine/run/exchange/frame.ts';
import { exchangeLayout } from '../../engine/run/exchange/row-layout.ts';
import { RowMirror } from '../../engine/run/exchange/row-mirror.ts';
import { type ExchangeCounts, exchangeColumns } from './exchange-rows.ts';

/** Reads what is sent to any lane, copies it as a kernel would, counts it, and gives the buffers back. */
const { lanes, keys } = workerData as { lanes: number; keys: number };
const layout = exchangeLayout(exchangeColumns);
if (layout === null || parentPort === null) throw new Error('runs as a worker, over plain columns');
const port = parentPort;
const mirrors = Array.from({ length: lanes }, () => new RowMirror(layout));
const memory = new Uint8Array(layout.bytes);
const laneByKey = new Int16Array(keys).fill(-1);
const lanesByKey = new Uint8Array(keys);
const byKey = new Uint32Array(keys);
let valueSum = 0;
let counting = true;

function copy({ columns }: Batch): void {
  let at = 0;
  for (const column of columns) {
    const data = column.kind === 'string' ? column.codes : column.kind === 'fixed' ? column.data : null;
    if (data === null) continue;
    memory.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
}

/** The sum is in order of arrival; eighths add up exactly in any. */
function count(lane: number, rows: number, key: Int32Array, value: Float64Array): void {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const at = key[row] as number;
    byKey[at] = (byKey[at] as number) + 1;
    sum += value[row] as number;
    if (laneByKey[at] === lane) continue;
    laneByKey[at] = lane;
    lanesByKey[at] = (lanesByKey[at] as number) + 1;
  }
  valueSum += sum;
}

function dataOf(column: Column | undefined): unknown {
  return column?.kind === 'fixed' ? column.data : null;
}

port.on('message', (items: Item[] | 'counts') => {
  if (items === 'counts') {
    counting = false;
    port.postMessage({ byKey, lanesByKey, valueSum } satisfies ExchangeCounts);
    return;
  }
  const buffers: ArrayBuffer[] = [];
  for (const item of items) {
    if (item.kind !== 'rows') continue;
    const batch = (mirrors[item.edge] as RowMirror).read(item.packed);
    copy(batch);
    if (counting) count(item.edge, batch.rows, dataOf(batch.columns[1]) as Int32Array, dataOf(batch.columns[2]) as Float64Array);
    buffers.push(item.packed.buffer);
  }
  port.postMessage(buffers, buffers);
});
