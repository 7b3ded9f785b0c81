import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import type { Machine } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store } from './accumulator.ts';
import { lessThan } from './order.ts';

type Piece = Omit<Accumulator, 'key' | 'offsets'>;

/** Smallest or largest value that is not NULL. Whether there is one is counted elsewhere, but for strings, which keep id + 1. */
export function extremeOf(context: AggregateContext, filter: Expression | null, argument: Expression, largest: boolean): Accumulator {
  const { machine } = context.describe(argument);
  return context.share(filter, `${largest ? 'max' : 'min'} ${expressionKey(argument)}`, () => {
    if (machine === 'string') return extremeString(context.module, argument, largest);
    if (machine === 'i128' || machine === 'u128') return extremeWide(context.module, argument, machine, largest);
    if (machine === 'f64' || machine === 'f32') return extremeDouble(context.module, argument, largest);
    return extremeWord(context.module, argument, largest);
  });
}

/** Read from slot `p`. */
export function extremeValue(module: ModuleBuilder, machine: Machine, at: number): string {
  if (machine === 'f64') return load('f64', at);
  if (machine === 'f32') return `<f32>${load('f64', at)}`;
  const word = load('i64', at);
  if (machine === 'u64') return `${module.import('order', 'orderedUnsigned')}(${word})`;
  return machine === 'bool' ? `(${word} != 0)` : `<${machine}>${word}`;
}

function extremeDouble(module: ModuleBuilder, argument: Expression, largest: boolean): Piece {
  const keep = (at: number, x: string) => `${module.import('order', largest ? 'keepLargest' : 'keepLeast')}(p + ${at}, ${x});`;
  return {
    args: [argument],
    fields: [8],
    initialise(this: Accumulator) {
      return [store('f64', largest ? '-Infinity' : 'NaN', this.offsets[0] as number)];
    },
    update(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      const x = value?.machine === 'f32' ? `<f64>${value.parts[0]}` : (value?.parts[0] as string);
      if (value?.valid === 'true') return [keep(at, x)];
      // What is kept already, instead of a branch: rows that are NULL come at random.
      const masked = `reinterpret<f64>(select<u64>(reinterpret<u64>(${x}), ${load('u64', at)}, ${value?.valid}))`;
      return [keep(at, masked)];
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [keep(at, load('f64', at, 'q'))];
    },
  };
}

/** Any other type of up to 64 bits, as an integer that orders the same. */
function extremeWord(module: ModuleBuilder, argument: Expression, largest: boolean): Piece {
  const keep = (at: number, x: string) => {
    const better = largest ? 'x > m' : 'x < m';
    return `{ const m = ${load('i64', at)}, x = ${x}; ${store('i64', `select<i64>(x, m, ${better})`, at)} }`;
  };
  const least = largest ? 'i64.MIN_VALUE' : 'i64.MAX_VALUE';
  return {
    args: [argument],
    fields: [8],
    initialise(this: Accumulator) {
      return [store('i64', least, this.offsets[0] as number)];
    },
    update(this: Accumulator, [value]) {
      const x = orderWord(module, value as Value);
      return [keep(this.offsets[0] as number, value?.valid === 'true' ? x : `select<i64>(${x}, ${least}, ${value?.valid})`)];
    },
    merge(this: Accumulator) {
      return [keep(this.offsets[0] as number, load('i64', this.offsets[0] as number, 'q'))];
    },
  };
}

function orderWord(module: ModuleBuilder, value: Value): string {
  const x = value.parts[0] as string;
  if (value.machine === 'u64') return `${module.import('order', 'unsignedOrder')}(${x})`;
  return `<i64>${x}`;
}

function extremeWide(module: ModuleBuilder, argument: Expression, machine: Machine, largest: boolean): Piece {
  const top = machine === 'i128' ? 'i64' : 'u64';
  const keep = (low: number, high: number, x: readonly string[], valid: string) => {
    const kept = [load('u64', low), load(top, high)];
    const better = largest ? lessThan(module, machine, kept, x) : lessThan(module, machine, x, kept);
    const condition = valid === 'true' ? better : `${valid} && ${better}`;
    return [`if (${condition}) { ${store('u64', x[0] as string, low)} ${store(top, x[1] as string, high)} }`];
  };
  return {
    args: [argument],
    fields: [8, 8],
    initialise(this: Accumulator) {
      const [low, high] = this.offsets as [number, number];
      const word = largest ? 'MIN_VALUE' : 'MAX_VALUE';
      return [store('u64', `u64.${word}`, low), store(top, `${top}.${word}`, high)];
    },
    update(this: Accumulator, [value]) {
      const [low, high] = this.offsets as [number, number];
      return keep(low, high, value?.parts ?? [], value?.valid ?? 'true');
    },
    merge(this: Accumulator) {
      const [low, high] = this.offsets as [number, number];
      return keep(low, high, [load('u64', low, 'q'), load(top, high, 'q')], 'true');
    },
  };
}

function extremeString(module: ModuleBuilder, argument: Expression, largest: boolean): Piece {
  const compare = module.import('string-table', 'compareStrings');
  const mark = module.import('string-table', 'markString');
  const better = largest ? '> 0' : '< 0';
  return {
    args: [argument],
    fields: [4],
    update(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      const x = value?.parts[0] as string;
      const valid = value?.valid === 'true' ? '' : `${value?.valid} && `;
      return [
        `{ const m = ${load('u32', at)}; if (${valid}(m == 0 || ${compare}(${x}, m - 1) ${better})) ${store('u32', `${x} + 1`, at)} }`,
      ];
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [
        `{ const m = ${load('u32', at)}, x = ${load('u32', at, 'q')};`,
        `  if (x != 0 && (m == 0 || ${compare}(x - 1, m - 1) ${better})) ${store('u32', 'x', at)} }`,
      ];
    },
    mark(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [`if (${load('u32', at)} != 0) ${mark}(${load('u32', at)} - 1);`];
    },
  };
}
