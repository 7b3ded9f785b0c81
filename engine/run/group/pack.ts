/** Typed arrays that a packed value may hold, by name. */
const arrays = {
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
} as const;

type ArrayName = keyof typeof arrays;
type Packed = { readonly $: ArrayName; readonly at: number; readonly n: number } | { readonly $: 'bigint'; readonly value: string };

const alignment = 8;
const lengthBytes = 4;

/**
 * Plain data as bytes: JSON, in which 64-bit integers and typed arrays stand for themselves, then the arrays' bytes as they are, little
 * endian. Nothing is rounded.
 */
export function pack(value: unknown): Uint8Array {
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  let length = 0;
  // A function with `this`: a Buffer has already become something else when it comes as the value.
  const head = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key) {
    const each = this[key];
    if (typeof each === 'bigint') return { $: 'bigint', value: each.toString() } satisfies Packed;
    if (!ArrayBuffer.isView(each)) return each;
    const name = (each instanceof Uint8Array ? 'Uint8Array' : each.constructor.name) as ArrayName;
    if (!(name in arrays)) throw new TypeError(`${name} cannot be packed`);
    const at = length;
    parts.push({ at, bytes: new Uint8Array(each.buffer, each.byteOffset, each.byteLength) });
    length += aligned(each.byteLength);
    return { $: name, at, n: (each as Uint8Array).length } satisfies Packed;
  });
  const text = Buffer.from(head);
  const start = aligned(lengthBytes + text.length);
  const packed = new Uint8Array(start + length);
  new DataView(packed.buffer).setUint32(0, text.length, true);
  packed.set(text, lengthBytes);
  for (const { at, bytes } of parts) packed.set(bytes, start + at);
  return packed;
}

/** What was packed; arrays have buffers of their own. Throws RangeError or SyntaxError when it is no packed value. */
export function unpack(packed: Uint8Array): unknown {
  const length = new DataView(packed.buffer, packed.byteOffset, packed.byteLength).getUint32(0, true);
  if (lengthBytes + length > packed.length) throw new RangeError(`${packed.length} bytes hold no value`);
  const start = aligned(lengthBytes + length);
  return JSON.parse(Buffer.from(packed.subarray(lengthBytes, lengthBytes + length)).toString(), (_, each: unknown) => {
    if (typeof each !== 'object' || each === null || !('$' in each)) return each;
    const entry = each as Packed;
    if (entry.$ === 'bigint') return BigInt(entry.value);
    const kind = arrays[entry.$];
    const bytes = packed.slice(start + entry.at, start + entry.at + entry.n * kind.BYTES_PER_ELEMENT);
    return new kind(bytes.buffer, 0, entry.n);
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
