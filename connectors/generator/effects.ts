import type { FaultCalendar, Occurrence } from './fault-calendar.ts';
import type { Fleet } from './fleet.ts';

/** Faults begin and end on this grid, so that effects hold for a whole step. */
const stepMs = 100;
const gibibyte = 1024 ** 3;

/** What the faults active at one moment do to each service and host. `moveTo` another moment before reading. */
export class Effects {
  /** By service: added share of failing requests, factor on its own time, share of calls that still come, bytes leaked. */
  readonly errorRate: Float64Array;
  readonly slowness: Float64Array;
  readonly traffic: Float64Array;
  readonly leaked: Float64Array;
  /** By service: when its bad version was deployed (milliseconds since 1970), 0 when it runs none. */
  readonly regressedSince: Float64Array;
  /** By host: added utilization (0..1), factor on time spent there, nothing is heard from it. */
  readonly cpu: Float64Array;
  readonly memory: Float64Array;
  readonly hostSlowness: Float64Array;
  readonly silent: Uint8Array;
  readonly #calendar: FaultCalendar;
  #step = Number.NaN;
  #clean = true;

  constructor(fleet: Fleet, calendar: FaultCalendar) {
    const services = fleet.services.length;
    const hosts = fleet.hosts.length;
    this.#calendar = calendar;
    this.errorRate = new Float64Array(services);
    this.slowness = new Float64Array(services).fill(1);
    this.traffic = new Float64Array(services).fill(1);
    this.leaked = new Float64Array(services);
    this.regressedSince = new Float64Array(services);
    this.cpu = new Float64Array(hosts);
    this.memory = new Float64Array(hosts);
    this.hostSlowness = new Float64Array(hosts).fill(1);
    this.silent = new Uint8Array(hosts);
  }

  /** Time in microseconds since 1970. */
  moveTo(micros: number): void {
    const step = Math.floor(micros / (stepMs * 1000));
    if (step === this.#step) return;
    this.#step = step;
    if (!this.#clean) this.#reset();
    const time = step * stepMs;
    for (let i = 0; i < this.#calendar.faults.length; i++) {
      const occurrence = this.#calendar.at(i, time);
      if (occurrence !== null) this.#apply(occurrence, time);
    }
  }

  #reset(): void {
    this.errorRate.fill(0);
    this.slowness.fill(1);
    this.traffic.fill(1);
    this.leaked.fill(0);
    this.regressedSince.fill(0);
    this.cpu.fill(0);
    this.memory.fill(0);
    this.hostSlowness.fill(1);
    this.silent.fill(0);
    this.#clean = true;
  }

  #apply({ fault, target, begin }: Occurrence, time: number): void {
    this.#clean = false;
    const progress = (time - begin) / fault.lasts;
    switch (fault.kind) {
      case 'spike':
        this.cpu[target]! += fault.by;
        this.hostSlowness[target]! *= 1.8;
        break;
      case 'level_shift':
        this.memory[target]! += fault.by;
        break;
      case 'silent_host':
        this.silent[target] = 1;
        break;
      case 'drop':
        this.traffic[target]! *= 1 - fault.by;
        break;
      case 'slow_leak':
        this.leaked[target]! += fault.by * gibibyte * progress;
        break;
      case 'error_burst':
        this.errorRate[target]! += fault.by;
        break;
      case 'latency_creep':
        this.slowness[target]! *= 1 + (fault.by - 1) * progress;
        break;
      case 'deploy_regression':
        this.errorRate[target]! += fault.by;
        this.slowness[target]! *= 1.6;
        this.regressedSince[target] = begin;
        break;
    }
  }
}
