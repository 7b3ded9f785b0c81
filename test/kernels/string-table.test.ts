import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Strings {
  readonly memory: WebAssembly.Memory;
  start(): void;
  scratch(bytes: number): number;
  intern(pointer: number, length: number): number;
  pointer(id: number): number;
  length(id: number): number;
  compare(a: number, b: number): number;
  live(): number;
  begin(): void;
  mark(id: number): void;
  sweep(): number;
}

const source = `
import { limitMemory } from "./kernels/memory";
import { seedHashes } from "./kernels/hash";
import { beginMarking, compareStrings, initialiseStrings, internString, liveStrings, markString, pinStrings, reserveScratch, stringLength, stringPointer, sweepStrings } from "./kernels/string-table";
export function start(): void { limitMemory(2048); seedHashes(123456789, 987654321); initialiseStrings(); pinStrings(); }
export function scratch(bytes: u32): usize { return reserveScratch(bytes); }
export function intern(pointer: usize, length: u32): u32 { return internString(pointer, length); }
export function pointer(id: u32): usize { return stringPointer(id); }
export function length(id: u32): u32 { return stringLength(id); }
export function compare(a: u32, b: u32): i32 { return compareStrings(a, b); }
export function live(): u32 { return liveStrings(); }
export function begin(): void { beginMarking(); }
export function mark(id: u32): void { markString(id); }
export function sweep(): u32 { return sweepStrings(); }
`;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

describe('the string table', () => {
  let kernel: Strings;
  const intern = (text: string): number => {
    const bytes = encoder.encode(text);
    const at = kernel.scratch(bytes.length) >>> 0;
    new Uint8Array(kernel.memory.buffer).set(bytes, at);
    return kernel.intern(at, bytes.length);
  };
  const text = (id: number): string => {
    const at = kernel.pointer(id) >>> 0;
    return decoder.decode(new Uint8Array(kernel.memory.buffer).subarray(at, at + kernel.length(id)));
  };

  beforeAll(async () => {
    kernel = await compileKernel<Strings>(source);
    kernel.start();
  });

  it('gives equal strings equal ids, of every length', () => {
    expect(intern('')).toBe(0);
    const ids = new Map<string, number>();
    for (let k = 0; k < 5_000; k++) {
      const string = `${'é日a'.repeat(k % 40)}${k % 700}`;
      const id = intern(string);
      expect(ids.get(string) ?? id).toBe(id);
      ids.set(string, id);
      expect(text(id)).toBe(string);
    }
    expect(new Set(ids.values()).size).toBe(ids.size);
    expect(kernel.live()).toBe(ids.size + 1);
  });

  it('orders as bytes do', () => {
    const strings = ['', 'a', 'ab', 'b', 'B', 'é', 'z', '日本', '👩', 'a\u0000', 'a'.repeat(100), `${'a'.repeat(100)}b`];
    for (const a of strings) {
      for (const b of strings) {
        const expected = Math.sign(Buffer.compare(encoder.encode(a), encoder.encode(b)));
        expect(kernel.compare(intern(a), intern(b)), `${a} and ${b}`).toBe(expected);
      }
    }
  });

  it('keeps what is marked, frees the rest and uses its ids again', () => {
    const kept = new Map<number, string>();
    for (let round = 0; round < 5; round++) {
      for (let k = 0; k < 20_000; k++) {
        const string = `round ${round} string ${k} ${'x'.repeat(k % 50)}`;
        const id = intern(string);
        if (k % 1000 === 7) kept.set(id, string);
      }
      kernel.begin();
      for (const id of kept.keys()) kernel.mark(id);
      expect(kernel.sweep()).toBeGreaterThan(19_000);
      expect(kernel.live()).toBe(kept.size + 1);
      for (const [id, string] of kept) {
        expect(text(id)).toBe(string);
        expect(intern(string)).toBe(id);
      }
    }
    // Five rounds of 20,000 strings fit into what one round took, about.
    expect(kernel.memory.buffer.byteLength).toBeLessThan(16 << 20);
  });
});
