/** The generator's state at one event; JSON as part of a position. */
export interface RandomState {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** 2^-32: a product with it is exact. */
const perWord = 1 / 4294967296;

/** xoshiro128**, seeded by splitmix32: 32-bit arithmetic only, so that every machine draws the same. */
export class NexmarkRandom {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  static fromSeed(seed: number): NexmarkRandom {
    let z = seed >>> 0;
    const next = (): number => {
      z = (z + 0x9e3779b9) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      return (t ^ (t >>> 15)) | 0;
    };
    const random = new NexmarkRandom();
    random.restore({ a: next(), b: next(), c: next(), d: next() });
    return random;
  }

  get state(): RandomState {
    return { a: this.#a, b: this.#b, c: this.#c, d: this.#d };
  }

  restore({ a, b, c, d }: RandomState): void {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
  }

  /** 32 uniform bits, unsigned. */
  word(): number {
    const turned = Math.imul(this.#b, 5);
    const drawn = Math.imul((turned << 7) | (turned >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return drawn >>> 0;
  }

  /** Uniform in 0 .. bound - 1. */
  below(bound: number): number {
    return Math.floor(this.word() * bound * perWord);
  }
}
