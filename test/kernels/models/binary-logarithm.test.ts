import { expect, it } from 'vitest';
import { binaryLogarithm } from '../../../kernels/models/binary-logarithm.ts';
import { Random } from '../../connectors/random.ts';
import { compileKernel } from '../../../bench/compile-kernel.ts';

const source = `
import { binaryLogarithm } from "./kernels/models/binary-logarithm";
export function logarithm(x: f64): f64 { return binaryLogarithm(x); }
`;

it('is exact at powers of two, close elsewhere, and the same bits in the kernel', async () => {
  const kernel = await compileKernel<{ logarithm(x: number): number }>(source);
  for (let exponent = -1074; exponent < 1024; exponent++) expect(binaryLogarithm(2 ** exponent)).toBe(exponent);
  const random = new Random(7);
  const sizes = Array.from({ length: 20_000 }, (_, k) => (k % 2 === 0 ? 2 * random.next() : 2 ** (2_000 * random.next() - 1_000)));
  for (const size of [...sizes, Number.MIN_VALUE, Number.MAX_VALUE, 1 - 2 ** -53, 1 + 2 ** -52, Math.SQRT2, Math.SQRT1_2]) {
    if (size === 0) continue;
    const found = binaryLogarithm(size);
    expect(Object.is(found, kernel.logarithm(size))).toBe(true);
    expect(Math.abs(found - Math.log2(size))).toBeLessThan(1e-15 * Math.max(1, Math.abs(found)));
  }
});
