import type { LaneHost, StartLanes } from '../lane-host.ts';
import type { LaneMessage, LaneSetup, LaneStatus, WireEpoch } from '../lane/protocol.ts';
import { EpochMerge } from '../merge-epochs.ts';
import { StoreError } from '../../store/store.ts';
import type { EngineEvent, ImageStatus } from '../runtime-status.ts';
import type { Timing } from '../time/timing.ts';
import type { LaneImages } from './lane-images.ts';
import type { LaneTransactions } from './lane-transactions.ts';

const retryMsMin = 200;
const retryMsMax = 5_000;
const lookMs = 50;

export interface LaneOwnerParts {
  readonly timing: Timing;
  /** By query, the stream that its rows go to. */
  readonly streams: ReadonlyMap<string, string>;
  readonly startLanes: StartLanes;
  /** Fences whoever had the lane before, and reads what was committed. */
  readonly open: (lane: number) => Promise<LaneTransactions>;
  /** Called after each commit. */
  readonly committed: (lane: number, transactions: LaneTransactions) => void;
  readonly setUp: (
    lane: number,
    transactions: LaneTransactions,
  ) => Promise<{ readonly setup: LaneSetup; readonly images: LaneImages | null }>;
  /** When (ms) the group last acknowledged that we are a member of it. */
  readonly acknowledgedAt: () => number;
  readonly tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly event: (event: EngineEvent) => void;
  readonly statusChanged: () => void;
  readonly fenced: () => void;
  /** Another try would not help. */
  readonly failed: (error: Error) => void;
}

/** One try to run a lane, from its opening until it has been let go. */
interface Run {
  readonly host: LaneHost;
  readonly transactions: LaneTransactions;
  readonly over: PromiseWithResolvers<void>;
  /** Null: none are taken. */
  readonly images: LaneImages | null;
  commits: Promise<void>;
}

/** Runs a lane in this process as long as the group gives it to us, anew after every fault. */
export class LaneOwner {
  readonly lane: number;
  readonly done: Promise<void>;
  status: LaneStatus | undefined;
  readonly #parts: LaneOwnerParts;
  #run: Run | null = null;
  #stopping = false;
  #dropped = false;
  #told = '';

  constructor(lane: number, parts: LaneOwnerParts) {
    this.lane = lane;
    this.#parts = parts;
    this.done = this.#live();
  }

  /** Of the memory of its queries; undefined while it has none. */
  get images(): ImageStatus | undefined {
    return this.#run?.images?.keeper.status();
  }

  /** Ends the epoch, commits it and lets the lane go. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.#run?.host.send({ type: 'stop' });
    return this.done;
  }

  /** Lets the lane go at once: it is no longer ours, or the process ends. */
  drop(): Promise<void> {
    this.#stopping = this.#dropped = true;
    this.#run?.over.reject(new Error('the lane is no longer ours'));
    return this.done;
  }

  async #live(): Promise<void> {
    let retryMs = retryMsMin;
    while (!this.#stopping) {
      const begun = this.#parts.timing.now();
      try {
        await this.#once();
        return;
      } catch (error) {
        if (this.#dropped) return;
        if (error instanceof StoreError) {
          this.#parts.failed(error);
          return;
        }
        this.#tellOf(error as Error);
        const failedAt = this.#parts.timing.now();
        retryMs = failedAt - begun > retryMsMax ? retryMsMin : Math.min(retryMsMax, retryMs * 2);
        // Two owners would otherwise fence each other in turns: only who still is a member after the fault may try again.
        while (!this.#stopping && (this.#parts.acknowledgedAt() <= failedAt || this.#parts.timing.now() < failedAt + retryMs)) {
          await new Promise<void>((resolve) => this.#parts.timing.after(lookMs, resolve));
        }
      }
    }
  }

  async #once(): Promise<void> {
    const transactions = await this.#parts.open(this.lane);
    let host: LaneHost | null = null;
    try {
      if (this.#stopping) return;
      const over = Promise.withResolvers<void>();
      const epochs = new EpochMerge(1, transactions.recovery.queries, this.#parts.streams);
      const listener = {
        message: (message: LaneMessage) => this.#receive(message, epochs),
        crashed: (reason: string) => over.reject(new Error(`lane ${this.lane} has crashed: ${reason}`)),
      };
      const { setup, images } = await this.#parts.setUp(this.lane, transactions);
      host = this.#parts.startLanes([setup], () => listener)[0] as LaneHost;
      this.#run = { host, transactions, over, images, commits: Promise.resolve() };
      if (this.#stopping) host.send({ type: 'stop' });
      await over.promise;
    } finally {
      const run = this.#run;
      this.#run = null;
      this.status = undefined;
      await host?.close();
      await run?.images?.close();
      await run?.commits.catch(() => undefined);
      transactions.close();
    }
  }

  #receive(message: LaneMessage, epochs: EpochMerge): void {
    const run = this.#run;
    if (run === null) return;
    switch (message.type) {
      case 'status':
        this.status = message.status;
        this.#parts.statusChanged();
        return;
      case 'event':
        this.#parts.event(message.event);
        return;
      case 'epoch':
        this.#commit(run, message.epoch, epochs);
        return;
      case 'image':
        void run.images?.keep(message.image, run.host);
        return;
      case 'stopped':
        run.over.resolve();
        return;
      case 'failed':
        run.over.reject(Object.assign(new Error(message.error.message), { hint: message.error.hint }));
        return;
      case 'opened':
        this.#told = '';
        // It is let go already: others may run it by the time that this is read.
        if (this.#stopping) return;
        this.#parts.tell({
          level: 'info',
          kind: 'lane',
          subject: null,
          text: `runs lane ${this.lane}, from epoch ${run.transactions.epoch + 1} on`,
        });
        return;
      case 'first_event':
      case 'ended':
    }
  }

  #commit(run: Run, part: WireEpoch, epochs: EpochMerge): void {
    const epoch = epochs.add(part);
    if (epoch === null) return;
    run.commits = run.commits
      .then(() =>
        run.images === null ? run.transactions.commit(epoch) : run.images.commit(epoch, (whole) => run.transactions.commit(whole)),
      )
      .then(() => this.#parts.committed(this.lane, run.transactions))
      .then(() => run.host.send({ type: 'committed', epoch: epoch.epoch, queries: epoch.queries }));
    run.commits.catch((error: unknown) => run.over.reject(error));
  }

  #tellOf(error: Error): void {
    const fenced = /fenced/i.test(error.name);
    if (fenced) this.#parts.fenced();
    const text = fenced
      ? `lane ${this.lane} was taken over by another process; what was not committed here is done there`
      : `lane ${this.lane} begins again from its last commit: ${error.message}`;
    if (text !== this.#told) this.#parts.tell({ level: fenced ? 'info' : 'warning', kind: 'lane', subject: null, text });
    this.#told = text;
  }
}
