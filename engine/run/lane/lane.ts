import type { Batch } from '../../../connectors/batch.ts';
import { type Connector, ConnectorError } from '../../../connectors/connector.ts';
import type { QueryProgram } from '../../compile/program.ts';
import type { QueryInstance } from '../../compile/query-instance.ts';
import type { QueryDefinition } from '../../plan/catalog.ts';
import type { EngineEvent } from '../runtime-status.ts';
import { type Timing, Wake } from '../time/timing.ts';
import { Epoch, epochMsMax } from './epoch.ts';
import { batchColumns } from './ingest-time.ts';
import { Intake } from './intake.ts';
import { InFlight } from './in-flight.ts';
import { ReplayStopped, replayLane } from './lane-replay.ts';
import { queryStatus, sourceStatus } from './lane-status.ts';
import type { LaneCommand, LaneMessage, LaneSetup, LaneStatus } from './protocol.ts';
import { QueryGraph } from './query-graph.ts';
import { QueryNode } from './query-node.ts';
import { Rivals } from './rivals.ts';
import { RowReports } from './row-reports.ts';
import { SourceRunner } from './source-runner.ts';

/** What a lane is made of besides its setup. */
export interface LaneParts {
  readonly connector: (name: string) => Connector;
  readonly instantiate: (program: QueryProgram, definition: QueryDefinition) => Promise<QueryInstance>;
  readonly timing: Timing;
}

const statusEveryMs = 250;
/** A lane that could take no rows for this long (ms), because the store is behind, says so. */
const standstillMs = 10_000;
/** A lane looks at its messages at least this often (ms) while it has work. */
const breatheEveryMs = 5;

/** Runs sources and the queries that read them on one thread: poll, filter, push, advance, commit. */
export class Lane {
  readonly #setup: LaneSetup;
  readonly #parts: LaneParts;
  readonly #send: (message: LaneMessage) => void;
  readonly #wake: Wake;
  #sources: readonly SourceRunner[] = [];
  #intakes: readonly Intake[] = [];
  #graph!: QueryGraph;
  #rivals = new Rivals([], []);
  #phase: LaneStatus['phase'] = 'starting';
  #stopping = false;
  #aborted = false;
  #endedSent = false;
  #epoch: Epoch;
  #epochNumber: number;
  readonly #inFlight = new InFlight();
  readonly #reports: RowReports;
  #statusAt = 0;
  #blockedSince: number | null = null;
  #breathedAt = 0;

  constructor(setup: LaneSetup, parts: LaneParts, send: (message: LaneMessage) => void) {
    this.#setup = setup;
    this.#parts = parts;
    this.#send = send;
    this.#wake = new Wake(parts.timing);
    this.#epoch = new Epoch(parts.timing.now());
    this.#epochNumber = setup.firstEpoch;
    this.#reports = new RowReports(parts.timing, (event) => this.#tell(event));
  }

