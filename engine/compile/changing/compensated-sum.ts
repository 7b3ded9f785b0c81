import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { type Accumulator, type AggregateContext, load, store } from '../aggregates/accumulator.ts';

/**
 * Sum of doubles from which rows are taken back. Fields: the result; the sum of finite values and what rounding lost of it (two-sum);
 * how many NaN, infinities and negative infinities there are, which no subtraction would remove.
 */
export function compensatedSum(context: AggregateContext, argument: Expression): Omit<Accumulator, 'key' | 'offsets'> {
  const add = (accumulator: Accumulator, value: Value | undefined, sign: '' | '-'): string[] => {
    const [result] = accumulator.offsets as [number];
    // Fields of 8 bytes lie one after another.
    const call = `${context.module.import('compensated-sum', sign === '' ? 'addToSum' : 'takeFromSum')}(p + ${result}, <f64>${value?.parts[0]});`;
    return [value?.valid === 'true' ? call : `if (${value?.valid}) ${call}`];
  };
  return {
    args: [argument],
    fields: [8, 8, 8, 8, 8, 8],
    update(this: Accumulator, [value]) {
      return add(this, value, '');
    },
    retract(this: Accumulator, [value]) {
      return add(this, value, '-');
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [store('f64', load('f64', at, 'q'), at)];
    },
  };
}
