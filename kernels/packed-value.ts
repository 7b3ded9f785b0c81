/**
 * Nested values as bytes: the definition that kernels/assembly/packed.ts follows. All numbers are little-endian and unaligned.
 *
 * LIST: count u32 | validity, one bit an element, whole bytes | elements: of a fixed width, one after another; else the end of each,
 * u32, counted from the first one's start, and then their bytes.
 * MAP: bytes of the key list u32 | LIST of keys | LIST of values.
 * STRUCT: validity, one bit a field, whole bytes | fields in turn: of a fixed width as they are; else length u32 and bytes.
 * A NULL is zeros of its width, or no bytes; unused bits are 0. Equal values have equal bytes, zeros' signs, NaNs' bits and forms of
 * intervals apart.
 */
export type PackedShape =
  | { readonly kind: 'fixed'; readonly width: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'list'; readonly child: PackedShape }
  | { readonly kind: 'map'; readonly key: PackedShape; readonly value: PackedShape }
  | { readonly kind: 'struct'; readonly fields: readonly PackedShape[] };

/** Bytes of a fixed value or a text; elements of a list; fields of a struct; keys and values of a map. */
export type PackedValue =
  | null
  | Uint8Array
  | readonly PackedValue[]
  | { readonly keys: readonly PackedValue[]; readonly values: readonly PackedValue[] };

export function encodePacked(shape: PackedShape, value: Exclude<PackedValue, null>): Uint8Array {
  switch (shape.kind) {
    case 'fixed':
    case 'text':
      return value as Uint8Array;
    case 'list':
      return encodeList(shape.child, value as readonly PackedValue[]);
    case 'map': {
      const { keys, values } = value as { keys: readonly PackedValue[]; values: readonly PackedValue[] };
      const keyList = encodeList(shape.key, keys);
      return joined([word(keyList.length), keyList, encodeList(shape.value, values)]);
    }
    case 'struct': {
      const fields = value as readonly PackedValue[];
      return joined([validity(fields), ...fields.flatMap((field, k) => encodeField(shape.fields[k] as PackedShape, field))]);
    }
  }
}

function encodeField(shape: PackedShape, value: PackedValue): Uint8Array[] {
  if (shape.kind === 'fixed') return [value === null ? new Uint8Array(shape.width) : (value as Uint8Array)];
  const bytes = value === null ? new Uint8Array(0) : encodePacked(shape, value);
  return [word(bytes.length), bytes];
}

function encodeList(child: PackedShape, elements: readonly PackedValue[]): Uint8Array {
  const head = [word(elements.length), validity(elements)];
  if (child.kind === 'fixed')
    return joined([...head, ...elements.map((value) => (value as Uint8Array | null) ?? new Uint8Array(child.width))]);
  const bytes = elements.map((value) => (value === null ? new Uint8Array(0) : encodePacked(child, value)));
  let end = 0;
  const ends = bytes.map((each) => {
    end += each.length;
    return word(end);
  });
  return joined([...head, ...ends, ...bytes]);
}

export function decodePacked(shape: PackedShape, bytes: Uint8Array): PackedValue {
  switch (shape.kind) {
    case 'fixed':
    case 'text':
      return bytes;
    case 'list':
      return decodeList(shape.child, bytes);
    case 'map': {
      const keyBytes = wordAt(bytes, 0);
      return {
        keys: decodeList(shape.key, bytes.subarray(4, 4 + keyBytes)),
        values: decodeList(shape.value, bytes.subarray(4 + keyBytes)),
      };
    }
    case 'struct':
      return decodeStruct(shape.fields, bytes);
  }
}

function decodeStruct(fields: readonly PackedShape[], bytes: Uint8Array): PackedValue[] {
  let at = (fields.length + 7) >> 3;
  return fields.map((field, k) => {
    const length = field.kind === 'fixed' ? field.width : wordAt(bytes, at);
    const from = field.kind === 'fixed' ? at : at + 4;
    at = from + length;
    return packedBit(bytes, 0, k) ? decodePacked(field, bytes.subarray(from, at)) : null;
  });
}

function decodeList(child: PackedShape, bytes: Uint8Array): PackedValue[] {
  const count = wordAt(bytes, 0);
  const first = 4 + ((count + 7) >> 3);
  return Array.from({ length: count }, (_, i) => {
    if (!packedBit(bytes, 4, i)) return null;
    if (child.kind === 'fixed') return bytes.subarray(first + i * child.width, first + (i + 1) * child.width);
    const data = first + count * 4;
    const from = i === 0 ? 0 : wordAt(bytes, first + i * 4 - 4);
    return decodePacked(child, bytes.subarray(data + from, data + wordAt(bytes, first + i * 4)));
  });
}

export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0
  );
}

/** Bit `i` of the validity that starts at `at`. */
export function packedBit(bytes: Uint8Array, at: number, i: number): boolean {
  return (((bytes[at + (i >> 3)] as number) >> (i & 7)) & 1) !== 0;
}

function validity(values: readonly PackedValue[]): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  });
  return bits;
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
