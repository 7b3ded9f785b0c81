import type { Batch } from '../../../connectors/batch.ts';
import type { EpochCommit } from '../../store/store.ts';
import type { EngineEvent } from '../runtime-status.ts';
import { Wake } from '../time/timing.ts';
import { Apart } from './apart.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { Epoch } from './epoch.ts';
import type { Link } from '../exchange/link.ts';
import { isPassing } from '../exchange/pass-program.ts';
import { Mesh } from '../exchange/mesh.ts';
import { GroupEpochs } from './group-epochs.ts';
import { Intake } from './intake.ts';
import { ImageTaker } from './image-taker.ts';
import { InFlight } from './in-flight.ts';
import { LaneGate } from './lane-gate.ts';
import type { LaneParts } from './lane-parts.ts';
import { LaneTables } from './lane-tables.ts';
import { ReplayStopped, replayLane } from './lane-replay.ts';
import { laneStatus } from './lane-status.ts';
import type { LaneCommand, LaneMessage, LaneSetup, LaneStatus } from './protocol.ts';
import { nextLook } from './next-look.ts';
import { makeSources, openGraph } from './open-graph.ts';
import { openLater, openSources } from './opening.ts';
import type { QueryGraph } from './query-graph.ts';
import type { QueryNode } from './query-node.ts';
import { Rivals } from './rivals.ts';
import { RowReports } from './row-reports.ts';
import type { SourceRunner } from './source-runner.ts';
import { wireError } from './wire-error.ts';
import { Standstill } from './standstill.ts';

const statusEveryMs = 250;
/** A lane looks at its messages at least this often (ms) while it has work. */
const breatheEveryMs = 5;

/** Runs sources and the queries that read them on one thread: poll, filter, push, advance, commit. */
export class Lane {
  readonly #setup: LaneSetup;
  readonly #parts: LaneParts;
  readonly #send: (message: LaneMessage) => void;
  readonly #wake: Wake;
  readonly #arrival: ArrivalClock;
  #sources: readonly SourceRunner[] = [];
  #intakes: readonly Intake[] = [];
  #graph!: QueryGraph;
  #tables!: LaneTables;
  #rivals = new Rivals([], []);
  #phase: LaneStatus['phase'] = 'starting';
  #stopping = false;
  #aborted = false;
  #endedSent = false;
  #epoch: Epoch;
  #epochNumber: number;
  readonly #inFlight = new InFlight();
  readonly #reports: RowReports;
  readonly #standstill: Standstill;
  #statusAt = 0;
  #images: ImageTaker | null = null;
  readonly #mesh: Mesh | null;
  #group: GroupEpochs | null = null;
  readonly #apart: Apart | null;
  #waitsForLanes = false;
  #breathedAt = 0;

