import type { Expression } from '../../plan/expression.ts';
import type { JoinLimit } from '../../plan/bounds/join-limits.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { Facts } from '../../plan/time-fact.ts';
import { bind } from '../expression/value.ts';
import type { Value } from '../expression/contract.ts';
import type { Flow } from '../flow.ts';
import { RowLayout } from '../row-layout.ts';
import { RowScope } from '../row-scope.ts';
import { isKeyOperator } from './join-keys.ts';
import { reachBefore, unknownDelay } from '../../plan/time-fact.ts';

export type JoinNode = Extract<PlanNode, { kind: 'join' }>;
export type SideName = 'left' | 'right';

/** Bytes of a kept row before its columns: expiry, matches, floor. */
export const rowHeaderBytes = 16;

export interface SideParts {
  readonly name: SideName;
  readonly node: JoinNode;
  readonly flow: Flow;
  readonly facts: Facts;
  readonly limits: readonly JoinLimit[];
  /** Columns of the side that are read from kept rows: those put out, and those that conditions read. */
  readonly columns: readonly number[];
  /** Other rows may stand for a missing partner: every column can be NULL. */
  readonly missing: boolean;
  /** Address (usize expression) of the side's state. */
  readonly address: string;
  /** The row's matches are counted: it is put out for having none, or for the first. */
  readonly tracked: boolean;
  /** Bytes before a kept row's columns. */
  readonly headerBytes: number;
  /** The values of conditions that are no equalities are kept with the row. */
  readonly keepsCompared: boolean;
  /** Columns that are keys are read from the key, which the owner has at hand wherever it reads a row. */
  readonly readsKeys?: boolean;
}

/** Where a column is read from: place `slot` of the kept row, or key `key`. */
type Kept = { readonly slot: number } | { readonly key: number };

/** Rows of one side of a join: what is computed of each as it comes, and how it is kept. */
export class JoinSide {
  readonly name: SideName;
  readonly flow: Flow;
  readonly address: string;
  readonly tracked: boolean;
  /** The block for one row that comes; statements of `keys`, `compared`, `columns` and `expiry` are in it. */
  readonly scope: RowScope;
  /** Values of the conditions that are equalities, in their order. */
  readonly keys: readonly Value[];
  /** When all of these AssemblyScript bools hold the row may have a partner. */
  readonly matchable: readonly string[];
  /** Values of the other conditions, in their order. */
  readonly comparedValues: readonly Value[];
  readonly layout: RowLayout;
  /** What is kept, in the layout's order. */
  readonly kept: readonly Value[];
  /** Watermark (i64 expression) from which no partner can come; null: nothing says so. */
  readonly expiry: string | null;
  /** Event time (i64 expression, when `valid`) before which no source row is needed to make this one; null: not known. */
  readonly floor: { readonly time: string; readonly valid: string } | null;
  /** Reads key `k` from where it lies; the owner says so when it knows the keys of both sides. */
  readKey: ((k: number) => Value) | null = null;
  readonly #columns: ReadonlyMap<number, Kept>;
  readonly #compared: readonly number[];

  constructor(parts: SideParts) {
    const { name, node, flow, limits, columns, missing } = parts;
    this.name = name;
    this.flow = flow;
    this.address = parts.address;
    this.tracked = parts.tracked;
    this.scope = new RowScope(flow.module, node.id, flow.bindings, 'row');
    const own = node.conditions.map((each) => ({ operator: each.operator, expression: each[name] }));
    const keyed = own
      .filter(({ operator }) => isKeyOperator(operator))
      .map((each) => ({ ...each, value: this.scope.compile(each.expression) }));
    this.keys = keyed.map(({ value }) => value);
    this.comparedValues = own.filter(({ operator }) => !isKeyOperator(operator)).map(({ expression }) => this.scope.compile(expression));
    const { expiry, valid } = expiryOf(this.scope, limits);
    this.expiry = expiry;
    const never = keyed.filter(({ operator }) => operator === '=').map(({ value }) => value.valid);
    this.matchable = [...new Set([...never, ...valid])].filter((each) => each !== 'true');
    this.floor = floorOf(this.scope, parts.facts, flow.reachMicros);
    const kept: Value[] = [];
    const keep = (value: Value): number => {
      const there = kept.findIndex((other) => isSame(value, other));
      return there >= 0 ? there : kept.push(value) - 1;
    };
    const place = (column: number): Kept => {
      const value = this.scope.column(column);
      const key = parts.readsKeys && !missing ? this.keys.findIndex((each) => keyHolds(each, value)) : -1;
      return key >= 0 ? { key } : { slot: keep(value) };
    };
    this.#columns = new Map(columns.map((column) => [column, place(column)]));
    this.#compared = parts.keepsCompared ? this.comparedValues.map(keep) : [];
    this.kept = kept;
    const optional = (value: Value): Value => (missing && value.valid === 'true' ? { ...value, valid: 'maybe' } : value);
    this.layout = new RowLayout(this.kept.map(optional), parts.headerBytes);
  }

