import type { Expression } from '../../plan/expression.ts';
import type { Machine } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, onlyArgument, store, type Template } from './accumulator.ts';
import { countRows } from './count.ts';

const narrow = new Set<Machine>(['i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64']);

/** AND, OR or XOR of integers: words of 64 bits, two of them for 128. */
const bits =
  (operator: '&' | '|' | '^'): Template =>
  (context, call) => {
    const argument = onlyArgument(call);
    const { machine, valid, type } = context.describe(argument);
    const wide = machine === 'i128' || machine === 'u128';
    if (!wide && !(narrow.has(machine) && type.kind !== 'decimal')) throw notSupported(`${call.name} of ${type.kind}`, call.span);
    const words = wide ? 2 : 1;
    const accumulator = context.share(call.filter, `bits ${operator} ${expressionKey(argument)}`, () => ({
      args: [argument],
      fields: Array.from({ length: words }, () => 8 as const),
      initialise(this: Accumulator) {
        return operator === '&' ? this.offsets.map((at) => store('u64', 'u64.MAX_VALUE', at)) : [];
      },
      update(this: Accumulator, [value]) {
        const lines = this.offsets.map((at, k) => store('u64', `${load('u64', at)} ${operator} <u64>(${value?.parts[k]})`, at));
        return value?.valid === 'true' ? lines : [`if (${value?.valid}) { ${lines.join(' ')} }`];
      },
      merge(this: Accumulator) {
        return this.offsets.map((at) => store('u64', `${load('u64', at)} ${operator} ${load('u64', at, 'q')}`, at));
      },
    }));
    const rows = countRows(context, call.filter, argument);
    return () => {
      const parts = wide
        ? [
            load('u64', accumulator.offsets[0] as number),
            `<${machine === 'i128' ? 'i64' : 'u64'}>${load('u64', accumulator.offsets[1] as number)}`,
          ]
        : [`<${machine}>${load('u64', accumulator.offsets[0] as number)}`];
      const certain = valid === 'true' && call.filter === null;
      return { parts, valid: certain ? 'true' : `(${load('i64', rows.offsets[0] as number)} != 0)` };
    };
  };

const product: Template = (context, call) => {
  const argument = onlyArgument(call);
  if (context.describe(argument).machine !== 'f64') throw notSupported(`${call.name} of ${argument.type.kind}`, call.span);
  const accumulator = context.share(call.filter, `product ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [8],
    initialise(this: Accumulator) {
      return [store('f64', '1.0', this.offsets[0] as number)];
    },
    update(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      const line = store('f64', `${load('f64', at)} * ${value?.parts[0]}`, at);
      return value?.valid === 'true' ? [line] : [`if (${value?.valid}) { ${line} }`];
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [store('f64', `${load('f64', at)} * ${load('f64', at, 'q')}`, at)];
    },
  }));
  const rows = countRows(context, call.filter, argument);
  return () => ({ parts: [load('f64', accumulator.offsets[0] as number)], valid: `(${load('i64', rows.offsets[0] as number)} != 0)` });
};

/** Kahan's sum: the sum, and what its additions lost. */
function carefulSum(context: AggregateContext, filter: Expression | null, argument: Expression): Accumulator {
  const add = (sum: number, lost: number, x: string) => [
    `{ const y = ${x} - ${load('f64', lost)}, s = ${load('f64', sum)}, t = s + y;`,
    `  ${store('f64', '(t - s) - y', lost)} ${store('f64', 't', sum)} }`,
  ];
  return context.share(filter, `kahan ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [8, 8],
    update(this: Accumulator, [value]) {
      const [sum, lost] = this.offsets as [number, number];
      const lines = add(sum, lost, value?.parts[0] as string);
      return value?.valid === 'true' ? lines : [`if (${value?.valid}) ${lines.join(' ')}`];
    },
    merge(this: Accumulator) {
      const [sum, lost] = this.offsets as [number, number];
      const none = (slot: string) => `(${load('u64', sum, slot)} | ${load('u64', lost, slot)}) == 0`;
      return [
        // A single part stays as it is, infinite values too.
        `if (${none('p')}) { ${store('u64', load('u64', sum, 'q'), sum)} ${store('u64', load('u64', lost, 'q'), lost)} }`,
        `else if (!(${none('q')})) {`,
        ...add(sum, lost, load('f64', sum, 'q')),
        ...add(sum, lost, `-${load('f64', lost, 'q')}`),
        '}',
      ];
    },
  }));
}

const kahan =
  (average: boolean): Template =>
  (context, call) => {
    const argument = onlyArgument(call);
    if (context.describe(argument).machine !== 'f64') throw notSupported(`${call.name} of ${argument.type.kind}`, call.span);
    const sum = carefulSum(context, call.filter, argument);
    const rows = countRows(context, call.filter, argument);
    return () => {
      const count = load('i64', rows.offsets[0] as number);
      const total = load('f64', sum.offsets[0] as number);
      return { parts: [average ? `(${total} / <f64>${count})` : total], valid: `(${count} != 0)` };
    };
  };

export const foldTemplates: Readonly<Record<string, Template>> = {
  bit_and: bits('&'),
  bit_or: bits('|'),
  bit_xor: bits('^'),
  product,
  fsum: kahan(false),
  sumkahan: kahan(false),
  kahan_sum: kahan(false),
  favg: kahan(true),
};
