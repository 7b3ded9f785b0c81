const exponentMin = -348;
const exponentMax = 347;
const precision = 128n;

let table: BigUint64Array | null = null;

/** The 128 leading bits of 10^-348 .. 10^347, rounded down, as pairs of words, low word first. */
export function powersOfTen(): BigUint64Array {
  table ??= makeTable();
  return table;
}

function makeTable(): BigUint64Array {
  const words = new BigUint64Array((exponentMax - exponentMin + 1) * 2);
  for (let exponent = exponentMin; exponent <= exponentMax; exponent++) {
    const bits = leadingBits(exponent);
    const at = (exponent - exponentMin) * 2;
    words[at] = BigInt.asUintN(64, bits);
    words[at + 1] = bits >> 64n;
  }
  return words;
}

function leadingBits(exponent: number): bigint {
  const power = 10n ** BigInt(Math.abs(exponent));
  const value = exponent >= 0 ? power << precision : (1n << (bitLength(power) + precision)) / power;
  return value >> (bitLength(value) - precision);
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length);
}
