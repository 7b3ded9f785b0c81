import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import { holdsEnum } from '../expression/packed/shape.ts';
import { type Machine, machineOf } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import { type Accumulator, type AggregateContext, type Finish, load, onlyArgument, type Template } from './accumulator.ts';
import { countRows, countTrue } from './count.ts';
import { extremeOf, extremeValue } from './extreme.ts';
import { momentsOf } from './moments.ts';
import { pickByArrival, pickByOrder } from './pick.ts';
import { sumOf, sumWords } from './sum.ts';

const average: Template = (context, call) => {
  const argument = onlyArgument(call);
  const { machine, type } = context.describe(argument);
  if (sumWords(machine) === null || !isNumber(type.kind)) throw notSupported(`${call.name} of ${type.kind}`, call.span);
  const sum = sumOf(context, call.filter, argument);
  const count = countRows(context, call.filter, argument);
  return () => {
    const rows = load('i64', count.offsets[0] as number);
    const scale = type.kind === 'decimal' ? ` * ${`1${'0'.repeat(type.scale)}`}.0` : '';
    const total = sumAsDouble(context, sum, machine);
    return { parts: [`(${total} / (<f64>${rows}${scale}))`], valid: presence(context, call, argument, count) };
  };
};

const sum: Template = (context, call) => {
  const argument = onlyArgument(call);
  const { machine, type } = context.describe(argument);
  if (sumWords(machine) === null || !isNumber(type.kind)) throw notSupported(`${call.name} of ${type.kind}`, call.span);
  const result = machineOf(call.type);
  const total = sumOf(context, call.filter, argument);
  const needsCount = context.describe(argument).valid !== 'true' || call.filter !== null;
  const count = needsCount ? countRows(context, call.filter, argument) : null;
  return (scope) => {
    const valid = count === null ? 'true' : presence(context, call, argument, count);
    const [low, high] = total.offsets as [number, number];
    const words = sumWords(machine);
    if (words === 'double') return { parts: [load('f64', low)], valid };
    const one = scope.name('sum');
    if (words === 'one') scope.emit(`const ${one} = ${load('i64', low)};`);
    if (result === 'f64') return { parts: [sumAsDouble(context, total, machine)], valid };
    if (result === 'i128')
      return { parts: words === 'one' ? [`<u64>${one}`, `(${one} >> 63)`] : [load('u64', low), load('i64', high)], valid };
    throw notSupported(`${call.name} as ${call.type.kind}`, call.span);
  };
};

const extreme =
  (largest: boolean): Template =>
  (context, call) => {
    const argument = onlyArgument(call);
    const { machine, type } = context.describe(argument);
    if (holdsEnum(type) && machine === 'packed') throw notSupported(`${call.name} of ${type.kind}`, call.span);
    if (machine === 'interval' || machine === 'packed' || type.kind === 'enum') {
      const pick = pickByOrder(context, call.filter, argument, argument, largest);
      return () => pick.value();
    }
    const kept = extremeOf(context, call.filter, argument, largest);
    const count = machine === 'string' ? null : countRows(context, call.filter, argument);
    return () => {
      const at = kept.offsets[0] as number;
      if (count === null) {
        const valid = context.describe(argument).valid === 'true' && call.filter === null ? 'true' : `(${load('u32', at)} != 0)`;
        return { parts: [`max<u32>(${load('u32', at)}, 1) - 1`], valid };
      }
      const valid = presence(context, call, argument, count);
      if (machine === 'i128') return { parts: [load('u64', at), load('i64', kept.offsets[1] as number)], valid };
      if (machine === 'u128') return { parts: [load('u64', at), load('u64', kept.offsets[1] as number)], valid };
      return { parts: [extremeValue(context.module, machine, at)], valid };
    };
  };

const moment =
  (root: boolean, sample: boolean): Template =>
  (context, call) => {
    const argument = onlyArgument(call);
    if (context.describe(argument).machine !== 'f64') throw notSupported(`${call.name} of ${argument.type.kind}`, call.span);
    const moments = momentsOf(context, call.filter, argument);
    return (scope) => {
      const [count, , squares] = moments.offsets as [number, number, number];
      const variance = scope.name('variance');
      const rows = load('i64', count);
      // One value varies by 0, infinite and NaN ones too, as in DuckDB.
      scope.emit(`const ${variance} = ${rows} > 1 ? ${load('f64', squares)} / <f64>(${rows}${sample ? ' - 1' : ''}) : 0.0;`);
      const result = root ? `sqrt<f64>(${variance})` : variance;
      const valid = sample ? `(${load('i64', count)} > 1)` : presence(context, call, argument, { offsets: [count] });
      const fault = `${context.module.import('fault', 'fail')}(${context.module.import('fault', 'faultOverflow')})`;
      scope.emit(`if (${valid === 'true' ? '' : `${valid} && `}!isFinite<f64>(${result})) ${fault};`);
      return { parts: [result], valid };
    };
  };