  /** Column `index` of the side, of the kept row at `slot`. */
  column(scope: RowScope, index: number, slot: string): Value {
    const kept = this.#columns.get(index);
    if (kept === undefined) throw new Error(`column ${index} of the join's ${this.name} side is not kept`);
    if ('slot' in kept) return this.layout.read(scope, kept.slot, slot);
    if (this.readKey === null) throw new Error(`the keys of the join's ${this.name} side cannot be read`);
    return this.readKey(kept.key);
  }

  /** The side's value of condition `k` of those that are no equalities. */
  compared(scope: RowScope, k: number, slot: string): Value {
    return this.layout.read(scope, this.#compared[k] as number, slot);
  }

  keeps(index: number): boolean {
    return this.#columns.has(index);
  }
}

/** Both are of the same machine, and in the same locals. */
function isSame(a: Value, b: Value): boolean {
  return a.machine === b.machine && a.valid === b.valid && a.parts.join() === b.parts.join();
}

/** A key as it is compared is the column as it is put out: neither a form of its own, nor one zero for two. */
const ownForms: ReadonlySet<string> = new Set(['f64', 'f32', 'interval', 'packed']);

function keyHolds(key: Value, column: Value): boolean {
  return key.valid === 'true' && !ownForms.has(key.machine) && isSame(key, column);
}

function expiryOf(scope: RowScope, limits: readonly JoinLimit[]): { expiry: string | null; valid: string[] } {
  const values = limits.map(({ value, delayMicros }) => ({ value: scope.compile(asTimestamp(value)), delayMicros }));
  const later = scope.module.import('join-floor', 'laterBy');
  const expiries = values.map(({ value, delayMicros }) => bind(scope, `${later}(${value.parts[0]}, ${delayMicros})`, 'i64', 'expiry'));
  const expiry = expiries.length === 0 ? null : expiries.reduce((a, b) => `min<i64>(${a}, ${b})`);
  return { expiry, valid: values.map(({ value }) => value.valid) };
}

function asTimestamp(value: Expression): Expression {
  if (value.type.kind === 'timestamp' || value.type.kind === 'timestamptz') return value;
  return { kind: 'cast', child: value, try: false, type: { kind: 'timestamp' }, nullable: value.nullable };
}

/** The column nearest to event time, less all that source rows of it may lie before. */
function floorOf(scope: RowScope, facts: Facts, reachMicros: bigint): { time: string; valid: string } | null {
  let best: { column: number; distance: bigint } | null = null;
  facts.forEach((fact, column) => {
    if (fact === null || fact.otherClock || fact.delayMicros >= unknownDelay) return;
    const distance = (fact.delayMicros > 0n ? fact.delayMicros : 0n) + reachBefore(fact);
    if (best === null || distance < best.distance) best = { column, distance };
  });
  const found = best as { column: number; distance: bigint } | null;
  if (found === null) return null;
  const value = scope.column(found.column);
  if (value.type.kind !== 'timestamp') return null;
  const later = scope.module.import('join-floor', 'laterBy');
  return { time: `${later}(${value.parts[0]}, -${found.distance + reachMicros})`, valid: value.valid };
}
