import type { Connector, Polled, Position, SourceReader, Waiting } from '../../../connectors/connector.ts';
import { sliceBatch } from '../batch/slice-batch.ts';
import type { GroupSources } from '../exchange/group-sources.ts';
import { latest } from '../time/extremes.ts';
import type { Timing } from '../time/timing.ts';
import { openContext } from './open-context.ts';
import { mostMet, Opening } from './opening.ts';
import { Pacer } from './pacer.ts';
import type { PartitionProgress } from './partition-progress.ts';
import type { ReplayStretch, SourceCounters, SourceSetup } from './protocol.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import { ArrivalInput } from './arrival-input.ts';
import type { Upstream } from './query-node.ts';
import { type Pending, ReadAhead } from './read-ahead.ts';
import type { Slice } from './slice.ts';
import { SourceProgress } from './source-progress.ts';

/** Paced rows are let out at most this often (ms), so that batches do not become rows. */
const paceTickMs = 20;

/** Without a row to take for so long (ms) it is not waited for by other lanes that are ahead. */
const quietAfterMs = 200;

/** Reads one source ahead, and gives out its rows when they are due. */
export class SourceRunner implements Upstream {
  readonly setup: SourceSetup;
  readonly name: string;
  readonly progress: SourceProgress;
  readonly connector: Connector;
  readonly counters: SourceCounters;
  /** Set while rows are read again: how far they have come. */
  replayWatermark: bigint | null | undefined = undefined;
  /** The same in times of arrival. */
  replayArrival: bigint | undefined = undefined;
  readonly byArrival: Upstream;
  readonly #timing: Timing;
  readonly #wake: () => void;
  readonly #pacer: Pacer | null;
  readonly #onFirstEvent: (eventMs: number | null) => void;
  #reader: SourceReader | null = null;
  #ahead: ReadAhead | null = null;
  #paceOffsetMs: number | null = null;
  #firstEvent: 'unknown' | 'none' | 'told' = 'unknown';
  #nextRelease = 0;
  #followed: bigint | null = null;
  readonly #opening = new Opening();
  /** When it last had rows to take (ms). */
  #readyAt: number;

  /** `onFirstEvent`: first event time (ms) of a paced source; null when it has no rows yet. */
  constructor(
    setup: SourceSetup,
    connector: Connector,
    timing: Timing,
    speed: number,
    wake: () => void,
    onFirstEvent: (eventMs: number | null) => void,
    clock: ArrivalClock,
  ) {
    this.setup = setup;
    this.byArrival = new ArrivalInput(this, clock);
    this.name = setup.definition.name;
    this.#readyAt = timing.now();
    this.connector = connector;
    this.counters = { ...setup.counters };
    this.progress = new SourceProgress(setup.definition, setup.follows);
    this.#timing = timing;
    this.#wake = wake;
    this.#onFirstEvent = onFirstEvent;
    const { eventTime, needed } = openContext(setup, new Map(), timing);
    const { unit } = this.progress;
    this.#pacer = setup.paced && unit !== null && eventTime !== null ? new Pacer(needed.indexOf(eventTime), unit, speed) : null;
  }

  get paced(): boolean {
    return this.#pacer !== null;
  }

  get error(): string | null {
    return this.#ahead?.error ?? null;
  }

  /** What it waits for, besides rows; null: nothing. */
  get waiting(): Waiting | null {
    return this.#opening.waiting ?? (this.error === null ? (this.#reader?.waiting?.() ?? null) : null);
  }

