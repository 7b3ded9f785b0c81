import type { RowWindow } from './row-window.ts';

/** Thresholds at which precision and recall are measured, spread evenly over the ranks of the scores. */
const thresholdCount = 250;

/**
 * VUS-PR: the volume under the surface of precision over recall over the length of a buffer around each labelled event (Paparrizos
 * et al., "Volume Under the Surface", VLDB 2022, in the form of the TSB-AD benchmark). A buffer of length w widens each event by w / 2
 * rows on either side, in which a label falls from 1 as sqrt(1 - distance / w); recall also asks for an alarm in every widened event.
 * The answer is the mean, over w = 0 .. `bufferRowsMax`, of the average precision.
 *
 * `scores` and `labels` (0 or 1) by row. NaN scores count as 0, as the lowest score of a detector is. Null where no row is labelled.
 */
export function volumeUnderSurface(scores: Float64Array, labels: Uint8Array, bufferRowsMax: number): number | null {
  const events = labelledEvents(labels);
  if (events.length === 0) return null;
  const thresholds = rankThresholds(scores);
  const firstTaken = new Uint16Array(scores.length);
  const taken = new Float64Array(thresholds.length);
  const hitInEvents = new Float64Array(thresholds.length);
  let labelled = 0;
  for (let row = 0; row < scores.length; row++) {
    const at = firstAtMost(thresholds, clean(scores[row] as number));
    firstTaken[row] = at;
    taken[at] = (taken[at] as number) + 1;
    if (labels[row] === 0) continue;
    labelled++;
    hitInEvents[at] = (hitInEvents[at] as number) + 1;
  }
  accumulate(taken);
  accumulate(hitInEvents);
  const surface = new Surface(events, labels, firstTaken, thresholds.length);
  let volume = 0;
  for (let buffer = 0; buffer <= bufferRowsMax; buffer++) {
    surface.widen(buffer);
    let before = 0;
    for (let at = 0; at < thresholds.length; at++) {
      const hit = (hitInEvents[at] as number) + (surface.hitInBuffers[at] as number);
      const recall = Math.min(hit / (labelled + (surface.hitInBuffers[at] as number) / 2), 1) * (surface.eventsHit[at] as number);
      volume += (recall - before) * (hit / (taken[at] as number));
      before = recall;
    }
  }
  return volume / (bufferRowsMax + 1);
}

/** What of the events, widened by one length of buffer, each threshold hits. */
class Surface {
  /** By threshold: the sum of labels in buffers that are hit. */
  readonly hitInBuffers: Float64Array;
  /** By threshold: the share of widened events (those that touch are one) with a hit in them. */
  readonly eventsHit: Float64Array;
  readonly #events: readonly RowWindow[];
  readonly #labels: Uint8Array;
  readonly #firstTaken: Uint16Array;
  /** By event: the first threshold that hits it, widened by `#half` rows. */
  readonly #firstHit: Uint16Array;
  #half = 0;
  readonly #label: Float64Array;

  constructor(events: readonly RowWindow[], labels: Uint8Array, firstTaken: Uint16Array, thresholds: number) {
    this.#events = events;
    this.#labels = labels;
    this.#firstTaken = firstTaken;
    this.hitInBuffers = new Float64Array(thresholds);
    this.eventsHit = new Float64Array(thresholds);
    this.#label = new Float64Array(labels.length);
    this.#firstHit = Uint16Array.from(events, ([first, last]) => firstTaken.subarray(first, last + 1).reduce((a, b) => Math.min(a, b)));
  }

  /** To be called with buffers that grow by one. */
  widen(buffer: number): void {
    const half = Math.floor(buffer / 2);
    this.#hitBuffers(buffer, half);
    if (half > this.#half) {
      this.#half = half;
      this.#events.forEach(([first, last], event) => {
        this.#meet(event, first - half);
        this.#meet(event, last + half);
      });
    }
    this.#hitEvents(half);
  }

  #meet(event: number, row: number): void {
    if (row < 0 || row >= this.#firstTaken.length) return;
    this.#firstHit[event] = Math.min(this.#firstHit[event] as number, this.#firstTaken[row] as number);
  }

  #hitBuffers(buffer: number, half: number): void {
    this.hitInBuffers.fill(0);
    const rows = this.#label.length;
    for (const [first, last] of this.#events) {
      for (let distance = 1; distance <= half; distance++) {
        const label = Math.sqrt(1 - distance / buffer);
        if (first - distance >= 0) this.#raise(first - distance, label);
        if (last + distance < rows) this.#raise(last + distance, label);
      }
    }
    for (const [first, last] of this.#events) this.#label.fill(0, Math.max(first - half, 0), Math.min(last + half + 1, rows));
    accumulate(this.hitInBuffers);
  }

  /** Buffers of two events may overlap: labels add up to 1 at most. Rows of events are counted apart. */
  #raise(row: number, by: number): void {
    if (this.#labels[row] !== 0) return;
    const before = this.#label[row] as number;
    const after = Math.min(before + by, 1);
    this.#label[row] = after;
    const at = this.#firstTaken[row] as number;
    this.hitInBuffers[at] = (this.hitInBuffers[at] as number) + after - before;
  }

  #hitEvents(half: number): void {
    const hit = this.eventsHit.fill(0);
    let joined = 0;
    let first = hit.length;
    this.#events.forEach(([, last], event) => {
      first = Math.min(first, this.#firstHit[event] as number);
      const next = this.#events[event + 1];
      if (next !== undefined && last + half >= next[0] - half) return;
      hit[first] = (hit[first] as number) + 1;
      joined++;
      first = hit.length;
    });
    accumulate(hit);
    for (let at = 0; at < hit.length; at++) hit[at] = (hit[at] as number) / joined;
  }
}

/** Stretches of rows with a label. */
export function labelledEvents(labels: Uint8Array): RowWindow[] {
  const events: RowWindow[] = [];
  let first = -1;
  for (let row = 0; row <= labels.length; row++) {
    const inside = row < labels.length && labels[row] !== 0;
    if (inside && first < 0) first = row;
    if (inside || first < 0) continue;
    events.push([first, row - 1]);
    first = -1;
  }
  return events;
}

function clean(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}

/** Falling. */
function rankThresholds(scores: Float64Array): Float64Array {
  const sorted = scores.map(clean).sort();
  const last = sorted.length - 1;
  const step = last / (thresholdCount - 1);
  return Float64Array.from({ length: thresholdCount }, (_, at) => {
    const rank = at === thresholdCount - 1 ? last : Math.floor(at * step);
    return sorted[last - rank] as number;
  });
}

/** Index of the first of falling thresholds that a score reaches; every score reaches the last. */
function firstAtMost(thresholds: Float64Array, score: number): number {
  let low = 0;
  let high = thresholds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (score >= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function accumulate(values: Float64Array): void {
  for (let at = 1; at < values.length; at++) values[at] = (values[at] as number) + (values[at - 1] as number);
}
