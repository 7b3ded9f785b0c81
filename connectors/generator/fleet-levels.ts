import type { Effects } from './effects.ts';
import type { Fleet, Service } from './fleet.ts';
import { draw, hashIndex, mix, normals, unit } from './hash.ts';
import { seasonAt } from './season.ts';

/** Ticks between two knots of the slow part of the noise. */
const wanderTicks = 64;
const coreCount = 8;
const mebibyte = 1024 ** 2;

/** What every series measures at one tick: level of the season, slow and fast noise, and the faults. */
export class FleetLevels {
  readonly #fleet: Fleet;
  readonly #effects: Effects;
  readonly #seconds: number;
  readonly #key: number;
  readonly #requestRate: number;
  /** By host: character drawn once from the seed, and its utilization at this tick. */
  readonly #hostHash: Int32Array;
  readonly #cpu: Float64Array;
  /** By service and replica: requests a second, mean duration (ms), share failing. */
  readonly #requests: Float64Array;
  readonly #durationMs: Float64Array;
  readonly #failing: Float64Array;
  #tick = Number.NaN;
  #micros = 0;

  /** `traceRate`: traces per second that come in, weekly mean. */
  constructor(fleet: Fleet, effects: Effects, intervalMs: number, traceRate: number) {
    this.#fleet = fleet;
    this.#effects = effects;
    this.#seconds = intervalMs / 1000;
    this.#key = mix(fleet.seed ^ 0x3e7a);
    this.#requestRate = traceRate;
    this.#hostHash = Int32Array.from(fleet.hosts, (_, i) => hashIndex(mix(fleet.seed ^ 0x4057), i));
    this.#cpu = new Float64Array(fleet.hosts.length);
    this.#requests = new Float64Array(fleet.services.length);
    this.#durationMs = new Float64Array(fleet.services.length);
    this.#failing = new Float64Array(fleet.services.length);
  }

  /** Moves to a tick, which lies at `micros`. */
  moveTo(tick: number, micros: number): void {
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#micros = micros;
    this.#effects.moveTo(micros);
    const load = seasonAt(micros / 1e6);
    const { cpu, traffic, slowness, errorRate } = this.#effects;
    for (let h = 0; h < this.#cpu.length; h++) {
      const base = 0.12 + 0.2 * unit(draw(this.#hostHash[h] as number, 0));
      const level = base + 0.22 * load + 0.05 * this.#wander(h) + 0.02 * this.#noise(h);
      this.#cpu[h] = clamp(level + (cpu[h] as number));
    }
    for (let s = 0; s < this.#requests.length; s++) {
      const { ownMs, errorRate: usual, replicas } = this.#fleet.services[s] as Service;
      const share = this.#requestRate * (this.#fleet.requestsPerTrace[s] as number);
      this.#requests[s] = (share * load * (traffic[s] as number) * (1 + 0.08 * this.#wander(s + 100_000))) / replicas.length;
      this.#durationMs[s] = ownMs * 1.1 * (slowness[s] as number) * (0.7 + 0.3 * load);
      this.#failing[s] = Math.min(1, usual + (errorRate[s] as number));
    }
  }

  /** Value of a series (named by `index`) of a kind (of `metricKinds`) on a host, for a service or -1. */
  value(index: number, kind: number, host: number, service: number): number {
    const z = this.#noise(index + 200_000);
    const load = this.#cpu[host] as number;
    switch (kind) {
      case 0:
        return clamp(load + 0.01 * z);
      case 1:
        return Math.max(0, load * coreCount + 0.2 * z);
      case 2:
        return clamp(
          0.35 + 0.25 * this.#character(host, 1) + 0.02 * this.#wander(index) + (this.#effects.memory[host] as number) + 0.002 * z,
        );
      case 3:
        return clamp(0.2 + 0.4 * this.#character(host, 2) + (0.2 * ((this.#micros / 1e6) % 604_800)) / 604_800);
      case 4:
        return Math.round(this.#seconds * load * mebibyte * 4 * Math.exp(0.5 * z));
      case 5:
        return Math.round(this.#seconds * load * mebibyte * 9 * Math.exp(0.5 * z));
      case 6:
        return Math.round(this.#seconds * load * mebibyte * 6 * Math.exp(0.3 * z));
      case 7:
        return Math.round(this.#seconds * load * mebibyte * 11 * Math.exp(0.3 * z));
      default:
        return this.#serviceValue(kind, host, service, index, z);
    }
  }

  #serviceValue(kind: number, host: number, service: number, index: number, z: number): number {
    const requests = this.#requests[service] as number;
    const seconds = ((this.#durationMs[service] as number) * (this.#effects.hostSlowness[host] as number)) / 1000;
    switch (kind) {
      case 8:
        return seconds * Math.exp(0.08 * z);
      case 9:
        return Math.max(0, Math.round(requests * seconds + Math.sqrt(requests * seconds + 0.3) * z));
      case 10:
        return this.#countOf(requests * (1 - (this.#failing[service] as number)), z);
      case 11:
        return this.#countOf(requests * (this.#failing[service] as number), z);
      case 12: {
        const level = (this.#fleet.services[service] as Service).memoryBytes * (1 + 0.05 * this.#wander(index) + 0.003 * z);
        return Math.round(level + (this.#effects.leaked[service] as number));
      }
      default:
        return clamp((this.#cpu[host] as number) * (0.2 + 0.05 * z));
    }
  }

  /** A count in this interval whose mean is `rate` a second, about as scattered as a Poisson count. */
  #countOf(rate: number, z: number): number {
    const mean = rate * this.#seconds;
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z));
  }

  #character(host: number, k: number): number {
    return unit(draw(this.#hostHash[host] as number, k));
  }

  #noise(series: number): number {
    return normals[hashIndex(mix(this.#key + series), this.#tick) & 4095] as number;
  }

  /** Smooth noise of unit size: linear between values drawn every 64 ticks. */
  #wander(series: number): number {
    const knot = Math.floor(this.#tick / wanderTicks);
    const key = mix(this.#key ^ (series + 1));
    const from = normals[hashIndex(key, knot) & 4095] as number;
    const to = normals[hashIndex(key, knot + 1) & 4095] as number;
    return from + (to - from) * (this.#tick / wanderTicks - knot);
  }
}

function clamp(ratio: number): number {
  return Math.max(0, Math.min(1, ratio));
}
