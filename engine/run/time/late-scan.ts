import { batchRowsMax } from '../../../connectors/batch.ts';

/*
 * (func (export "scan") (param $end i32) (param $top i64) (param $lateness i64) (result i32)
 *   for each i64 t at [rowsAt, end): late += (threshold > t); top = max(top, t); threshold = top - lateness
 *   store top at 0; return late)
 * In bytes, so that it needs no compiler: eight thousand BigInt steps in JavaScript cost ten times as much.
 */
const rowsAt = 8;
const localNames = { end: 0, top: 1, lateness: 2, at: 3, late: 4, threshold: 5, time: 6 } as const;
const get = (name: keyof typeof localNames) => [0x20, localNames[name]];
const set = (name: keyof typeof localNames) => [0x21, localNames[name]];
const tee = (name: keyof typeof localNames) => [0x22, localNames[name]];
const constant = (value: number) => [0x41, value];
const i64 = { subtract: 0x7d, greater: 0x55, less: 0x53 };
const code = [
  ...[...constant(rowsAt), ...set('at')],
  ...[...get('top'), ...get('lateness'), i64.subtract, ...set('threshold')],
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...get('at'), ...get('end'), 0x4f, 0x0d, 0x01],
  ...[...get('late'), ...get('threshold'), ...get('at'), 0x29, 0x03, 0x00, ...tee('time'), i64.greater, 0x6a, ...set('late')],
  ...[...get('time'), ...get('top'), ...get('top'), ...get('time'), i64.less, 0x1b, ...tee('top')],
  ...[...get('lateness'), i64.subtract, ...set('threshold')],
  ...[...get('at'), ...constant(8), 0x6a, ...set('at'), 0x0c, 0x00],
  ...[0x0b, 0x0b],
  ...[...constant(0), ...get('top'), 0x37, 0x03, 0x00, ...get('late'), 0x0b],
];
const section = (id: number, bytes: readonly number[]) => [id, ...unsigned(bytes.length), ...bytes];
const unsigned = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >> 7)]);
const locals = [2, 2, 0x7f, 2, 0x7e];
const wasm = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 3, 0x7f, 0x7e, 0x7e, 1, 0x7f]),
  ...section(3, [1, 0]),
  ...section(5, [1, 0, 2]),
  ...section(7, [2, 4, ...Buffer.from('scan'), 0, 0, 3, ...Buffer.from('mem'), 2, 0]),
  ...section(10, [1, ...unsigned(locals.length + code.length), ...locals, ...code]),
]);
const { scan, mem } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports as unknown as {
  scan: (end: number, top: bigint, lateness: bigint) => number;
  mem: WebAssembly.Memory;
};
const memory = new BigInt64Array(mem.buffer);

/** Largest time in `times` and before (`top`), and how many rows stand more than `lateness` behind the largest before them. */
export function scanLate(times: BigInt64Array, top: bigint, lateness: bigint): { top: bigint; late: number } {
  if (times.length > batchRowsMax) throw new RangeError(`a batch holds at most ${batchRowsMax} rows, not ${times.length}`);
  memory.set(times, rowsAt / 8);
  const late = scan(rowsAt + times.length * 8, top, lateness);
  return { top: memory[0] as bigint, late };
}
