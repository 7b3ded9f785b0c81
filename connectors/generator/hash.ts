/** 32-bit avalanche mix (lowbias32). */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

/** Hash of a whole number up to 2^53 under a key: every draw of a row starts from it, so that a row depends on nothing else. */
export function hashIndex(key: number, index: number): number {
  const high = Math.floor(index / 4294967296);
  return mix(mix((index >>> 0) ^ key) + Math.imul(high, 0x9e3779b1));
}

/** The k-th independent draw of a row, as 32 bits. */
export function draw(hash: number, k: number): number {
  return mix(hash + Math.imul(k + 1, 0x9e3779b9));
}

/** 32 bits to [0, 1). */
export function unit(bits: number): number {
  return (bits >>> 0) / 4294967296;
}

const normalsCount = 4096;

/** Standard normal values, to be picked by `bits & 4095`: Box-Muller over hashed uniforms, the same in every run. */
export const normals: Float64Array = Float64Array.from({ length: normalsCount }, (_, i) => {
  const radius = Math.sqrt(-2 * Math.log(1 - unit(mix(i * 2 + 1))));
  return radius * Math.cos(2 * Math.PI * unit(mix(i * 2 + 2)));
});

/** Median 1, sigma 0.45: the spread of a service's own time. Picked like `normals`. */
export const lognormals: Float64Array = normals.map((z) => Math.exp(0.45 * z));
