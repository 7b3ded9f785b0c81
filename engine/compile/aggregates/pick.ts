import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store } from './accumulator.ts';
import { KeptValue } from './kept-value.ts';
import { lessThanOf } from './order.ts';

/** Flags of a pick: 1 a row was taken, 2 its value is not NULL. */
const taken = 1;
const present = 2;

export interface Pick {
  readonly accumulator: Accumulator;
  /** The value kept, read from slot `p`. */
  value(): Value;
}

/** The first or last row's value, NULL or not; or the first that is not NULL. In order of arrival. */
export function pickByArrival(
  context: AggregateContext,
  filter: Expression | null,
  argument: Expression,
  which: 'first' | 'last' | 'any_value',
): Pick {
  const described = context.describe(argument);
  const kept = new KeptValue(described, 0);
  const flagsAt = kept.fields.length;
  const accumulator = context.share(filter, `${which} ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [...kept.fields, 4, ...(context.merged ? [8 as const] : [])],
    update(this: Accumulator, [value], _scope, sequence) {
      const { parts, valid } = value as Value;
      const flags = this.offsets[flagsAt] as number;
      const take = [
        kept.store(this.offsets, parts),
        store('u32', valid === 'true' ? `${taken | present}` : `${taken} | (<u32>(${valid}) << 1)`, flags),
        context.merged ? store('i64', sequence, this.offsets[flagsAt + 1] as number) : '',
      ].join(' ');
      const conditions = [which === 'last' ? '' : `${load('u32', flags)} == 0`, which === 'any_value' && valid !== 'true' ? valid : ''];
      const condition = conditions.filter((part) => part !== '').join(' && ');
      return [condition === '' ? take : `if (${condition}) { ${take} }`];
    },
    merge(this: Accumulator) {
      const flags = this.offsets[flagsAt] as number;
      const sequence = this.offsets[flagsAt + 1] as number;
      const better = which === 'last' ? '>' : '<';
      const take = `${kept.copy(this.offsets)} ${store('u32', load('u32', flags, 'q'), flags)} ${store('i64', load('i64', sequence, 'q'), sequence)}`;
      const condition = `${load('u32', flags, 'q')} != 0 && (${load('u32', flags)} == 0 || ${load('i64', sequence, 'q')} ${better} ${load('i64', sequence)})`;
      return [`if (${condition}) { ${take} }`];
    },
    mark(this: Accumulator) {
      return kept.mark(context.module, this.offsets);
    },
  }));
  return {
    accumulator,
    value: () => {
      const flags = load('u32', accumulator.offsets[flagsAt] as number);
      const certain = described.valid === 'true' && filter === null;
      return kept.value(accumulator.offsets, certain ? 'true' : `((${flags} & ${present}) != 0)`);
    },
  };
}

/** `argument` of the row with the smallest or largest `by`, the first of several; rows where either is NULL do not count. */
export function pickByOrder(
  context: AggregateContext,
  filter: Expression | null,
  argument: Expression,
  by: Expression,
  largest: boolean,
): Pick {
  const describedArgument = context.describe(argument);
  const describedBy = context.describe(by);
  const kept = new KeptValue(describedArgument, 0);
  const order = new KeptValue(describedBy, kept.fields.length);
  const flagsAt = kept.fields.length + order.fields.length;
  const better = (x: readonly string[], than: readonly string[]) =>
    largest ? lessThanOf(context.module, describedBy.type, than, x) : lessThanOf(context.module, describedBy.type, x, than);
  const accumulator = context.share(filter, `${largest ? 'arg_max' : 'arg_min'} ${expressionKey(argument)} ${expressionKey(by)}`, () => ({
    args: [argument, by],
    fields: [...kept.fields, ...order.fields, 4, ...(context.merged ? [8 as const] : [])],
    update(this: Accumulator, [value, key], _scope, sequence) {
      const flags = this.offsets[flagsAt] as number;
      const take = [
        kept.store(this.offsets, value?.parts ?? []),
        order.store(this.offsets, key?.parts ?? []),
        store('u32', `${taken}`, flags),
        context.merged ? store('i64', sequence, this.offsets[flagsAt + 1] as number) : '',
      ].join(' ');
      const valid = [value?.valid, key?.valid].filter((part) => part !== 'true').map((part) => `${part} && `);
      const beats = `(${load('u32', flags)} == 0 || ${better(key?.parts ?? [], order.parts(this.offsets))})`;
      return [`if (${valid.join('')}${beats}) { ${take} }`];
    },
    merge(this: Accumulator) {
      const flags = this.offsets[flagsAt] as number;
      const sequence = this.offsets[flagsAt + 1] as number;
      const mine = order.parts(this.offsets);
      const other = order.parts(this.offsets, 'q');
      const earlier = `${load('i64', sequence, 'q')} < ${load('i64', sequence)}`;
      const wins = `${load('u32', flags)} == 0 || ${better(other, mine)} || (!${better(mine, other)} && ${earlier})`;
      const take = `${kept.copy(this.offsets)} ${order.copy(this.offsets)} ${store('u32', `${taken}`, flags)} ${store('i64', load('i64', sequence, 'q'), sequence)}`;
      return [`if (${load('u32', flags, 'q')} != 0 && (${wins})) { ${take} }`];
    },
    mark(this: Accumulator) {
      return [...kept.mark(context.module, this.offsets), ...order.mark(context.module, this.offsets)];
    },
  }));
  return {
    accumulator,
    value: () => {
      const certain = filter === null && describedArgument.valid === 'true' && describedBy.valid === 'true';
      return kept.value(accumulator.offsets, certain ? 'true' : `(${load('u32', accumulator.offsets[flagsAt] as number)} != 0)`);
    },
  };
}
