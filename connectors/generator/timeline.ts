/** A kind of event that happens at times found by arithmetic. */
export interface EventSeries {
  /** The first event at or after a time (milliseconds since 1970), or null when none follows. */
  next(time: number): number | null;
}

const seriesMax = 256;

/** Events of several series in order of time. A slot is `time * 256 + series`, so that any event can be found from its number. */
export class Timeline {
  readonly #series: readonly EventSeries[];

  constructor(series: readonly EventSeries[]) {
    if (series.length > seriesMax) throw new RangeError(`a timeline holds at most ${seriesMax} series`);
    this.#series = series;
  }

  /** Milliseconds since 1970 of a slot. */
  timeOf(slot: number): number {
    return Math.floor(slot / seriesMax);
  }

  seriesOf(slot: number): number {
    return slot % seriesMax;
  }

  firstFrom(time: number): number {
    return Math.max(0, time) * seriesMax;
  }

  /** Slot of the first event at or after a slot, or null. */
  next(slot: number): number | null {
    const time = this.timeOf(slot);
    const after = this.seriesOf(slot);
    let found = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#series.length; i++) {
      const at = (this.#series[i] as EventSeries).next(i < after ? time + 1 : time);
      if (at !== null) found = Math.min(found, at * seriesMax + i);
    }
    return found === Number.POSITIVE_INFINITY ? null : found;
  }
}
