import type { Fleet } from './fleet.ts';
import { mix } from './hash.ts';

const names = 8000;

/** Routine deploys: one every `everyMs`, the services in turn. The n-th deploy since 1970 is found by arithmetic. */
export class ReleaseTrain {
  readonly everyMs: number;
  readonly #services: number;
  readonly #offset: number;

  constructor(fleet: Fleet, everyMs: number) {
    this.everyMs = everyMs;
    this.#services = fleet.services.length;
    this.#offset = (mix(fleet.seed ^ 0xde910) >>> 0) % this.#services;
  }

  /** Service that deploy `n` is for. */
  serviceOf(n: number): number {
    return (n + this.#offset) % this.#services;
  }

  /** How many deploys a service has seen at a time (milliseconds since 1970), including one at that very time. */
  releasesAt(service: number, time: number): number {
    const last = Math.floor(time / this.everyMs);
    return Math.floor((last + this.#offset - service) / this.#services);
  }

  /** What a service runs at a time; `regressedSince` as in `Effects`. */
  versionAt(service: number, time: number, regressedSince: number): string {
    const regressed = regressedSince !== 0;
    return this.version(this.releasesAt(service, regressed ? regressedSince : time), regressed);
  }

  /** `4.12.7`: distinct for 8,000 releases of a service in a row. A bad one is the release with a hotfix. */
  version(releases: number, regressed: boolean): string {
    const n = ((releases % names) + names) % names;
    const version = `${1 + Math.floor(n / 400)}.${Math.floor(n / 20) % 20}.${n % 20}`;
    return regressed ? `${version}+hotfix.1` : version;
  }
}
