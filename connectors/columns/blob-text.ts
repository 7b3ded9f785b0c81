import { Buffer } from 'node:buffer';

/** ASCII text in which `\\xHH` stands for one byte, as DuckDB writes blobs; undefined for anything else. */
export function bytesOfEscaped(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const blob = new Uint8Array(end - start);
  let length = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 127) return undefined;
    if (byte !== 92) {
      blob[length++] = byte;
      continue;
    }
    const hex = i + 4 <= end && bytes[i + 1] === 120 ? String.fromCharCode(bytes[i + 2] as number, bytes[i + 3] as number) : '';
    if (!/^[0-9a-f]{2}$/i.test(hex)) return undefined;
    blob[length++] = Number.parseInt(hex, 16);
    i += 3;
  }
  return blob.subarray(0, length);
}

const base64Form = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/;

/** Base64 (RFC 4648), plain or for URLs, with or without its padding; undefined for anything else. */
export function bytesOfBase64(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  if (!base64Form.test(text)) return undefined;
  const digits = text.replace(/=+$/, '').length;
  const padding = text.length - digits;
  if (digits % 4 === 1 || (padding > 0 && (digits + padding) % 4 !== 0)) return undefined;
  return new Uint8Array(Buffer.from(text, 'base64'));
}