  /** `links`: to the lanes of its group, null for itself. */
  constructor(setup: LaneSetup, parts: LaneParts, send: (message: LaneMessage) => void, links: readonly (Link | null)[] = []) {
    this.#setup = setup;
    this.#parts = parts;
    this.#send = send;
    this.#wake = new Wake(parts.timing);
    this.#arrival = ArrivalClock.resume(setup);
    this.#epoch = new Epoch(parts.timing.now());
    this.#epochNumber = setup.firstEpoch;
    const host = { wake: () => this.#wake.signal(), failed: (query: string, message: string) => this.#graph.failQuery(query, message) };
    this.#mesh = setup.group === null ? null : new Mesh(setup.group.index, links, setup.group.edges, host);
    this.#reports = new RowReports(parts.timing, (event) => this.#tell(event));
    this.#apart = setup.apart === undefined ? null : new Apart(setup.apart);
    this.#standstill = new Standstill(setup.lane, (event) => this.#tell(event));
  }

  receive(command: LaneCommand): void {
    if (command.type === 'stop') this.#stopping = true;
    else if (command.type === 'abort') this.#stopping = this.#aborted = true;
    else if (command.type === 'fail_query') this.#graph.failQuery(command.query, command.error);
    else if (command.type === 'anchor') {
      for (const source of this.#sources) if (source.name === command.source) source.anchor(command.eventMs, command.wallMs);
    } else if (command.type === 'image_done') this.#images?.done(command.component, command.ms, this.#parts.timing.now());
    else this.#committed(command.epoch, command.queries);
    this.#wake.signal();
  }

  /** Until told to stop; failures of the lane itself are sent, not thrown. */
  async run(): Promise<void> {
    try {
      await this.#open();
      await this.#replay();
      this.#phase = 'running';
      this.#epoch = new Epoch(this.#parts.timing.now());
      this.#images = new ImageTaker(this.#setup, this.#graph.nodes, this.#sources, this.#parts, this.#send);
      while (!this.#stopping) await this.#turn();
      await this.#finish();
      this.#send({ type: 'stopped' });
    } catch (error) {
      this.#send(error instanceof ReplayStopped ? { type: 'stopped' } : { type: 'failed', error: wireError(error) });
    } finally {
      this.#mesh?.close();
      await Promise.allSettled(this.#sources.map((source) => source.close()));
    }
  }

  async #open(): Promise<void> {
    const wake = () => this.#wake.signal();
    const tell = (source: string, eventMs: number | null) => this.#send({ type: 'first_event', source, eventMs });
    this.#sources = makeSources(this.#setup, this.#apart?.parts(this.#parts) ?? this.#parts, wake, tell, this.#arrival);
    this.#tables = new LaneTables(this.#setup, this.#parts, (event) => this.#tell(event), wake);
    this.#graph = await openGraph(this.#setup, this.#parts, this.#sources, this.#mesh, {
      output: (node, batch) => this.#output(node, batch),
      failed: (query, error) => {
        this.#mesh?.fail(query, error);
        this.#tell({ level: 'error', kind: 'query_failed', subject: query, text: `${query} has stopped: ${error}` });
      },
      ended: () => {
        this.#epoch.touched = true;
      },
    });
    this.#group = this.#mesh === null ? null : new GroupEpochs(this.#mesh, this.#graph);
    this.#apart?.attach(this.#sources, this.#graph.nodes);
    this.#intakes = this.#sources.map((source) => new Intake(source, this.#graph, this.#arrival));
    this.#rivals = new Rivals(this.#sources, this.#graph.nodes, this.#mesh?.sources);
    const unopened = await openSources(this.#sources);
    this.#send({ type: 'opened' });
    const { timing } = this.#parts;
    await openLater(unopened, { timing, wake: this.#wake, stopping: () => this.#stopping, look: (now) => this.#sendStatus(now) });
  }

  async #replay(): Promise<void> {
    this.#phase = 'replaying';
    for (const node of this.#graph.nodes) node.resume();
    await this.#tables.load(this.#graph);
    const gate = this.#mesh === null || this.#group === null ? null : new LaneGate(this.#mesh, this.#group, this.#wake);
    if (this.#setup.replays) {
      this.#sendStatus(this.#parts.timing.now());
      await replayLane(this.#intakes, this.#graph, this.#parts.timing, () => this.#stopping, gate, this.#tell);
    }
    for (const node of this.#graph.nodes) node.forgetReplay();
  }

  #output(node: QueryNode, batch: Batch): void {
    if (this.#phase === 'replaying') return;
    if (!this.#apart?.sends(node)) node.countOut(batch.rows);
    this.#epoch.append(node.name, batch, !isPassing(node.program)); // What only passes is still the reader's.
  }

  async #turn(): Promise<void> {
    const now = this.#parts.timing.now();
    let worked = this.#mesh?.pump(() => this.#graph.advance()) ?? false;
    const due = this.#endIfDue(now);
    const blocked = due && this.#inFlight.full;
    this.#standstill.look(blocked, now);
    this.#followGroup(now);
    const held = blocked || this.#group?.ending || this.#mesh?.full;
    if (!held) {
      this.#arrival.tick(now);
      this.#tables.refresh(this.#graph, now);
      for (const source of this.#sources) {
        source.pump(now);
        source.findIdle(now);
      }
      worked = this.#takeDue(now) || worked;
    }
    if (now >= this.#statusAt) this.#sendStatus(now);
    this.#mesh?.flush(!worked);
    if (!worked && !this.#mesh?.waiting) {
      this.#endWhenExhausted(now);
      const most = held || this.#waitsForLanes ? null : Math.min(this.#statusAt, this.#tables.nextAt());
      const until = most === null ? this.#statusAt : nextLook(most, this.#epoch, this.#inFlight.full, this.#sources, now);
      await this.#wake.sleep(Math.max(0, until - now));
    }
    if (performance.now() - this.#breathedAt > breatheEveryMs) {
      await this.#parts.timing.breathe();
      this.#breathedAt = performance.now();
    }
  }

  /** Idle sources go on with those of other lanes; not while an epoch ends, whose rows are settled. */
  #followGroup(now: number): void {
    if (this.#apart?.follow(now, this.#graph)) this.#epoch.touched = true;
    if (this.#mesh === null || this.#group?.ending) return;
    for (const source of this.#sources) source.follow(this.#mesh.sources, this.#rivals.of(source), now);
    this.#graph.advance();
  }

  /** Ends the epoch when it is time; true when it was. In a group it ends in all lanes, over several turns. */
  #endIfDue(now: number): boolean {
    const group = this.#group;
    const due = this.#epoch.isDue(now) || (group?.isDue(this.#epochNumber, this.#state(now)) ?? false);
    if (group?.ending) {
      if (group.align()) this.#handOver(now);
      return false;
    }
    if (!due || this.#inFlight.full) return due;
    if (group === null) this.#endEpoch(now);
    else group.begin(this.#epochNumber, this.#state(now));
    if (group?.align()) this.#handOver(now);
    return true;
  }

  #state(now: number) {
    return { exhausted: this.#sources.every((source) => source.exhausted && !source.ready(now)), stopping: this.#stopping };
  }

  #handOver(now: number): void {
    this.#endEpoch(now);
    this.#group?.release();
  }

  /** One batch of every source that has rows due. */
  #takeDue(now: number): boolean {
    const ready = new Set(this.#sources.filter((source) => source.ready(now)));
    let worked = false;
    for (const intake of this.#intakes) {
      const { source } = intake;
      if (!ready.has(source) || this.#rivals.mustWait(source, ready)) continue;
      worked = true;
      const taken = source.take(now);
      if (taken === null) continue;
      if ('ended' in taken) {
        source.progress.update();
        this.#epoch.touched = true;
        if (source.progress.ended) this.#reports.ended(source);
      } else {
        this.#reports.report(source, intake.take(taken, this.#epoch, now), taken.rejected);
        taken.release?.();
      }
    }
    for (const source of this.#sources) {
      source.progress.update();
      this.#reports.failed(source);
    }
    this.#graph.advance();
    this.#waitsForLanes = ready.size > 0 && !worked;
    return worked;
  }

  #endEpoch(now: number): void {
    const epoch = this.#epochNumber++;
    const commit = this.#epoch.finish(this.#setup.lane, epoch, this.#sources, this.#graph.nodes, this.#apart);
    this.#inFlight.add(commit, this.#epoch.bytes);
    this.#epoch = new Epoch(now);
    this.#send({ type: 'epoch', epoch: commit });
    if (!this.#stopping) this.#images?.epochEnded(now);
  }

  #committed(epoch: number, queries: EpochCommit['queries']): void {
    for (const [source, positions] of this.#inFlight.committed(epoch, queries, this.#sources)) void source.acknowledge(positions);
  }

  #endWhenExhausted(now: number): void {
    if (this.#endedSent || !(this.#mesh?.epochs.exhausted ?? this.#sources.every((source) => source.exhausted))) return;
    if (this.#mesh === null && this.#epoch.touched && !this.#inFlight.full) this.#endEpoch(now);
    if ((this.#mesh === null && this.#epoch.touched) || !this.#inFlight.empty) return;
    this.#endedSent = true;
    this.#sendStatus(now);
    this.#send({ type: 'ended', failed: this.#sources.filter((source) => source.error !== null).map((source) => source.name) });
  }

  async #finish(): Promise<void> {
    while (this.#inFlight.full && !this.#aborted) await this.#wake.sleep(statusEveryMs);
    if (this.#mesh !== null) await this.#finishTogether(this.#mesh);
    else if (this.#epoch.touched && !this.#aborted) this.#endEpoch(this.#parts.timing.now());
    while (!this.#inFlight.empty && !this.#aborted) await this.#wake.sleep(statusEveryMs);
    this.#phase = 'stopped';
    this.#sendStatus(this.#parts.timing.now());
  }

  /** Until an epoch has ended that all lanes of the group wanted to be the last. */
  async #finishTogether(mesh: Mesh): Promise<void> {
    while (!mesh.epochs.stopping && !mesh.epochs.left && !this.#aborted) {
      const now = this.#parts.timing.now();
      mesh.pump(() => this.#graph.advance());
      if (this.#group?.ending) {
        if (this.#group.align()) this.#handOver(now);
      } else if (!this.#inFlight.full) this.#group?.begin(this.#epochNumber, this.#state(now));
      mesh.flush(true);
      if (!mesh.waiting && (this.#inFlight.full || this.#group?.ending)) await this.#wake.sleep(statusEveryMs);
    }
  }

  readonly #tell = (event: Omit<EngineEvent, 'at'>): void => {
    this.#send({ type: 'event', event: { at: this.#parts.timing.now(), ...event } });
  };

  #sendStatus(now: number): void {
    this.#statusAt = now + statusEveryMs;
    const status = laneStatus(this.#graph.nodes, this.#sources, this.#phase, this.#setup.speed, now);
    this.#send({ type: 'status', status: { ...status, sources: { ...status.sources, ...this.#tables.statuses() } } });
  }
}
