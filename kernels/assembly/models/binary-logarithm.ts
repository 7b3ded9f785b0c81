/** See kernels/models/binary-logarithm.ts: the same steps, so that both give the same bits. */
export function binaryLogarithm(x: f64): f64 {
  let word = reinterpret<u64>(x);
  let exponent: i32 = -1023;
  if (word < 0x10000000000000) {
    word = reinterpret<u64>(x * 18014398509481984.0);
    exponent -= 54;
  }
  exponent += <i32>(word >> 52);
  word = (word & 0xfffffffffffff) | 0x3ff0000000000000;
  if (<u32>(word >> 32) >= 0x3ff6a09e) {
    word -= 0x10000000000000;
    exponent++;
  }
  const m = reinterpret<f64>(word);
  const f = (m - 1) / (m + 1);
  const g = f * f;
  let sum: f64 = 0.1373995277037108;
  sum = sum * g + 0.15186263588304877;
  sum = sum * g + 0.16972882833987804;
  sum = sum * g + 0.19235933878519512;
  sum = sum * g + 0.2219530832136867;
  sum = sum * g + 0.2623081892525388;
  sum = sum * g + 0.3205988979753252;
  sum = sum * g + 0.41219858311113244;
  sum = sum * g + 0.5770780163555853;
  sum = sum * g + 0.9617966939259757;
  sum = sum * g + 2.8853900817779268;
  return <f64>exponent + f * sum;
}