  receive(command: LaneCommand): void {
    if (command.type === 'stop') this.#stopping = true;
    else if (command.type === 'abort') this.#abort();
    else if (command.type === 'anchor') {
      for (const source of this.#sources) if (source.name === command.source) source.anchor(command.eventMs, command.wallMs);
    } else this.#committed(command.epoch);
    this.#wake.signal();
  }

  /** Until told to stop; failures of the lane itself are sent, not thrown. */
  async run(): Promise<void> {
    try {
      await this.#open();
      this.#send({ type: 'opened' });
      await this.#replay();
      this.#phase = 'running';
      this.#epoch = new Epoch(this.#parts.timing.now());
      while (!this.#stopping) await this.#turn();
      await this.#finish();
      this.#send({ type: 'stopped' });
    } catch (error) {
      if (error instanceof ReplayStopped) this.#send({ type: 'stopped' });
      else this.#send({ type: 'failed', error: wireError(error) });
    } finally {
      await Promise.allSettled(this.#sources.map((source) => source.close()));
    }
  }

  async #open(): Promise<void> {
    const { timing, connector, instantiate } = this.#parts;
    const wake = () => this.#wake.signal();
    this.#sources = this.#setup.sources.map((setup) => {
      const tell = (eventMs: number | null) => this.#send({ type: 'first_event', source: setup.definition.name, eventMs });
      return new SourceRunner(setup, connector(setup.definition.connector), timing, this.#setup.speed, wake, tell);
    });
    const nodes: QueryNode[] = [];
    const columnsOf = (table: string): readonly string[] => {
      const source = this.#setup.sources.find((each) => each.definition.name === table);
      if (source !== undefined) return batchColumns(source);
      return nodes.find((node) => node.name === table)?.setup.definition.schema.map((column) => column.name) ?? [];
    };
    for (const setup of this.#setup.queries)
      nodes.push(new QueryNode(setup, await instantiate(setup.program, setup.definition), columnsOf));
    this.#graph = new QueryGraph(nodes, this.#sources, {
      output: (node, batch) => this.#output(node, batch),
      failed: (node) =>
        this.#tell({ level: 'error', kind: 'query_failed', subject: node.id, text: `${node.id} has stopped: ${node.error}` }),
      ended: () => {
        this.#epoch.touched = true;
      },
    });
    this.#intakes = this.#sources.map((source) => new Intake(source, this.#graph));
    this.#rivals = new Rivals(this.#sources, nodes);
    for (const source of this.#sources) await source.open();
  }

  async #replay(): Promise<void> {
    this.#phase = 'replaying';
    for (const node of this.#graph.nodes) node.resume();
    const replays = this.#setup.sources.some((source) => source.replay.length > 0);
    if (replays) {
      this.#sendStatus(this.#parts.timing.now());
      await replayLane(this.#intakes, this.#graph, this.#parts.timing, () => this.#stopping);
    }
    for (const node of this.#graph.nodes) node.forgetReplay();
  }

  #output(node: QueryNode, batch: Batch): void {
    if (this.#phase === 'replaying') return;
    node.countOut(batch.rows);
    this.#epoch.append(node.name, batch, true);
  }

  async #turn(): Promise<void> {
    const now = this.#parts.timing.now();
    const due = this.#epoch.isDue(now);
    if (due && !this.#inFlight.full) this.#endEpoch(now);
    const blocked = due && this.#inFlight.full;
    this.#tellOfStandstill(blocked, now);
    let worked = false;
    if (!blocked) {
      for (const source of this.#sources) {
        source.pump(now);
        source.findIdle(now);
      }
      worked = this.#takeDue(now);
    }
    if (now >= this.#statusAt) this.#sendStatus(now);
    if (!worked) {
      this.#endWhenExhausted(now);
      await this.#wake.sleep(Math.max(0, this.#nextAt(now, blocked) - now));
    }
    if (performance.now() - this.#breathedAt > breatheEveryMs) {
      await this.#parts.timing.breathe();
      this.#breathedAt = performance.now();
    }
  }

  #tellOfStandstill(blocked: boolean, now: number): void {
    if (!blocked) this.#blockedSince = null;
    else this.#blockedSince ??= now;
    if (this.#blockedSince === null || now - this.#blockedSince < standstillMs) return;
    this.#blockedSince = now;
    const text = `the store is slower than the input: sources of lane ${this.#setup.lane} have waited ${standstillMs / 1000} s for a commit`;
    this.#tell({ level: 'warning', kind: 'limit', subject: null, text });
  }

  /** One batch of every source that has rows due. */
  #takeDue(now: number): boolean {
    const ready = new Set(this.#sources.filter((source) => source.ready(now)));
    for (const intake of this.#intakes) {
      const { source } = intake;
      if (!ready.has(source) || this.#rivals.mustWait(source, ready)) continue;
      const taken = source.take(now);
      if (taken === null) continue;
      if ('ended' in taken) this.#partitionEnded(source);
      else {
        this.#reports.report(source, intake.take(taken, this.#epoch, now), taken.rejected);
        taken.release?.();
      }
    }
    for (const source of this.#sources) {
      source.progress.update();
      this.#reportFailure(source);
    }
    this.#graph.advance();
    return ready.size > 0;
  }

  #partitionEnded(source: SourceRunner): void {
    source.progress.update();
    this.#epoch.touched = true;
    if (!source.progress.ended) return;
    this.#tell({
      level: 'info',
      kind: 'source_ended',
      subject: source.name,
      text: `source ${source.name} has ended after ${source.counters.rows} rows`,
    });
  }

  #reportFailure(source: SourceRunner): void {
    if (source.error === null || !this.#reports.firstFailure(source)) return;
    this.#tell({ level: 'error', kind: 'source_failed', subject: source.name, text: `source ${source.name} has failed: ${source.error}` });
  }

  #nextAt(now: number, blocked: boolean): number {
    let next = this.#statusAt;
    if (blocked) return next;
    if (this.#epoch.touched) next = Math.min(next, this.#inFlight.full ? next : this.#epoch.begunAt + epochMsMax);
    for (const source of this.#sources) {
      const idleAt = source.progress.idleAt();
      next = Math.min(next, source.nextAt(now), idleAt === null || idleAt <= now ? next : idleAt);
    }
    return next;
  }

  #endEpoch(now: number): void {
    const epoch = this.#epochNumber++;
    const bytes = this.#epoch.bytes;
    const commit = this.#epoch.finish(this.#setup.lane, epoch, this.#sources, this.#graph.nodes);
    this.#inFlight.add(commit, bytes, this.#sources);
    this.#epoch = new Epoch(now);
    this.#send({ type: 'epoch', epoch: commit });
  }

  #abort(): void {
    this.#stopping = true;
    this.#aborted = true;
  }

