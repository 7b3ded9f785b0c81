import { StringDictionary } from '../string-dictionary.ts';
import type { StreamContext } from './stream.ts';

/** Which version each service runs, as codes into a dictionary that grows as versions appear. */
export class VersionCodes {
  readonly #context: StreamContext;
  readonly #codes: Int32Array;
  #dictionary = new StringDictionary();
  #from = Number.NaN;

  constructor(context: StreamContext) {
    this.#context = context;
    this.#codes = new Int32Array(context.fleet.services.length);
  }

  get dictionary(): StringDictionary {
    return this.#dictionary;
  }

  /** `effects` must stand at the same time (microseconds). */
  codeAt(service: number, micros: number): number {
    const step = Math.floor(micros / 100_000);
    if (step !== this.#from) this.#refresh(step);
    return this.#codes[service] as number;
  }

  #refresh(step: number): void {
    const { releases, effects } = this.#context;
    this.#from = step;
    for (let s = 0; s < this.#codes.length; s++) {
      this.#codes[s] = this.#dictionary.intern(releases.versionAt(s, step * 100, effects.regressedSince[s] as number));
    }
  }
}
