import type { KernelExports } from '../kernel-exports.ts';
import { globalPrefix } from './export-globals.ts';

const pageBytes = 65_536;

/** Everything that an instance has made of its rows: it goes on from there, in any instance of the same module. */
export interface InstanceImage {
  /** The whole linear memory. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** Values of globals by the names that they are exported by; integers of 64 bits as text. */
  readonly globals: Readonly<Record<string, number | string>>;
  /** Of each input, its buffers for validity: number, address, capacity. */
  readonly validities: readonly (readonly (readonly [number, number, number])[])[];
}

/** Copies into `into` when it is large enough, else into a buffer of its own. */
export function captureMemory(kernel: KernelExports, into: Uint8Array<ArrayBuffer> | null): Uint8Array<ArrayBuffer> {
  const { buffer } = kernel.memory;
  const target =
    into !== null && into.length >= buffer.byteLength ? into.subarray(0, buffer.byteLength) : new Uint8Array(buffer.byteLength);
  target.set(new Uint8Array(buffer));
  return target;
}

export function captureGlobals(kernel: KernelExports): InstanceImage['globals'] {
  return Object.fromEntries(
    Object.entries(kernel as unknown as Record<string, unknown>)
      .filter(([name]) => name.startsWith(globalPrefix))
      .map(([name, exported]) => {
        const { value } = exported as WebAssembly.Global<'i32' | 'i64'>;
        return [name, typeof value === 'bigint' ? `${value}` : bitsOf(value)];
      }),
  );
}

/** Memory and globals as they were. Throws RangeError when the image is of another module. */
export function restoreKernel(kernel: KernelExports, { memory, globals }: InstanceImage): void {
  const exports = kernel as unknown as Record<string, { value: number | bigint }>;
  const names = Object.keys(exports).filter((name) => name.startsWith(globalPrefix));
  if (names.length !== Object.keys(globals).length || names.some((name) => globals[name] === undefined))
    throw new RangeError('the image is of another module');
  const more = Math.ceil((memory.length - kernel.memory.buffer.byteLength) / pageBytes);
  if (more > 0) kernel.memory.grow(more);
  const bytes = new Uint8Array(kernel.memory.buffer);
  bytes.set(memory);
  bytes.fill(0, memory.length);
  for (const name of names) {
    const global = exports[name] as { value: number | bigint };
    const value = globals[name] as number | string;
    global.value = typeof global.value === 'bigint' ? BigInt(value) : numberOf(value);
  }
}

/** JSON has no NaN, no infinities and no -0. */
function bitsOf(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : `f${new BigUint64Array(new Float64Array([value]).buffer)[0]}`;
}

function numberOf(value: number | string): number {
  if (typeof value === 'number') return value;
  return new Float64Array(new BigUint64Array([BigInt(value.slice(1))]).buffer)[0] as number;
}
