const escapes = new Map([
  [34, 34],
  [92, 92],
  [47, 47],
  [98, 8],
  [102, 12],
  [110, 10],
  [114, 13],
  [116, 9],
]);

/** The byte that a one-letter escape stands for, or -1. */
export function escapeByte(letter: number | undefined): number {
  return (letter === undefined ? undefined : escapes.get(letter)) ?? -1;
}

/** Value of four hexadecimal digits, or -1. */
export function hexFour(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i] as number;
    const letter = byte | 32;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : letter >= 97 && letter <= 102 ? letter - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Writes a code point as UTF-8; the index after it. */
export function putCodePoint(target: Uint8Array, at: number, point: number): number {
  let next = at;
  if (point < 0x80) {
    target[next++] = point;
  } else if (point < 0x800) {
    target[next++] = 0xc0 | (point >> 6);
    target[next++] = 0x80 | (point & 63);
  } else if (point < 0x10000) {
    target[next++] = 0xe0 | (point >> 12);
    target[next++] = 0x80 | ((point >> 6) & 63);
    target[next++] = 0x80 | (point & 63);
  } else {
    target[next++] = 0xf0 | (point >> 18);
    target[next++] = 0x80 | ((point >> 12) & 63);
    target[next++] = 0x80 | ((point >> 6) & 63);
    target[next++] = 0x80 | (point & 63);
  }
  return next;
}
