import type { Batch, Column } from '../batch.ts';
import type { Idle, OpenContext, PartitionEnd, Polled, Position, SourceReader } from '../connector.ts';
import { neededNames } from './columns.ts';
import { DeployStream } from './deploys.ts';
import { Effects } from './effects.ts';
import { LabelStream } from './labels.ts';
import { LogStream } from './logs.ts';
import { MetricStream } from './metrics.ts';
import { ReleaseTrain } from './release-train.ts';
import type { Settings } from './settings.ts';
import { SpanStream } from './spans.ts';
import type { RowStream, StreamContext, StreamName } from './stream.ts';

/**
 * Where a partition stands. `at` is the event time of `slot` (microseconds): when options have changed, slots mean other times, and the
 * source goes on from that time instead.
 */
type GeneratorPosition = { readonly start: number; readonly slot: number; readonly at: number };

interface Partition {
  readonly name: string;
  readonly stream: RowStream;
  slot: number;
  ended: boolean;
}

const makers: Readonly<Record<StreamName, new (context: StreamContext) => RowStream>> = {
  metrics: MetricStream,
  spans: SpanStream,
  logs: LogStream,
  deploys: DeployStream,
  labels: LabelStream,
};

export class GeneratorReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #context: OpenContext;
  readonly #start: number;
  readonly #end: number;
  readonly #states: readonly Partition[];
  #turn = 0;

  constructor(context: OpenContext, settings: Settings) {
    this.#context = context;
    const positions = new Map([...context.positions].map(([name, position]) => [name, position as GeneratorPosition]));
    this.#start = settings.start ?? [...positions.values()][0]?.start ?? (context.openedAt ?? context.clock.now()) * 1000;
    this.#end = settings.durationMs === null ? Number.POSITIVE_INFINITY : this.#start + settings.durationMs * 1000;
    const needed = neededNames(context.columns, context.needed);
    const { fleet, calendar } = settings;
    const own = Array.from({ length: settings.partitions }, (_, partition) => partition).filter(
      (partition) => context.owns?.(String(partition), partition) ?? true,
    );
    this.#states = own.map((partition) => {
      const releases = new ReleaseTrain(fleet, settings.deployEveryMs);
      const stream = new makers[settings.stream]({ ...settings, effects: new Effects(fleet, calendar), releases, needed, partition });
      const name = String(partition);
      return { name, stream, slot: resume(stream, positions.get(name), this.#start), ended: false };
    });
    this.partitions = this.#states.map((state) => state.name);
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    for (let tried = 0; tried < this.#states.length; tried++) {
      const state = this.#states[this.#turn] as Partition;
      this.#turn = (this.#turn + 1) % this.#states.length;
      if (state.ended) continue;
      if (state.stream.timeOf(state.slot) >= this.#end) {
        state.ended = true;
        return { end: state.name };
      }
      const from = this.#position(state);
      const filled = state.stream.fill(state.slot, this.#end);
      state.slot = filled.next;
      if (filled.rows === 0) continue;
      const batch = this.#batch(filled.rows, filled.columns);
      return { partition: state.name, batch, from, to: this.#position(state), rejected: [] };
    }
    return { idle: true };
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {}

  #batch(rows: number, columns: ReadonlyMap<string, Column>): Batch {
    const { needed, columns: declared } = this.#context;
    return { rows, columns: needed.map((index) => columns.get(declared[index]!.name.toLowerCase()) as Column) };
  }

  #position(state: Partition): Position {
    const at = state.stream.timeOf(state.slot);
    return { start: this.#start, slot: state.slot, at: Number.isFinite(at) ? at : -1 };
  }
}

function resume(stream: RowStream, position: GeneratorPosition | undefined, start: number): number {
  if (position === undefined) return stream.firstFrom(start);
  if (position.at < 0) return position.slot;
  return stream.timeOf(position.slot) === position.at ? position.slot : stream.firstFrom(position.at);
}
