import { encodePacked } from '../../../../kernels/packed-value.ts';
import { type JsonStep, type JsonValue, jsonAt, jsonText, jsonType, parseJson } from './json-value.ts';

/** What a kernel asks of a JSON text; the numbers of kernels/assembly/json.ts. */
export const jsonModes = { value: 0, text: 1, type: 2, keys: 3, length: 4, valid: 5, exists: 6 } as const;

const encoder = new TextEncoder();

/** Bytes, a number, or null for NULL; undefined when the text is no JSON. */
export function askJson(text: string, steps: readonly JsonStep[], mode: number): Uint8Array | number | null | undefined {
  const root = parseJson(text);
  if (mode === jsonModes.valid) return root === undefined ? 0 : 1;
  if (root === undefined) return undefined;
  const value = jsonAt(root, steps);
  if (mode === jsonModes.exists) return value === undefined ? 0 : 1;
  return value === undefined ? null : answer(value, mode);
}

function answer(value: JsonValue, mode: number): Uint8Array | number | null {
  switch (mode) {
    case jsonModes.value:
      return encoder.encode(jsonText(value));
    case jsonModes.text:
      return value.kind === 'null' ? null : encoder.encode(value.kind === 'string' ? value.text : jsonText(value));
    case jsonModes.type:
      return encoder.encode(jsonType(value));
    case jsonModes.keys: {
      const keys = value.kind === 'object' ? value.entries.map(([key]) => encoder.encode(key)) : [];
      return encodePacked({ kind: 'list', child: { kind: 'text' } }, keys);
    }
    default:
      return value.kind === 'array' ? value.items.length : 0;
  }
}
