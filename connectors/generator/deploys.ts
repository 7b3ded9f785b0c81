import { batchRowsMax } from '../batch.ts';
import { StringDictionary } from '../string-dictionary.ts';
import { dictionaryOf, strings, timestamps, writeMicros } from './columns.ts';
import type { Occurrence } from './fault-calendar.ts';
import { type Filled, gather, type RowStream, type StreamContext } from './stream.ts';
import { type EventSeries, Timeline } from './timeline.ts';

interface Deploy {
  readonly service: number;
  readonly version: string;
  readonly previous: string;
}

/** Routine deploys in turn, and for each deploy regression the bad deploy and the one that takes it back. */
export class DeployStream implements RowStream {
  readonly #context: StreamContext;
  readonly #timeline: Timeline;
  /** Schedule index of the regression behind each pair of series after the first. */
  readonly #regressions: readonly number[];
  readonly #services: StringDictionary;
  readonly #versions = new StringDictionary();

  constructor(context: StreamContext) {
    const { calendar, releases, fleet } = context;
    this.#context = context;
    this.#services = dictionaryOf(fleet.services.map((service) => service.name));
    this.#regressions = calendar.faults.flatMap((fault, i) => (fault.kind === 'deploy_regression' ? [i] : []));
    const routine: EventSeries = { next: (time) => Math.ceil(time / releases.everyMs) * releases.everyMs };
    const around = this.#regressions.flatMap((i): EventSeries[] => [
      { next: (time) => calendar.next(i, time, 'begin')?.begin ?? null },
      { next: (time) => calendar.next(i, time, 'until')?.until ?? null },
    ]);
    this.#timeline = new Timeline([routine, ...around]);
  }

  timeOf(slot: number): number {
    return this.#timeline.timeOf(this.#timeline.next(slot) as number) * 1000;
  }

  firstFrom(micros: number): number {
    return this.#timeline.firstFrom(Math.ceil(micros / 1000));
  }

  fill(from: number, end: number): Filled {
    const words = new Uint32Array(batchRowsMax * 2);
    const services = new Uint32Array(batchRowsMax);
    const versions = new Uint32Array(batchRowsMax);
    const previous = new Uint32Array(batchRowsMax);
    let rows = 0;
    let slot = from;
    for (let examined = 0; examined < batchRowsMax; examined++) {
      const next = this.#timeline.next(slot) as number;
      const time = this.#timeline.timeOf(next);
      if (time * 1000 >= end) break;
      slot = next + 1;
      const deploy = this.#deploy(this.#timeline.seriesOf(next), time);
      if (deploy === null) continue;
      writeMicros(words, rows, time * 1000);
      services[rows] = deploy.service;
      versions[rows] = this.#versions.intern(deploy.version);
      previous[rows] = this.#versions.intern(deploy.previous);
      rows++;
    }
    const columns = gather(this.#context.needed, {
      ts: () => timestamps(words, rows),
      service: () => strings(services, rows, this.#services),
      version: () => strings(versions, rows, this.#versions),
      previous_version: () => strings(previous, rows, this.#versions),
    });
    return { rows, columns, next: slot };
  }

  #deploy(series: number, time: number): Deploy | null {
    const { releases, calendar } = this.#context;
    if (series === 0) {
      const service = releases.serviceOf(Math.round(time / releases.everyMs));
      // While a bad release is being looked at, nothing else is released.
      if (this.#regressions.some((i) => calendar.at(i, time - 1)?.target === service)) return null;
      const count = releases.releasesAt(service, time);
      return { service, version: releases.version(count, false), previous: releases.version(count - 1, false) };
    }
    const index = this.#regressions[(series - 1) >> 1] as number;
    const begins = series % 2 === 1;
    const { target: service, begin } = calendar.at(index, begins ? time : time - 1) as Occurrence;
    const before = releases.version(releases.releasesAt(service, begin), false);
    const bad = releases.version(releases.releasesAt(service, begin), true);
    if (begins) return { service, version: bad, previous: before };
    return { service, version: releases.version(releases.releasesAt(service, time), false), previous: bad };
  }
}
