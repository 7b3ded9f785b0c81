import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store } from './accumulator.ts';

/** Rows, or rows where `argument` is not NULL. The same piece when the argument never is. */
export function countRows(context: AggregateContext, filter: Expression | null, argument: Expression | null): Accumulator {
  const counted = argument === null || context.describe(argument).valid === 'true' ? null : argument;
  return context.share(filter, counted === null ? 'count' : `count ${expressionKey(counted)}`, () => {
    return countWhere(counted === null ? [] : [counted], (valid) => valid);
  });
}

/** Rows where a boolean is true. */
export function countTrue(context: AggregateContext, filter: Expression | null, argument: Expression): Accumulator {
  return context.share(filter, `count_true ${expressionKey(argument)}`, () =>
    countWhere([argument], (valid, value) => `(${valid} && ${value})`),
  );
}

function countWhere(args: readonly Expression[], counts: (valid: string, value: string) => string): Omit<Accumulator, 'key' | 'offsets'> {
  const one = (value: Value | undefined) => (value === undefined ? '1' : `<i64>(${counts(value.valid, value.parts[0] as string)})`);
  return {
    args,
    fields: [8],
    update(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      return [store('i64', `${load('i64', at)} + ${one(value)}`, at)];
    },
    retract(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      return [store('i64', `${load('i64', at)} - ${one(value)}`, at)];
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [store('i64', `${load('i64', at)} + ${load('i64', at, 'q')}`, at)];
    },
  };
}
