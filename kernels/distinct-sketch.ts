/** Relative error of a distinct count, three standard errors; up to `distinctExactMax` values it is exact. */
export const distinctErrorMax = 0.025;
export const distinctExactMax = 1024;

const registerBits = 14;
const registers = 1 << registerBits;
const word = (1n << 64n) - 1n;

/** The hash of kernels/assembly/distinct-sketch.ts: splitmix64's finaliser, word by word. */
export function mixHash(hash: bigint, value: bigint): bigint {
  let z = ((hash ^ value) + 0x9e3779b97f4a7c15n) & word;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & word;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & word;
  return z ^ (z >> 31n);
}

/** Register and rank of a hash: its first 14 bits, and the place of the first 1 among the others. */
export function rankOf(hash: bigint): { register: number; rank: number } {
  const register = Number(hash >> BigInt(64 - registerBits));
  const rest = (hash << BigInt(registerBits)) & word;
  const rank = rest === 0n ? 64 - registerBits + 1 : 64 - rest.toString(2).length + 1;
  return { register, rank: Math.min(rank, 64 - registerBits + 1) };
}

/** About how many distinct hashes: exact while they are few, else HyperLogLog by Ertl's estimator (arXiv 1702.01284). */
export function distinctEstimate(hashes: Iterable<bigint>): number {
  const seen = new Set(hashes);
  if (seen.size <= distinctExactMax) return seen.size;
  const ranks = new Uint8Array(registers);
  for (const hash of seen) {
    const { register, rank } = rankOf(hash);
    ranks[register] = Math.max(ranks[register] as number, rank);
  }
  const counts = new Array<number>(66 - registerBits).fill(0);
  for (const rank of ranks) counts[rank] = (counts[rank] as number) + 1;
  const top = 64 - registerBits;
  let z = registers * tau(1 - (counts[top + 1] as number) / registers);
  for (let k = top; k >= 1; k--) z = 0.5 * (z + (counts[k] as number));
  z += registers * sigma((counts[0] as number) / registers);
  return Math.round((registers * registers) / (2 * Math.LN2 * z));
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [x, y, z, before] = [share, 1, share, -1];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z, before] = [share, 1, 1 - share, -1];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
