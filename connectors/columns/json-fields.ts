import { Buffer } from 'node:buffer';
import type { JsonReader } from './json-reader.ts';

/** A field of an object: its name as UTF-8 (null: it holds half of a surrogate pair, so no column has it) and where its value begins. */
export interface JsonField {
  readonly name: Uint8Array | null;
  readonly value: number;
}

const colon = 58;
const closeBrace = 125;

/**
 * From behind an object's opening brace to behind its closing one: its fields by name (as latin1 of the UTF-8), each with the last of
 * its values, in the order of the names' first appearance, as JSON.parse has it. null with a fault in the reader when it is malformed.
 */
export function lastFields(reader: JsonReader): Map<string, JsonField> | null {
  const fields = new Map<string, JsonField>();
  if (reader.peek() === closeBrace) {
    reader.position++;
    return fields;
  }
  do {
    reader.halfPair = false;
    if (!reader.readString()) return null;
    const { token, tokenStart, tokenEnd, halfPair } = reader;
    const name = Buffer.from(token.subarray(tokenStart, tokenEnd));
    if (!reader.expect(colon)) return null;
    reader.peek();
    // Names with half pairs are kept apart from all others, which have no byte 0xff.
    const text = halfPair ? `\xff${reader.position}` : name.toString('latin1');
    fields.set(text, { name: halfPair ? null : name, value: reader.position });
    if (!reader.skipValue()) return null;
  } while (reader.more(closeBrace));
  return reader.fault === null ? fields : null;
}
