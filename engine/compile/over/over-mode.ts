import type { Expression } from '../../plan/expression.ts';
import { callRunsInTime } from '../../plan/bounds/over.ts';
import { type Facts, factOf, reachBefore, type TimeFact } from '../../plan/time-fact.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import type { StageContext } from '../stage.ts';
import type { OverNode } from './evaluate-calls.ts';

/** A time that rows carry, and when the watermark has passed it. */
export interface PassingTime {
  readonly expression: Expression;
  readonly fact: TimeFact;
}

/**
 * time: rows are dealt with in the order of event time, once, when the watermark has passed it. final: a partition is put out whole
 * when its time has passed (`closing`), or at the end. changes: after each batch the partitions that it has changed.
 */
export type OverMode =
  | { readonly kind: 'time'; readonly order: PassingTime; readonly closing: PassingTime | null }
  | { readonly kind: 'final' | 'changes'; readonly closing: PassingTime | null };

export function overMode(context: StageContext, node: OverNode): OverMode {
  const facts = context.facts(node.input);
  const closing = closingKey(node, facts);
  if (context.changes(node)) return { kind: 'changes', closing };
  const order = node.calls[0]?.orderBy[0];
  const fact = order === undefined ? null : factOf(order.expression, facts);
  if (order !== undefined && fact !== null && !fact.otherClock && node.calls.every((call) => callRunsInTime(call, facts))) {
    const { kind } = order.expression.type;
    if (kind !== 'timestamp' && kind !== 'timestamptz')
      throw notSupported(
        `OVER in the order of a ${kind.toUpperCase()}`,
        order.expression.span ?? node.calls[0]?.span,
        'order by a TIMESTAMP',
      );
    if (order.nullsFirst && order.expression.nullable)
      throw notSupported(
        'OVER with NULLS FIRST for a time that can be NULL',
        order.expression.span ?? node.calls[0]?.span,
        'leave out the rows without a time: WHERE ... IS NOT NULL',
      );
    return { kind: 'time', order: { expression: order.expression, fact }, closing };
  }
  return { kind: 'final', closing };
}

/** The partition key that the watermark passes first, if there is one. */
function closingKey(node: OverNode, facts: Facts): PassingTime | null {
  const keys = (node.calls[0]?.partitionBy ?? []).flatMap((expression) => {
    const fact = factOf(expression, facts);
    const { kind } = expression.type;
    return fact === null || fact.otherClock || (kind !== 'timestamp' && kind !== 'timestamptz' && kind !== 'date')
      ? []
      : [{ expression, fact }];
  });
  return keys.reduce<PassingTime | null>((a, b) => (a === null || b.fact.delayMicros < a.fact.delayMicros ? b : a), null);
}

/** i64 expression: the largest time that no row to come has any more. A window's bound is done with as soon as the watermark reaches its end. */
export function passedTime({ fact }: Pick<PassingTime, 'fact'>, watermark: string): string {
  const behind = fact.delayMicros + (fact.role === 'time' ? 1n : 0n);
  return behind === 0n ? watermark : `(${watermark} == i64.MAX_VALUE ? ${watermark} : ${watermark} - ${behind})`;
}

/** How far rows' source rows may lie before this time, in microseconds. */
export function timeAhead({ fact }: Pick<PassingTime, 'fact'>): bigint {
  return reachBefore(fact);
}

/** i64 expression: a time in microseconds; one that is NULL is passed at the end. */
export function timeMicros(scope: RowScope, key: Expression): string {
  const value = scope.compile(key);
  const micros = value.type.kind === 'date' ? `<i64>${value.parts[0]} * 86400000000` : (value.parts[0] as string);
  return value.valid === 'true' ? micros : `(${value.valid} ? ${micros} : i64.MAX_VALUE)`;
}
