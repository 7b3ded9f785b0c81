import { faultPoint } from '../../../connectors/fault-point.ts';
import type { EpochCommit, RecoveryState } from '../../store/store.ts';
import type { WireBatch } from '../batch/transfer.ts';
import type { SinkHost, SinkRows } from './sink-host.ts';

/** An epoch on its way to the store. */
interface Epoch {
  readonly lane: number;
  readonly appends: readonly { readonly stream: string; readonly batch: WireBatch }[];
  readonly counters: EpochCommit['counters'];
}

const counter = 'epoch';

/** By writer, the last of its epochs that the store has committed, as `SinkGate` counts them. */
export function committedEpochs(recovery: Pick<RecoveryState, 'counters'>): ReadonlyMap<string, number> {
  return new Map(recovery.counters.flatMap(({ kind, name, value }) => (kind === 'sink' ? [[name, value] as const] : [])));
}

/**
 * Agrees sinks and store on each epoch: its rows are prepared in the sinks, then the store commits it together with the number that the
 * sinks know it by, then the sinks show its rows. After a crash the number in the store says which epochs count.
 */
export class SinkGate {
  readonly #host: SinkHost;
  readonly #sinks: ReadonlySet<string>;
  readonly #numbers: Map<string, number>;
  readonly #prepared = new Map<number, Promise<unknown>>();

  constructor(host: SinkHost, sinks: Iterable<string>, committed: ReadonlyMap<string, number>) {
    this.#host = host;
    this.#sinks = new Set(sinks);
    this.#numbers = new Map(committed);
  }

  /** Epochs of a lane reach `store` in the order of the calls; resolves once the epoch is committed. */
  async commit<Wire extends Epoch>(wire: Wire, store: (wire: Wire) => Promise<void>): Promise<void> {
    const rows: SinkRows[] = wire.appends
      .filter(({ stream }) => this.#sinks.has(stream))
      .map(({ stream, batch }) => ({ sink: stream, batch }));
    const before = this.#prepared.get(wire.lane) ?? Promise.resolve();
    const writer = String(wire.lane);
    const number = (this.#numbers.get(writer) ?? 0) + (rows.length > 0 ? 1 : 0);
    this.#numbers.set(writer, number);
    const epoch = { writer, number };
    const prepared = before.then(() => (rows.length > 0 ? this.#host.prepare(epoch, rows) : undefined));
    this.#prepared.set(
      wire.lane,
      prepared.catch(() => undefined),
    );
    await prepared;
    if (rows.length === 0) return store(wire);
    const appends = wire.appends.filter(({ stream }) => !this.#sinks.has(stream));
    await store({ ...wire, appends, counters: [...wire.counters, { kind: 'sink', name: writer, counter, value: number }] });
    faultPoint('epoch_stored');
    await this.#host.commit(epoch);
  }
}
