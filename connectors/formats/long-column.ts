import type { Column } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { Run } from './refusals.ts';

/** Whole numbers of 64 bits from an array of the module at `address`: records [from + start, from + end) of each run, as they are. */
export function longColumn(module: DecoderModule, address: number, from: number, runs: readonly Run[], type: DataType): Column {
  const data = new BigInt64Array(rowsOf(runs));
  const first = address / 8 + from;
  let at = 0;
  for (const { start, end } of runs) {
    data.set(module.longs.subarray(first + start, first + end), at);
    at += end - start;
  }
  return { kind: 'fixed', type, data, validity: null };
}

const perMillisecond: Readonly<Partial<Record<DataType['kind'], bigint>>> = {
  timestamp: 1000n,
  timestamptz: 1000n,
  timestamp_ms: 1n,
  timestamp_ns: 1_000_000n,
};
const millisecondsPerSecond = 1000n;

const int64Max = 2n ** 63n - 1n;

/** The latest moment, in milliseconds since 1970, that `momentColumn` can put into a timestamp of `type`. */
export function momentMillisecondsMax(type: DataType): bigint {
  return int64Max / (perMillisecond[type.kind] ?? 1n);
}

/** Milliseconds since 1970 as a timestamp of `type`; what is below 0 is NULL. */
export function momentColumn(module: DecoderModule, address: number, from: number, runs: readonly Run[], type: DataType): Column {
  const column = longColumn(module, address, from, runs, type) as Column & { kind: 'fixed' };
  const data = column.data as BigInt64Array;
  const factor = perMillisecond[type.kind];
  let validity: Uint8Array | null = null;
  for (let row = 0; row < data.length; row++) {
    const milliseconds = data[row] as bigint;
    if (milliseconds < 0n) {
      validity ??= new Uint8Array((data.length + 7) >> 3).fill(0xff);
      validity[row >> 3] = (validity[row >> 3] as number) & ~(1 << (row & 7));
      data[row] = 0n;
    } else data[row] = factor === undefined ? milliseconds / millisecondsPerSecond : milliseconds * factor;
  }
  return { ...column, validity };
}

function rowsOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0);
}