/** Standard error of the mean. */
const standardError: Template = (context, call) => {
  const argument = onlyArgument(call);
  if (context.describe(argument).machine !== 'f64') throw notSupported(`${call.name} of ${argument.type.kind}`, call.span);
  const moments = momentsOf(context, call.filter, argument);
  return () => {
    const [count, , squares] = moments.offsets as [number, number, number];
    const rows = load('i64', count);
    const variance = `(${rows} > 1 ? ${load('f64', squares)} / <f64>${rows} : 0.0)`;
    return { parts: [`sqrt<f64>(${variance}) / sqrt<f64>(<f64>${rows})`], valid: `(${rows} != 0)` };
  };
};

/** NULL, not 0, where no row brings a value: DuckDB sums. */
const countIf: Template = (context, call) => {
  const argument = onlyArgument(call);
  const hits = countTrue(context, call.filter, argument);
  const rows = countRows(context, call.filter, argument);
  return () => {
    const count = load('i64', hits.offsets[0] as number);
    const parts = machineOf(call.type) === 'i128' ? [`<u64>${count}`, '<i64>0'] : [count];
    return { parts, valid: presence(context, call, argument, rows) };
  };
};

const arrival =
  (which: 'first' | 'last' | 'any_value'): Template =>
  (context, call) => {
    const pick = pickByArrival(context, call.filter, onlyArgument(call), which);
    return () => pick.value();
  };

const order =
  (largest: boolean): Template =>
  (context, call) => {
    const [argument, by] = call.args;
    if (argument === undefined || by === undefined || call.args.length !== 2)
      throw notSupported(`${call.name} of ${call.args.length} arguments`, call.span);
    if (holdsEnum(by.type) && by.type.kind !== 'enum') throw notSupported(`${call.name} by ${by.type.kind}`, call.span);
    const pick = pickByOrder(context, call.filter, argument, by, largest);
    return () => pick.value();
  };

export const basicTemplates: Readonly<Record<string, Template>> = {
  count_star: (context, call) => counted(countRows(context, call.filter, null)),
  count: (context, call) => counted(countRows(context, call.filter, call.args[0] ?? null)),
  count_if: countIf,
  countif: countIf,
  sum,
  avg: average,
  mean: average,
  min: extreme(false),
  max: extreme(true),
  bool_and: extreme(false),
  bool_or: extreme(true),
  var_samp: moment(false, true),
  variance: moment(false, true),
  var_pop: moment(false, false),
  stddev: moment(true, true),
  stddev_samp: moment(true, true),
  stddev_pop: moment(true, false),
  sem: standardError,
  first: arrival('first'),
  arbitrary: arrival('first'),
  last: arrival('last'),
  any_value: arrival('any_value'),
  arg_min: order(false),
  argmin: order(false),
  min_by: order(false),
  arg_max: order(true),
  argmax: order(true),
  max_by: order(true),
};

function counted(count: Accumulator): Finish {
  return () => ({ parts: [load('i64', count.offsets[0] as number)], valid: 'true' });
}

/** Whether the group has a value: certain when every row brings one. */
function presence(context: AggregateContext, call: AggregateCall, argument: Expression, count: { offsets: readonly number[] }): string {
  if (call.filter === null && context.describe(argument).valid === 'true') return 'true';
  return `(${load('i64', count.offsets[0] as number)} != 0)`;
}

function sumAsDouble(context: AggregateContext, total: Accumulator, machine: Machine): string {
  const [low, high] = total.offsets as [number, number];
  if (sumWords(machine) === 'double') return load('f64', low);
  if (sumWords(machine) === 'one') return `<f64>${load('i64', low)}`;
  return `${context.module.import('hugeint', 'hugeintToDouble')}(${load('u64', low)}, ${load('i64', high)})`;
}

function isNumber(kind: string): boolean {
  return !/^(date|time|timestamp|interval|uuid|varchar|blob|json|enum|null)/.test(kind);
}
