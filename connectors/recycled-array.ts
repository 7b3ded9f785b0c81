import type { FixedArray } from './batch.ts';

/** Arrays kept for refilling: as many as are read ahead, taken and filled at a time. */
const sparesMax = 4;

/** An array to fill from its beginning, and those that wait to be filled again. */
export class RecycledArray<A extends FixedArray> {
  readonly #make: (length: number) => A;
  readonly #spares: A[] = [];
  #array: A;

  constructor(make: (length: number) => A, length: number) {
    this.#make = make;
    this.#array = make(length);
  }

  /** The array, with room for `length` elements. */
  room(length: number): A {
    if (length > this.#array.length) {
      const larger = this.#make(Math.max(length, this.#array.length * 2));
      larger.set(this.#array as never);
      this.#array = larger;
    }
    return this.#array;
  }

  /** The first `length` elements; the next ones go into another array. */
  take(length: number): A {
    const taken = this.#array;
    this.#array = this.#spares.pop() ?? this.#make(taken.length);
    return taken.subarray(0, length) as A;
  }

  /** An array that `take` gave. */
  recycle(taken: A): void {
    if (this.#spares.length >= sparesMax) return;
    const whole = new (taken.constructor as new (buffer: ArrayBufferLike) => A)(taken.buffer);
    if (whole.length >= this.#array.length) this.#spares.push(whole);
  }
}