  /** Fields that its records have and its table has not, most often met first. */
  get unknownFields(): readonly (readonly [string | null, number])[] {
    return mostMet(this.#reader?.unknownFields?.());
  }

  /** False: what it needs is not there at the moment, and another try may help. Throws what a connector throws. */
  tryOpen(): Promise<boolean> {
    return this.#opening.attempt(() => this.open(), this.#timing.now());
  }

  async open(): Promise<void> {
    const { resume, liveOffsetMs, share } = this.setup;
    const positions = new Map(resume.map((each) => [each.partition, each.point.position]));
    if (share?.count === 0 && share.index !== 0) return this.#hasNoPartition();
    const own = share === null || share.count === 0 ? this.setup.own : share;
    const owns = own === undefined ? undefined : (_name: string, index: number) => index % own.count === own.index;
    const reader = await this.connector.open(openContext(this.setup, positions, this.#timing, owns));
    this.#reader = reader;
    const now = this.#timing.now();
    for (const name of reader.partitions) {
      const partition = this.progress.addPartition(name, now);
      const known = resume.find((each) => each.partition === name);
      if (known !== undefined) partition.restore(known);
    }
    this.progress.update();
    const skips = new Map(resume.map((each) => [each.partition, each.point.skip]));
    this.#ahead = new ReadAhead(reader, this.progress, this.paced, skips, this.#timing, {
      wake: this.#wake,
      batch: (pending) => this.#tellOfBatch(pending),
      nothing: () => this.#tellFirstEvent(null),
    });
    if (reader.partitions.length === 0) this.#hasNoPartition();
    if (liveOffsetMs === null || this.#pacer === null) return;
    this.#tellFirstEvent(null);
    this.#firstEvent = 'told';
    this.anchor(0, liveOffsetMs);
  }

  /** Other lanes read all there is: nobody shall wait for this one. */
  #hasNoPartition(): void {
    this.progress.update();
    this.#tellFirstEvent(null);
  }

  /** What of its own partitions is to be read again. */
  get replay(): readonly ReplayStretch[] {
    return this.setup.replay.filter(({ partition }) => this.progress.partitions.has(partition));
  }

  get outputWatermark(): bigint | null {
    if (this.replayWatermark !== undefined) return this.replayWatermark;
    const { watermark, idle } = this.progress;
    return idle && this.#shared ? latest([watermark, this.#followed]) : watermark;
  }

  /** Shared with other lanes it holds nobody back: it goes on with them. */
  get idle(): boolean {
    return this.replayWatermark === undefined && !this.#shared && this.progress.idle;
  }

  get #shared(): boolean {
    return this.setup.share !== null || this.setup.follows === true;
  }

  lastEventTime(): bigint | null {
    return this.progress.maxEventTime();
  }

  anchor(eventMs: number, wallMs: number): void {
    this.#pacer?.anchor(eventMs, wallMs);
    this.#paceOffsetMs = wallMs - eventMs;
  }

  /** Clock minus event time (ms) at speed 1; null while the source has no pace. */
  get paceOffsetMs(): number | null {
    return this.#paceOffsetMs;
  }

  #tellOfBatch({ polled, offset }: Pending & { readonly polled: Polled }): void {
    if (this.#pacer === null || this.#firstEvent === 'told') return;
    const first = this.#pacer.firstEventMs(polled.batch, offset);
    if (first !== null) this.#tellFirstEvent(first);
  }

  #tellFirstEvent(eventMs: number | null): void {
    if (this.#pacer === null || this.#firstEvent === 'told' || (eventMs === null && this.#firstEvent === 'none')) return;
    this.#firstEvent = eventMs === null ? 'none' : 'told';
    this.#onFirstEvent(eventMs);
  }

  /** Asks the reader for more when there is room. */
  pump(now: number): void {
    this.#ahead?.pump(now);
  }

  ready(now: number): boolean {
    return this.#next(now) !== undefined;
  }

