import { faultTraits, FaultScheduleError, type ScheduledFault } from './fault-schedule.ts';
import type { Fleet } from './fleet.ts';
import { hashIndex, mix, unit } from './hash.ts';

/** One occurrence of a scheduled fault. Times in milliseconds since 1970. */
export interface Occurrence {
  readonly fault: ScheduledFault;
  readonly target: number;
  readonly begin: number;
  readonly until: number;
}

/** Which fault strikes whom and when: a schedule bound to a fleet, each occurrence found by arithmetic. */
export class FaultCalendar {
  readonly faults: readonly ScheduledFault[];
  readonly #anchor: number;
  readonly #targets: readonly number[];
  readonly #key: number;
  readonly #hosts: number;
  readonly #services: number;

  /** `anchor`: milliseconds since 1970 from which the schedule counts. Throws FaultScheduleError for an unknown target. */
  constructor(faults: readonly ScheduledFault[], fleet: Fleet, anchor: number) {
    this.faults = faults;
    this.#anchor = anchor;
    this.#key = mix(fleet.seed ^ 0xfa017);
    this.#hosts = fleet.hosts.length;
    this.#services = fleet.services.length;
    this.#targets = faults.map((fault) => (fault.target === null ? -1 : findTarget(fault, fleet)));
  }

  /** The occurrence of fault `index` that covers a time, or null. */
  at(index: number, time: number): Occurrence | null {
    const fault = this.faults[index] as ScheduledFault;
    const since = time - this.#anchor - fault.at;
    if (since < 0) return null;
    const count = fault.every === null ? 0 : Math.floor(since / fault.every);
    return since - count * (fault.every ?? 0) < fault.lasts ? this.#occurrence(index, count) : null;
  }

  /** The first occurrence of fault `index` whose begin (or end, with `edge` = 'until') is at or after a time, or null. */
  next(index: number, time: number, edge: 'begin' | 'until'): Occurrence | null {
    const fault = this.faults[index] as ScheduledFault;
    const since = time - this.#anchor - fault.at - (edge === 'until' ? fault.lasts : 0);
    if (fault.every === null) return since <= 0 ? this.#occurrence(index, 0) : null;
    return this.#occurrence(index, Math.max(0, Math.ceil(since / fault.every)));
  }

  #occurrence(index: number, count: number): Occurrence {
    const fault = this.faults[index] as ScheduledFault;
    const begin = this.#anchor + fault.at + count * (fault.every ?? 0);
    let target = this.#targets[index] as number;
    if (target < 0) {
      const chance = unit(hashIndex(mix(this.#key + index), count));
      // The first service is in every request: a fault there would hide all others.
      if (faultTraits[fault.kind].target === 'host') target = Math.floor(chance * this.#hosts);
      else target = this.#services === 1 ? 0 : 1 + Math.floor(chance * (this.#services - 1));
    }
    return { fault, target, begin, until: begin + fault.lasts };
  }
}

function findTarget(fault: ScheduledFault, fleet: Fleet): number {
  const kind = faultTraits[fault.kind].target;
  const names = kind === 'host' ? fleet.hosts : fleet.services.map((service) => service.name);
  const index = names.indexOf(fault.target as string);
  if (index >= 0) return index;
  const some = names.slice(0, 12).join(', ');
  throw new FaultScheduleError(`the fleet has no ${kind} "${fault.target}"`, `it has ${some}${names.length > 12 ? ', ...' : ''}`);
}
