/** A user function's own memory may grow to this (pages of 64 KiB): 64 MiB. */
export const functionPagesMax = 1024;

const memorySection = 5;
const headerBytes = 8;

/** The same WebAssembly module with a limit on what each of its memories may grow to. */
export function limitMemory(module: Uint8Array, pagesMax: number): Uint8Array<ArrayBuffer> {
  let at = headerBytes;
  while (at < module.length) {
    const size = readNumber(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === memorySection) {
      const content = limited(module, size.next, pagesMax);
      return joined([
        module.subarray(0, at),
        Uint8Array.of(memorySection, ...numberBytes(content.length), ...content),
        module.subarray(end),
      ]);
    }
    at = end;
  }
  return new Uint8Array(module);
}

/** The memories of a section: each a set of flags (1: a maximum follows), the least pages, and the most. */
function limited(module: Uint8Array, start: number, pagesMax: number): number[] {
  const count = readNumber(module, start);
  const bytes = numberBytes(count.value);
  let at = count.next;
  for (let memory = 0; memory < count.value; memory++) {
    const flags = module[at] as number;
    const least = readNumber(module, at + 1);
    const most = (flags & 1) === 0 ? { value: pagesMax, next: least.next } : readNumber(module, least.next);
    bytes.push(flags | 1, ...numberBytes(least.value), ...numberBytes(Math.max(least.value, Math.min(most.value, pagesMax))));
    at = most.next;
  }
  return bytes;
}

/** Unsigned LEB128. */
function readNumber(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7, next++) {
    const byte = bytes[next] as number;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, next: next + 1 };
  }
}

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
