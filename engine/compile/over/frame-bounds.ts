import type { Expression } from '../../plan/expression.ts';
import type { FrameBound, OrderBy, WindowCall } from '../../plan/plan.ts';
import { constantMicros } from '../../plan/time-fact.ts';
import { compareText } from '../expression/compare.ts';
import type { Value } from '../expression/contract.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { indent } from '../text.ts';
import { atEntry, type EntryAccess, type StateFields, valueAt } from './entry-access.ts';
import type { Peers } from './peers.ts';

export type Frame = WindowCall['frame'];

const offsetMax = 2 ** 30;

/** The number of a ROWS bound. */
export function rowsOffset(bound: FrameBound, span: WindowCall['span']): number {
  if (!('offset' in bound)) return 0;
  const { offset } = bound;
  if (offset.kind !== 'constant' || offset.value === null)
    throw notSupported('a frame whose bound differs from row to row', offset.span ?? span);
  const rows = Number(offset.value);
  if (!Number.isInteger(rows) || rows < 0 || rows >= offsetMax)
    throw notSupported(`a frame of ${String(offset.value)} rows`, offset.span ?? span);
  return rows;
}

/**
 * Whether the frame's bounds lie where rows equal in the order begin and end. Rows whose place in the order is NULL or infinite are in
 * each other's frames, whatever its last offset.
 */
export function needsPeers({ unit, start, end }: Frame): boolean {
  return unit !== 'rows' && (start.kind === 'current_row' || end.kind === 'current_row' || end.kind === 'preceding');
}

/** Bounds of the frames of one window as the row at `position` moves on; they never move back. */
export class FrameBounds {
  readonly #entry: EntryAccess;
  readonly #orders: readonly OrderBy[];
  readonly #state: StateFields;
  readonly #peers: Peers;
  readonly #cursors: number[] = [];

  constructor(entry: EntryAccess, orders: readonly OrderBy[], state: StateFields, peers: Peers) {
    this.#entry = entry;
    this.#orders = orders;
    this.#state = state;
    this.#peers = peers;
  }

  /** Offsets of u32 fields that hold positions. */
  get cursors(): readonly number[] {
    return this.#cursors;
  }

  /** Gives a function that writes the bounds of the row at hand: locals of the first position in the frame and the one after the last. */
  prepare(call: WindowCall): (scope: RowScope) => { from: string; to: string } {
    const { frame } = call;
    if (frame.unit === 'groups' && [frame.start, frame.end].some((bound) => 'offset' in bound))
      throw notSupported('a frame of GROUPS', call.span, 'use RANGE or ROWS');
    const start = this.#prepareBound(call, frame.start, true);
    const end = this.#prepareBound(call, frame.end, false);
    return (scope) => {
      const first = start(scope, null);
      const last = end(scope, first);
      const from = scope.name('from');
      const to = scope.name('to');
      scope.emit(`const ${from}: u32 = min<u32>(${first}, end);`);
      scope.emit(`const ${to}: u32 = max<u32>(${from}, ${last});`);
      return { from, to };
    };
  }

  #prepareBound(call: WindowCall, bound: FrameBound, isStart: boolean): (scope: RowScope, first: string | null) => string {
    const { unit } = call.frame;
    if (bound.kind === 'unbounded_preceding') return () => '0';
    if (bound.kind === 'unbounded_following') return () => 'end';
    if (unit === 'rows') {
      const rows = rowsOffset(bound, call.span);
      const after = isStart ? 0 : 1;
      if (bound.kind === 'preceding') return () => `(position + ${after} > ${rows} ? position + ${after} - ${rows} : 0)`;
      if (bound.kind === 'following') return () => `min<u32>(position + ${rows + after}, end)`;
      return () => (after === 0 ? 'position' : 'position + 1');
    }
    if (!('offset' in bound)) return () => (isStart ? this.#peers.start : this.#peers.end);
    const cursor = this.#state.add(4);
    this.#cursors.push(cursor);
    return (scope, first) => this.#seek(scope, call, bound, cursor, isStart, first);
  }

  /** Moves a cursor over the rows that lie before the bound of a RANGE frame. */
  #seek(
    scope: RowScope,
    call: WindowCall,
    bound: Extract<FrameBound, { offset: Expression }>,
    cursor: number,
    isStart: boolean,
    first: string | null,
  ): string {
    const [order] = this.#orders;
    if (order === undefined || this.#orders.length !== 1) throw notSupported('RANGE over several columns', call.span);
    const key = this.#entry.row.over(order.expression);
    const current = scope.compile(key);
    const limit = boundOf(scope, order, key, current, bound, call);
    const at = scope.name('at');
    scope.emit(`let ${at} = load<u32>(${this.#state.base}, ${cursor});`);
    if (first !== null) scope.emit(`if (${at} < ${first}) ${at} = ${first};`);
    const step = atEntry(this.#entry, at, (inner, slot) => {
      const value = valueAt(this.#entry, inner, order.expression, slot);
      const operator = order.descending ? (isStart ? '>' : '>=') : isStart ? '<' : '<=';
      const passes = compareText(operator, value, limit, inner, order.expression);
      const atNull = isStart || order.nullsFirst ? `${isStart ? '' : '!'}${value.valid}` : 'true';
      inner.emit(`if (!(${liesBefore(current, value, passes, atNull, order.nullsFirst)})) break;`);
      inner.emit(`${at}++;`);
    });
    for (const line of [`while (${at} < end) {`, ...indent(step), '}']) scope.emit(line);
    scope.emit(`store<u32>(${this.#state.base}, ${at}, ${cursor});`);
    return at;
  }
}

/** An offset leads from a NULL to the NULLs, and from a value to none of them: a bound lies before or after all of them. */
function liesBefore(current: Value, value: Value, passes: string, atNull: string, nullsFirst: boolean): string {
  const ofValue = value.valid === 'true' ? passes : `(${value.valid} ? ${passes} : ${nullsFirst})`;
  return current.valid === 'true' ? ofValue : `(${current.valid} ? ${ofValue} : ${atNull})`;
}

function boundOf(
  scope: RowScope,
  order: OrderBy,
  key: Expression,
  current: Value,
  bound: Extract<FrameBound, { offset: Expression }>,
  call: WindowCall,
): Value {
  const earlier = (bound.kind === 'preceding') !== order.descending;
  const micros = constantMicros(bound.offset);
  if (micros !== null && (current.type.kind === 'timestamp' || current.type.kind === 'timestamptz')) {
    const limit = scope.name('limit');
    const infinite = scope.module.import('selection', 'isInfinite');
    const x = current.parts[0];
    scope.emit(`const ${limit}: i64 = ${infinite}(${x}) ? ${x} : ${x} ${earlier ? '-' : '+'} ${micros};`);
    return { ...current, parts: [limit] };
  }
  if (bound.offset.kind !== 'constant') throw notSupported('a frame whose bound differs from row to row', bound.offset.span ?? call.span);
  const nullable = key.nullable;
  return scope.compile({ kind: 'call', name: earlier ? '-' : '+', args: [key, bound.offset], type: key.type, nullable });
}
