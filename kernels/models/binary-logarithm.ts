const bits = new DataView(new ArrayBuffer(8));
const halfUp = 0x3ff6a09e;
/** 2 / (ln 2 * (2 k + 1)), k from 0: the series of the inverse hyperbolic tangent, in octaves. */
const terms = Array.from({ length: 11 }, (_, k) => 2 / (Math.LN2 * (2 * k + 1)));

/**
 * The logarithm to base 2 of a positive finite number, within 2 units in the last place; by the same steps as the kernel's, so that
 * both give the same bits everywhere. Libraries differ in the last bit, which is enough to tip a value at the border of a bin.
 */
export function binaryLogarithm(x: number): number {
  bits.setFloat64(0, x);
  let exponent = -1023;
  if (bits.getUint32(0) < 0x100000) {
    bits.setFloat64(0, x * 2 ** 54);
    exponent -= 54;
  }
  const high = bits.getUint32(0);
  exponent += high >>> 20;
  const fraction = (high & 0xfffff) | 0x3ff00000;
  // Around 1, from the root of a half to the root of 2.
  const above = fraction >= halfUp;
  bits.setUint32(0, above ? fraction - 0x100000 : fraction);
  if (above) exponent++;
  const m = bits.getFloat64(0);
  const f = (m - 1) / (m + 1);
  const g = f * f;
  let sum = terms[10] as number;
  for (let k = 9; k >= 0; k--) sum = sum * g + (terms[k] as number);
  return exponent + f * sum;
}
