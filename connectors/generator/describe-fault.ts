import type { Occurrence } from './fault-calendar.ts';
import { faultTraits } from './fault-schedule.ts';
import type { Fleet, Service } from './fleet.ts';

/** One sentence for a person, without times. */
export function describeFault({ fault, target }: Occurrence, fleet: Fleet): string {
  const name = faultTraits[fault.kind].target === 'host' ? (fleet.hosts[target] as string) : (fleet.services[target] as Service).name;
  const percent = `${Math.round(fault.by * 100)} %`;
  switch (fault.kind) {
    case 'spike':
      return `CPU of ${name} is ${percent} higher and what runs there is slower`;
    case 'drop':
      return `${percent} of the calls to ${name} stay away`;
    case 'level_shift':
      return `memory in use on ${name} is ${percent} of its total higher`;
    case 'slow_leak':
      return `each ${name} process leaks ${fault.by} GiB in all, evenly`;
    case 'error_burst':
      return `${percent} of the requests to ${name} fail`;
    case 'latency_creep':
      return `${name} gets slower, up to ${fault.by} times`;
    case 'silent_host':
      return `nothing is heard from ${name}`;
    case 'deploy_regression':
      return `a bad deploy of ${name}: ${percent} of its requests fail and it is 1.6 times slower`;
  }
}