  #committed(epoch: number): void {
    for (const [source, positions] of this.#inFlight.committed(epoch)) {
      void source.acknowledge(positions);
    }
  }

  #endWhenExhausted(now: number): void {
    if (this.#endedSent || !this.#sources.every((source) => source.exhausted)) return;
    if (this.#epoch.touched && !this.#inFlight.full) this.#endEpoch(now);
    if (this.#epoch.touched || !this.#inFlight.empty) return;
    this.#endedSent = true;
    this.#sendStatus(now);
    this.#send({ type: 'ended', failed: this.#sources.filter((source) => source.error !== null).map((source) => source.name) });
  }

  async #finish(): Promise<void> {
    while (this.#inFlight.full && !this.#aborted) await this.#wake.sleep(statusEveryMs);
    if (this.#epoch.touched && !this.#aborted) this.#endEpoch(this.#parts.timing.now());
    while (!this.#inFlight.empty && !this.#aborted) await this.#wake.sleep(statusEveryMs);
    this.#phase = 'stopped';
    this.#sendStatus(this.#parts.timing.now());
  }

  #tell(event: Omit<EngineEvent, 'at'>): void {
    this.#send({ type: 'event', event: { at: this.#parts.timing.now(), ...event } });
  }

  #sendStatus(now: number): void {
    this.#statusAt = now + statusEveryMs;
    const opened = this.#phase !== 'starting';
    const statuses = new Map(this.#sources.map((source) => [source, sourceStatus(source, opened, this.#setup.speed, now)]));
    const sources = Object.fromEntries([...statuses].map(([source, status]) => [source.name, status]));
    const queries = Object.fromEntries(
      this.#graph.nodes.map((node) => {
        const read = this.#sources.filter((source) => node.setup.sources.includes(source.name));
        return [node.id, queryStatus(node, this.#phase, read, (source) => statuses.get(source) as never, now)];
      }),
    );
    this.#send({ type: 'status', status: { phase: this.#phase, sources, queries } });
  }
}

function wireError(error: unknown): (LaneMessage & { type: 'failed' })['error'] {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), hint: undefined, source: undefined };
  const known = error instanceof ConnectorError ? error : null;
  return { name: error.name, message: error.message, hint: known?.hint, source: known?.source };
}
