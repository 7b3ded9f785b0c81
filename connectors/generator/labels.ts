import { batchRowsMax } from '../batch.ts';
import { StringDictionary } from '../string-dictionary.ts';
import { dictionaryOf, strings, timestamps, writeMicros } from './columns.ts';
import { describeFault } from './describe-fault.ts';
import type { Occurrence } from './fault-calendar.ts';
import { faultKinds, faultTraits } from './fault-schedule.ts';
import { type Filled, gather, type RowStream, type StreamContext } from './stream.ts';
import { Timeline } from './timeline.ts';

/** What is true about the other streams of the seed: a row per fault, when it begins. */
export class LabelStream implements RowStream {
  readonly #context: StreamContext;
  readonly #timeline: Timeline;
  readonly #faults = dictionaryOf(faultKinds);
  readonly #severities = dictionaryOf([]);
  readonly #targets: StringDictionary;
  #descriptions = new StringDictionary();

  constructor(context: StreamContext) {
    const { calendar, fleet } = context;
    this.#context = context;
    this.#timeline = new Timeline(calendar.faults.map((_, i) => ({ next: (time) => calendar.next(i, time, 'begin')?.begin ?? null })));
    this.#targets = dictionaryOf([...fleet.services.map((service) => service.name), ...fleet.hosts]);
  }

  timeOf(slot: number): number {
    const next = this.#timeline.next(slot);
    return next === null ? Number.POSITIVE_INFINITY : this.#timeline.timeOf(next) * 1000;
  }

  firstFrom(micros: number): number {
    return this.#timeline.firstFrom(Math.ceil(micros / 1000));
  }

  fill(from: number, end: number): Filled {
    const begins = new Uint32Array(batchRowsMax * 2);
    const untils = new Uint32Array(batchRowsMax * 2);
    const codes = Array.from({ length: 4 }, () => new Uint32Array(batchRowsMax)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
    const [faults, targets, severities, descriptions] = codes;
    if (this.#descriptions.full) this.#descriptions = new StringDictionary();
    let rows = 0;
    let slot = from;
    while (rows < batchRowsMax) {
      const next = this.#timeline.next(slot);
      if (next === null || this.#timeline.timeOf(next) * 1000 >= end) break;
      slot = next + 1;
      const index = this.#timeline.seriesOf(next);
      const occurrence = this.#context.calendar.at(index, this.#timeline.timeOf(next)) as Occurrence;
      const { kind } = occurrence.fault;
      const traits = faultTraits[kind];
      writeMicros(begins, rows, occurrence.begin * 1000);
      writeMicros(untils, rows, occurrence.until * 1000);
      faults[rows] = faultKinds.indexOf(kind);
      targets[rows] = traits.target === 'host' ? this.#context.fleet.services.length + occurrence.target : occurrence.target;
      severities[rows] = this.#severities.intern(traits.severity);
      descriptions[rows] = this.#descriptions.intern(describeFault(occurrence, this.#context.fleet));
      rows++;
    }
    const columns = gather(this.#context.needed, {
      ts: () => timestamps(begins, rows),
      until: () => timestamps(untils, rows),
      fault: () => strings(faults, rows, this.#faults),
      target: () => strings(targets, rows, this.#targets),
      severity: () => strings(severities, rows, this.#severities),
      description: () => strings(descriptions, rows, this.#descriptions),
    });
    return { rows, columns, next: slot };
  }
}
