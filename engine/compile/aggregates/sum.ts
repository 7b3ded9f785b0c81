import type { Expression } from '../../plan/expression.ts';
import { compensatedSum } from '../changing/compensated-sum.ts';
import type { Value } from '../expression/contract.ts';
import type { Machine } from '../machine-type.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, maskInteger, store } from './accumulator.ts';

type Piece = Omit<Accumulator, 'key' | 'offsets'>;

/** How the sum of a machine type is kept: as a double, in one word, or in two. */
export function sumWords(machine: Machine): 'double' | 'one' | 'two' | null {
  switch (machine) {
    case 'f32':
    case 'f64':
      return 'double';
    case 'bool':
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u8':
    case 'u16':
    case 'u32':
      return 'one';
    case 'i64':
    case 'u64':
    case 'i128':
      return 'two';
    default:
      return null;
  }
}

export function sumOf(context: AggregateContext, filter: Expression | null, argument: Expression): Accumulator {
  const { machine } = context.describe(argument);
  return context.share(filter, `sum ${expressionKey(argument)}`, () => {
    if (sumWords(machine) === 'double') return context.retracts ? compensatedSum(context, argument) : sumDoubles(argument);
    if (sumWords(machine) === 'one') return sumSmall(context, argument);
    return machine === 'i128' ? sumWide(context, argument) : sumWords64(argument, machine);
  });
}

function sumDoubles(argument: Expression): Piece {
  return {
    args: [argument],
    fields: [8],
    update(this: Accumulator, [value]) {
      const at = this.offsets[0] as number;
      const x = value?.machine === 'f32' ? `<f64>${value.parts[0]}` : value?.parts[0];
      // A masked 0 instead of a branch: rows that are NULL come at random.
      const masked = value?.valid === 'true' ? x : `reinterpret<f64>(reinterpret<u64>(${x}) & (0 - <u64>(${value?.valid})))`;
      return [store('f64', `${load('f64', at)} + ${masked}`, at)];
    },
    merge(this: Accumulator) {
      const at = this.offsets[0] as number;
      return [store('f64', `${load('f64', at)} + ${load('f64', at, 'q')}`, at)];
    },
  };
}

/** Up to 32 bits: one word, which 2^31 rows cannot leave; beyond it fails rather than wraps. */
function sumSmall(context: AggregateContext, argument: Expression): Piece {
  const add = (at: number, x: string) => [
    `{ const a = ${load('i64', at)}, x = ${x}, s = a + x;`,
    `  if (((a ^ s) & (x ^ s)) < 0) ${context.module.import('fault', 'fail')}(${context.module.import('fault', 'faultOverflow')});`,
    `  ${store('i64', 's', at)} }`,
  ];
  return {
    args: [argument],
    fields: [8],
    update(this: Accumulator, [value]) {
      return add(this.offsets[0] as number, maskInteger(`<i64>${value?.parts[0]}`, value?.valid ?? 'true'));
    },
    retract(this: Accumulator, [value]) {
      return add(this.offsets[0] as number, `-${maskInteger(`<i64>${value?.parts[0]}`, value?.valid ?? 'true')}`);
    },
    merge(this: Accumulator) {
      return add(this.offsets[0] as number, load('i64', this.offsets[0] as number, 'q'));
    },
  };
}

/** 64 bits into 128: cannot overflow in any number of rows. */
function sumWords64(argument: Expression, machine: Machine): Piece {
  return {
    args: [argument],
    fields: [8, 8],
    update(this: Accumulator, [value]) {
      const [low, high] = this.offsets as [number, number];
      const x = maskInteger(`<i64>${value?.parts[0]}`, value?.valid ?? 'true');
      const sign = machine === 'u64' ? '0' : '(x >> 63)';
      return [
        `{ const x = ${x}, a = ${load('u64', low)}, s = a + <u64>x;`,
        `  ${store('u64', 's', low)} ${store('i64', `${load('i64', high)} + ${sign} + <i64>(s < a)`, high)} }`,
      ];
    },
    retract(this: Accumulator, [value]) {
      const [low, high] = this.offsets as [number, number];
      const x = maskInteger(`<i64>${value?.parts[0]}`, value?.valid ?? 'true');
      const sign = machine === 'u64' ? '0' : '(x >> 63)';
      return [
        `{ const x = ${x}, a = ${load('u64', low)}, s = a - <u64>x;`,
        `  ${store('u64', 's', low)} ${store('i64', `${load('i64', high)} - ${sign} - <i64>(s > a)`, high)} }`,
      ];
    },
    merge(this: Accumulator) {
      const [low, high] = this.offsets as [number, number];
      return [
        `{ const a = ${load('u64', low)}, s = a + ${load('u64', low, 'q')};`,
        `  ${store('u64', 's', low)} ${store('i64', `${load('i64', high)} + ${load('i64', high, 'q')} + <i64>(s < a)`, high)} }`,
      ];
    },
  };
}

function sumWide(context: AggregateContext, argument: Expression): Piece {
  const add = (low: number, high: number, x: readonly string[], name: 'addHugeint' | 'subtractHugeint' = 'addHugeint') => {
    const sum = context.module.import('hugeint', name);
    const top = context.module.import('hugeint', 'high');
    return [
      `{ const s = ${sum}(${load('u64', low)}, ${load('i64', high)}, ${x[0]}, ${x[1]});`,
      `  ${store('u64', 's', low)} ${store('i64', top, high)} }`,
    ];
  };
  const where = (value: Value | undefined, lines: readonly string[]) =>
    value?.valid === 'true' ? lines : [`if (${value?.valid}) {`, ...lines.map((line) => `  ${line}`), '}'];
  return {
    args: [argument],
    fields: [8, 8],
    update(this: Accumulator, [value]) {
      const [low, high] = this.offsets as [number, number];
      return where(value, add(low, high, value?.parts ?? []));
    },
    retract(this: Accumulator, [value]) {
      const [low, high] = this.offsets as [number, number];
      return where(value, add(low, high, value?.parts ?? [], 'subtractHugeint'));
    },
    merge(this: Accumulator) {
      const [low, high] = this.offsets as [number, number];
      return add(low, high, [load('u64', low, 'q'), load('i64', high, 'q')]);
    },
  };
}