  /** Next rows that are due, a partition's end, or null when there is nothing now. */
  take(now: number): Slice | { readonly ended: PartitionProgress } | null {
    const item = this.#next(now);
    const ahead = this.#ahead;
    if (item === undefined || ahead === null) return null;
    const { partition, polled, offset } = item;
    const remove = () => ahead.pending.splice(ahead.pending.indexOf(item), 1);
    if (polled === null) {
      remove();
      partition.ended = true;
      partition.touched = true;
      return { ended: partition };
    }
    const end = this.#pacer === null ? polled.batch.rows : this.#pacer.dueEnd(polled.batch, offset, now);
    partition.position = polled.from;
    partition.skip = offset;
    const batch = sliceBatch(polled.batch, offset, end);
    if (end < polled.batch.rows) {
      item.offset = end;
      return { partition, batch, rejected: [], position: polled.from, skip: end };
    }
    remove();
    return {
      partition,
      batch,
      rejected: polled.rejected,
      position: polled.to,
      skip: item.rest,
      reached: polled.reached,
      newest: polled.newest,
      release: polled.release,
    };
  }

  #next(now: number): Pending | undefined {
    return this.#pacer === null ? this.#ahead?.pending[0] : this.#firstDue(this.#pacer, now);
  }

  /** Of each partition's first batch, the one that is due first. */
  #firstDue(pacer: Pacer, now: number): Pending | undefined {
    if (!pacer.anchored || now < this.#nextRelease) return undefined;
    let best: Pending | undefined;
    let bestAt = Number.POSITIVE_INFINITY;
    const seen = new Set<PartitionProgress>();
    for (const item of this.#ahead?.pending ?? []) {
      const { partition, polled, offset } = item;
      if (seen.has(partition)) continue;
      seen.add(partition);
      if (polled === null || offset >= polled.batch.rows) return item;
      const at = pacer.dueAt(polled.batch, offset) as number;
      if (at > now || at >= bestAt) continue;
      best = item;
      bestAt = at;
    }
    if (best === undefined) this.#nextRelease = now + paceTickMs;
    return best;
  }

  /** When the lane should look again (ms): when rows are due or the reader may have more. */
  nextAt(now: number): number {
    if (this.#ahead === null || this.error !== null) return Number.POSITIVE_INFINITY;
    const poll = this.#ahead.nextPollAt();
    if (this.#ahead.pending.length === 0) return poll;
    if (this.#pacer === null) return now;
    return this.#pacer.anchored ? Math.min(poll, Math.max(this.#nextRelease, this.#earliestDue())) : poll;
  }

  #earliestDue(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { polled, offset } of this.#ahead?.pending ?? []) {
      if (polled === null || offset >= polled.batch.rows) return Number.NEGATIVE_INFINITY;
      earliest = Math.min(earliest, this.#pacer?.dueAt(polled.batch, offset) ?? earliest);
    }
    return earliest;
  }

  /** How long the oldest row that is due has been waiting (ms): the engine's own share of the lag. */
  overdueMs(now: number): number {
    if (this.#pacer === null || !this.#pacer.anchored) return 0;
    const due = this.#earliestDue();
    return Number.isFinite(due) ? Math.max(0, now - due) : 0;
  }

  findIdle(now: number): void {
    const waits = this.setup.follows === true && this.waiting !== null;
    this.progress.findIdle(now, (partition) => !waits && (this.#ahead?.isQuiet(partition) ?? false));
  }

  /** Tells the other lanes of the group how far it is, and goes on with them while its own partitions are idle. */
  follow(group: GroupSources, together: readonly string[], now: number): void {
    if (!this.#shared) return;
    const { watermark, idle } = this.progress;
    if (this.ready(now)) this.#readyAt = now;
    group.report({ source: this.name, watermark, idle, quiet: now - this.#readyAt >= quietAfterMs });
    this.#followed = group.followed(this.name, together);
  }

  /** It brings no more rows, because it has ended or failed. */
  get exhausted(): boolean {
    return this.progress.ended || this.error !== null;
  }

  async acknowledge(positions: ReadonlyMap<string, Position>): Promise<void> {
    if (positions.size === 0) return;
    await this.#reader?.acknowledge(positions).catch((reason: unknown) => this.#ahead?.fail(reason));
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.close();
  }
}
