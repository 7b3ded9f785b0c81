const seedRounds = 12;

/** Numbers that look random and follow from a seed of 32 bits: sfc32 of C. Doty-Humphrey's PractRand, the same bits as the kernel's. */
export class SeededRandom {
  #a = 0;
  #b = 0;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#c = seed | 0;
    for (let round = 0; round < seedRounds; round++) this.next();
  }

  /** From 0 up to, without, 1: a multiple of 2^-32. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, without, `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
}
