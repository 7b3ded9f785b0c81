import { Buffer } from 'node:buffer';

/** More digits than this may not be exact in a double. */
const safeDigits = 15;

/**
 * The whole number that bytes[start, end) write: digits with an optional sign, and a fraction only of zeros. A bigint when it has more
 * digits than a double holds exactly; undefined when the text is no whole number.
 */
export function wholeNumber(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
  let position = start;
  let limit = end;
  while (position < limit && bytes[position] === 32) position++;
  while (limit > position && bytes[limit - 1] === 32) limit--;
  const first = bytes[position];
  const negative = first === 45;
  if (negative || first === 43) position++;
  while (position < limit - 1 && bytes[position] === 48 && isDigit(bytes[position + 1])) position++;
  const digits = position;
  let value = 0;
  while (position < limit) {
    const digit = (bytes[position] as number) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    position++;
  }
  const count = position - digits;
  if (count === 0) return undefined;
  if (position < limit) {
    if (bytes[position] !== 46) return undefined;
    for (let i = position + 1; i < limit; i++) if (bytes[i] !== 48) return undefined;
  }
  if (count <= safeDigits) return negative ? -value : value;
  if (count > 40) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + digits, count).toString('latin1');
  return negative ? -BigInt(text) : BigInt(text);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
