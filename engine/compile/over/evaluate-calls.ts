import type { Expression } from '../../plan/expression.ts';
import type { PlanNode, WindowCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import type { RowScope } from '../row-scope.ts';
import type { EntryAccess, StateFields } from './entry-access.ts';
import { FrameAggregates, isStacked, ownsMemory } from './frame-aggregates.ts';
import { FrameBounds, needsPeers } from './frame-bounds.ts';
import { Peers } from './peers.ts';
import { SortedFrame } from './sorted-frame.ts';
import { frameFunctions, peerFunctions, windowFunction } from './window-values.ts';

export type OverNode = Extract<PlanNode, { kind: 'over' }>;

type Bounds = { readonly from: string; readonly to: string };
type Result = (scope: RowScope, framed: ReadonlyMap<FrameUse, Bounds>) => Value;

interface FrameUse {
  readonly bounds: (scope: RowScope) => Bounds;
  aggregates: FrameAggregates | null;
  /** Those whose state owns memory. */
  owning: FrameAggregates | null;
  /** Quantiles, by what their values are. */
  readonly sorted: Map<string, SortedFrame>;
  /** Whether the frame starts with the partition. */
  readonly growing: boolean;
  /** Whether its last row is read. */
  readsLast: boolean;
}

/** Results of all calls of one window, row by row in its order. Calls with the same frame share its bounds and sums. */
export class CallEvaluator {
  readonly needsPeers: boolean;
  readonly #entry: EntryAccess;
  readonly #state: StateFields;
  readonly #calls: readonly WindowCall[];
  readonly #peers: Peers;
  readonly #bounds: FrameBounds;
  readonly #frames = new Map<string, FrameUse>();
  readonly #results: Result[] = [];
  #lagRows = 0n;

  constructor(
    node: OverNode,
    entry: EntryAccess,
    state: StateFields,
    same: string | null,
    before: string,
    describe: (expression: Expression) => Value,
  ) {
    this.#entry = entry;
    this.#state = state;
    this.#calls = node.calls.map((call) => (entry.complete ? call : growingCall(call)));
    this.needsPeers = this.#calls.some((call) => peerFunctions.has(call.name) || needsPeers(call.frame));
    this.#peers = new Peers(entry, state, same);
    this.#bounds = new FrameBounds(entry, node.calls[0]?.orderBy ?? [], state, this.#peers);
    for (const call of this.#calls) this.#results.push(this.#prepare(call, before, describe));
    for (const each of this.#aggregates) each.layOut();
  }

  #prepare(call: WindowCall, before: string, describe: (expression: Expression) => Value): Result {
    const template = windowFunction(call, this.#entry.complete);
    const framed = template === null || frameFunctions.has(call.name);
    const use = framed ? this.#use(call) : null;
    if (template !== null) {
      if (use !== null) use.readsLast = true;
      if (call.name === 'lag') this.#lagRows = largest(this.#lagRows, constantRows(call.args[1]));
      return (scope, bounds) => {
        const { from, to } = (use === null ? undefined : bounds.get(use)) ?? { from: '0', to: 'end' };
        return template(scope, call, { entry: this.#entry, peers: this.#peers, before, from, to });
      };
    }
    const frame = use as FrameUse;
    const sorted = isStacked(call.frame) ? SortedFrame.key(this.#entry, call) : null;
    if (sorted !== null) return this.#prepareSorted(call, frame, sorted);
    const owns = ownsMemory(this.#entry, call, describe);
    const held = owns ? frame.owning : frame.aggregates;
    const aggregates = held ?? new FrameAggregates(this.#entry, this.#state, call.frame, describe, owns);
    if (owns) frame.owning = aggregates;
    else frame.aggregates = aggregates;
    aggregates.add(call);
    return (scope) => aggregates.result(scope, call);
  }

  #prepareSorted(call: WindowCall, { sorted }: FrameUse, key: string): Result {
    const values = sorted.get(key) ?? new SortedFrame(this.#entry, this.#state, call);
    sorted.set(key, values);
    values.add(call);
    return (scope) => values.result(scope, call);
  }

  #use(call: WindowCall): FrameUse {
    const key = JSON.stringify(call.frame, (name, value: unknown) =>
      name === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
    );
    let use = this.#frames.get(key);
    if (use === undefined) {
      const growing = call.frame.start.kind === 'unbounded_preceding';
      use = { bounds: this.#bounds.prepare(call), aggregates: null, owning: null, sorted: new Map(), growing, readsLast: false };
      this.#frames.set(key, use);
    }
    return use;
  }

  /**
   * Emits what computes the calls' results for the row at `position`; rows are taken in order, each once. The scope is one over the
   * row's entry. The u32 local `keep` is the first position that later rows may ask for.
   */
  evaluate(scope: RowScope): Value[] {
    if (this.needsPeers) this.#peers.write(scope);
    const framed = new Map<FrameUse, Bounds>();
    const keep: string[] = [];
    for (const use of this.#frames.values()) {
      const bounds = use.bounds(scope);
      framed.set(use, bounds);
      if (!use.growing) keep.push(bounds.from);
      else keep.push(use.readsLast ? `(${bounds.to} > 0 ? ${bounds.to} - 1 : 0)` : bounds.to);
      for (const each of aggregatesOf(use)) each.advance(scope, bounds.from, bounds.to);
    }
    const results = this.#results.map((result) => result(scope, framed));
    for (const line of this.#all((each) => each.afterRow())) scope.emit(line);
    if (this.#entry.complete) return results;
    if (this.#lagRows > 0n) keep.push(`(position + 1 > ${this.#lagRows} ? position + 1 - ${this.#lagRows} : 0)`);
    scope.emit('let keep = position;');
    for (const each of keep) scope.emit(`keep = min<u32>(keep, ${each});`);
    return results;
  }

  /** Whether results come from rows that are gone, back to the partition's first. */
  get remembers(): boolean {
    const numbered = this.#calls.some((call) => call.name === 'row_number' || peerFunctions.has(call.name));
    return numbered || [...this.#frames.values()].some((use) => use.growing);
  }

  /** Statements that make the state that of no rows. */
  reset(): string[] {
    const zeros = this.#bounds.cursors.map((at) => `store<u32>(${this.#state.base}, 0, ${at});`);
    return [...this.#peers.reset(), ...zeros, ...this.#all((each) => each.reset())];
  }

  /** Statements for when places of rows have changed. */
  forgetPlaces(): string[] {
    return this.#all((each) => [each.forgetPlaces() ?? '']).filter((line) => line !== '');
  }

  release(): string[] {
    return this.#all((each) => each.release());
  }

  /** Statements that free what the state owns, before it is reset or goes. */
  releaseState(): string[] {
    return this.#all((each) => each.releaseState());
  }

  /** u32 expressions: bytes beside the state. */
  bytes(): string[] {
    return this.#all((each) => [each.bytes() ?? '']).filter((line) => line !== '');
  }

  mark(): string[] {
    return this.#all((each) => each.mark());
  }

  /** Statements that move all positions down by the u32 local `by`. */
  rebase(): string[] {
    const cursors = [...this.#peers.cursors, ...this.#bounds.cursors, ...this.#aggregates.flatMap((each) => each.cursors)];
    const { base } = this.#state;
    return [...cursors.map((at) => `store<u32>(${base}, max<u32>(load<u32>(${base}, ${at}), by) - by, ${at});`), ...this.forgetPlaces()];
  }

  get #aggregates(): (FrameAggregates | SortedFrame)[] {
    return [...this.#frames.values()].flatMap(aggregatesOf);
  }

  #all(of: (aggregates: FrameAggregates | SortedFrame) => string[]): string[] {
    return this.#aggregates.flatMap(of);
  }
}

function aggregatesOf({ aggregates, owning, sorted }: FrameUse): (FrameAggregates | SortedFrame)[] {
  return [aggregates, owning, ...sorted.values()].filter((each) => each !== null);
}

/** What the calls read of a row, besides constants. */
export function expressionsRead(calls: readonly WindowCall[]): Expression[] {
  return calls.flatMap((call) => [...call.args, ...(call.filter === null ? [] : [call.filter])]);
}

/** Rows at the start of a partition do not stay while it grows: what reads them keeps the value instead. */
function growingCall(call: WindowCall): WindowCall {
  if (call.frame.start.kind !== 'unbounded_preceding') return call;
  const argument = call.args[0] as Expression;
  const type = { kind: 'boolean' } as const;
  const filter: Expression | null = call.ignoreNulls ? { kind: 'is_not_null', child: argument, type, nullable: false } : null;
  if (call.name === 'first_value' || call.name === 'first') return { ...call, name: call.ignoreNulls ? 'any_value' : 'first_of_frame' };
  if (call.name === 'nth_value') return { ...call, name: 'nth_of_frame', filter };
  if ((call.name === 'last_value' || call.name === 'last') && filter !== null) return { ...call, name: 'last_of_frame', filter };
  return call;
}

function largest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function constantRows(offset: Expression | undefined): bigint {
  return offset === undefined ? 1n : offset.kind === 'constant' && typeof offset.value === 'bigint' ? offset.value : 0n;
}
