import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';

/**
 * A piece of a group's state and how it changes: fields of a slot, shared by every aggregate that needs the same piece. Generated
 * text speaks of the slot as `p`, and in `merge` of the one merged into it as `q`. Slots start zeroed.
 */
export interface Accumulator {
  /** Equal keys are one piece. */
  readonly key: string;
  readonly args: readonly Expression[];
  /** Bytes of each field: 4 or 8. */
  readonly fields: readonly (4 | 8)[];
  /** Where the fields lie in the slot; set by the layout. */
  readonly offsets: number[];
  /** Statements for a new slot. */
  initialise?(): readonly string[];
  /** Statements for a row whose FILTER holds. `sequence`: i64 expression that grows with arrival. */
  update(args: readonly Value[], scope: RowScope, sequence: string): readonly string[];
  /** Statements for a row that is taken back, exactly as if it had never come; absent: the group's rows are gone through again. */
  retract?(args: readonly Value[], scope: RowScope): readonly string[];
  merge(): readonly string[];
  /** Statements that mark the strings that the slot refers to. */
  mark?(): readonly string[];
  /**
   * Of state that owns memory beyond the slot: statements that give slot `p`, a copy of another slot's bytes, memory of its own. `merge`
   * leaves `q` what it owns.
   */
  clone?(): readonly string[];
  /** Statements that free what slot `p` owns, before the slot goes. */
  release?(): readonly string[];
  /** u32 expression: bytes that the slot at this address owns beyond itself, where they are worth telling. */
  owned?(slot: string): string;
}

export interface AggregateContext {
  readonly module: ModuleBuilder;
  /** What an argument compiles to: its machine and whether it can be NULL. */
  describe(expression: Expression): Value;
  /** The accumulator of this key, made at the first request. */
  share(filter: Expression | null, key: string, make: (key: string) => Omit<Accumulator, 'key' | 'offsets'>): Accumulator;
  /** Groups are merged from slices, so that the order of arrival must be kept in them. */
  readonly merged: boolean;
  /** Rows may be taken back. */
  readonly retracts?: boolean;
}

export interface CompiledAggregate {
  readonly call: AggregateCall;
  /** The result, read from slot `p`; statements may go to the scope. */
  finish(scope: RowScope): Value;
}

/** Reads the result from slot `p`; statements may go to the scope. */
export type Finish = (scope: RowScope) => Omit<Value, 'type' | 'machine'>;
/** An aggregate function: takes the pieces of state that a call needs. Throws QueryError for what does not run. */
export type Template = (context: AggregateContext, call: AggregateCall) => Finish;

/** The same expression gives the same text, wherever it stands. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (name, value) => (name === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value));
}

export function load(type: string, offset: number, slot = 'p'): string {
  return `load<${type}>(${slot}, ${offset})`;
}

export function store(type: string, value: string, offset: number, slot = 'p'): string {
  return `store<${type}>(${slot}, ${value}, ${offset});`;
}

/** `value` where `valid`, else 0: without a branch. */
export function maskInteger(value: string, valid: string): string {
  return valid === 'true' ? value : `(${value} & (0 - <i64>(${valid})))`;
}

export function onlyArgument(call: AggregateCall): Expression {
  if (call.args.length !== 1) throw notSupported(`${call.name} of ${call.args.length} arguments`, call.span);
  return call.args[0] as Expression;
}
