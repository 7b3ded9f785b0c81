import type { DataType } from '../../../connectors/data-type.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import { optional } from '../expression/packed/source.ts';
import { ListWriter } from '../expression/packed/write.ts';
import { bind } from '../expression/value.ts';
import { type Machine, machineOf } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { notSupported } from '../refuse.ts';
import { typeName } from '../../plan/type-name.ts';
import type { RowScope } from '../row-scope.ts';
import { type AggregateContext, type Finish, onlyArgument, type Template } from './accumulator.ts';
import { distinctRows } from './distinct-rows.ts';
import { keptRows } from './kept-rows.ts';
import { countOf, listRows, ofRows, type RowSet } from './row-set.ts';

/** A sorted group's values: `at` gives the one at a place (u32 expression), `number` the same as an f64, for interpolation. */
interface SortedValues {
  readonly count: string;
  at(scope: RowScope, place: string): Value;
}

function rowsOf(context: AggregateContext, call: AggregateCall): RowSet {
  const argument = onlyArgument(call);
  return call.distinct ? distinctRows(context, call.filter, [argument], 1, false) : keptRows(context, call.filter, [argument], 1);
}

/** Values of up to 64 bits that order as integers, or doubles. */
function isWord(type: DataType): boolean {
  return type.kind !== 'enum' && /^(bool|[iu](8|16|32|64)|f32|f64)$/.test(machineOf(type));
}

function wordOf(module: ModuleBuilder, machine: Machine, part: string): string {
  if (machine === 'f64' || machine === 'f32') return `${module.import('order', 'doubleOrder')}(<f64>${part})`;
  if (machine === 'u64') return `${module.import('order', 'unsignedOrder')}(${part})`;
  return `<i64>${part}`;
}

function valueOfWord(module: ModuleBuilder, machine: Machine, word: string): string {
  if (machine === 'f64') return `${module.import('order', 'orderedDouble')}(${word})`;
  if (machine === 'f32') return `<f32>${module.import('order', 'orderedDouble')}(${word})`;
  if (machine === 'u64') return `${module.import('order', 'orderedUnsigned')}(${word})`;
  return machine === 'bool' ? `(${word} != 0)` : `<${machine}>${word}`;
}

/** Words are selected, not sorted; other values are sorted. */
export function sortedValues(
  module: ModuleBuilder,
  scope: RowScope,
  rows: RowSet,
  type: DataType,
  of: (part: string) => string = (part) => part,
): SortedValues {
  const machine = machineOf(type);
  if (!isWord(type)) {
    const listing = listRows(module, scope, rows, [{ column: 0, descending: false, nullsFirst: false }]);
    return {
      count: listing.count,
      at(inner, place) {
        const entry = bind(inner, `<usize>load<u32>(${listing.order} + (<usize>(${place}) << 2))`, 'usize', 'entry');
        return rows.read(inner, 0, entry);
      },
    };
  }
  const count = bind(scope, countOf(module, rows), 'u32', 'count');
  const words = bind(scope, `${module.import('select-word', 'reserveWords')}(${count})`, 'usize', 'words');
  const first = bind(
    scope,
    `${module.import('kept-entries', 'firstEntry')}(load<u32>(p, ${rows.accumulator.offsets[0]}))`,
    'usize',
    'entries',
  );
  const k = scope.name('i');
  scope.inner(`for (let ${k}: u32 = 0; ${k} < ${count}; ${k}++)`, (inner) => {
    const entry = bind(inner, `${first} + <usize>(${k} * ${rows.entryBytes})`, 'usize', 'entry');
    const value = rows.read(inner, 0, entry);
    inner.emit(`store<i64>(${words} + (<usize>${k} << 3), ${wordOf(module, machine, of(value.parts[0] as string))});`);
  });
  return {
    count,
    at(inner, place) {
      const word = bind(inner, `${module.import('select-word', 'selectWord')}(${count}, ${place})`, 'i64', 'word');
      return { type, machine, parts: [bind(inner, valueOfWord(module, machine, word), machine)], valid: 'true' };
    },
  };
}

/** The fraction that a quantile's literal says: numerator / scale. */
function fraction(quantile: number): { numerator: bigint; scale: bigint } {
  const places = Math.min(9, quantile.toString().split('.')[1]?.length ?? 0);
  const decimals = quantile.toString().includes('e') ? 9 : places;
  return { numerator: BigInt(Math.round(quantile * 10 ** decimals)), scale: 10n ** BigInt(decimals) };
}

type Pick = (scope: RowScope, values: SortedValues, quantile: number) => Value;

function quantiles(context: AggregateContext, call: AggregateCall): Finish {
  const { module } = context;
  const rows = rowsOf(context, call);
  const { type } = onlyArgument(call);
  return (scope) =>
    ofRows(scope, rows, call.type, (inner, variable) => {
      variable.set(inner, picked(inner, module, call, sortedValues(module, inner, rows, type)));
    });
}

/** The quantile that a call asks for, or the list of them. */
function picked(scope: RowScope, module: ModuleBuilder, call: AggregateCall, values: SortedValues): Value {
  const { type } = call;
  const pick = pickOf(module, call);
  if (type.kind !== 'list' || !severalOf(call)) return pick(scope, values, call.parameters[0] ?? 0.5);
  const results = call.parameters.map((quantile) => pick(scope, values, quantile));
  const writer = new ListWriter(scope, type.child, String(results.length));
  results.forEach((result, k) => {
    writer.set(scope, String(k), result);
  });
  return { type, machine: 'packed', parts: [writer.finish(scope)], valid: 'true' };
}

/** A quantile of values that are kept sorted as words. */
export interface SortedQuantile {
  /** i64 expression: what orders as a value does. */
  word(part: string): string;
  /** `at`: i64 expression of the word at a place. NULL where there is none. */
  result(scope: RowScope, count: string, at: (place: string) => string): Value;
}

/** null where the call is no quantile, or its values are no words. */
export function sortedQuantile(module: ModuleBuilder, asked: AggregateCall): SortedQuantile | null {
  if (!/^(median|quantile|quantile_cont|quantile_disc)$/.test(asked.name) || asked.distinct) return null;
  const { type } = onlyArgument(asked);
  if (!isWord(type)) return null;
  const call = ofParameters(asked);
  const machine = machineOf(type);
  return {
    word: (part) => wordOf(module, machine, part),
    result: (scope, count, at) =>
      optional(scope, call.type, `(${count} != 0)`, (inner, variable) => {
        const values: SortedValues = {
          count,
          at(deep, place) {
            const word = bind(deep, at(place), 'i64', 'word');
            return { type, machine, parts: [bind(deep, valueOfWord(module, machine, word), machine)], valid: 'true' };
          },
        };
        variable.set(inner, picked(inner as RowScope, module, call, values));
      }),
  };
}

/** Whether a call asks for a list of quantiles: then its type is a list of what it gives for one. */
function severalOf(call: AggregateCall): boolean {
  return call.type.kind === 'list' && typeName(call.type) !== typeName(onlyArgument(call).type);
}

/** Whether a quantile is counted from the largest value down. */
function isDescending(quantile: number): boolean {
  return quantile < 0 || Object.is(quantile, -0);
}

function discrete(module: ModuleBuilder): Pick {
  return (scope, values, quantile) => {
    const { numerator, scale } = fraction(Math.abs(quantile));
    const place = `${module.import('select-word', 'discretePlace')}(${values.count}, ${numerator}, ${scale})`;
    const at = bind(scope, isDescending(quantile) ? `${values.count} - 1 - ${place}` : place, 'u32', 'place');
    return values.at(scope, at);
  };
}

function continuous(module: ModuleBuilder, type: DataType): Pick {
  return (scope, values, quantile) => {
    const place = bind(
      scope,
      `${module.import('select-word', 'quantilePlace')}(${values.count}, <f64>${floatText(Math.abs(quantile))})`,
      'u32',
      'place',
    );
    const share = bind(scope, `<f64>${module.import('select-word', 'quantileShare')} + 0.0`, 'f64', 'share');
    const next = `(${place} + <u32>(${share} != 0))`;
    const down = isDescending(quantile);
    const low = values.at(scope, bind(scope, down ? `${values.count} - 1 - ${place}` : place, 'u32', 'place'));
    const high = values.at(scope, bind(scope, down ? `${values.count} - 1 - ${next}` : next, 'u32', 'place'));
    return between(module, scope, low, high, share, type);
  };
}

function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Between two values of a column, as DuckDB interpolates by the type of the result. */
export function between(module: ModuleBuilder, scope: RowScope, low: Value, high: Value, share: string, type: DataType): Value {
  const machine = machineOf(type);
  const result = (part: string): Value => ({ type, machine, parts: [bind(scope, part, machine)], valid: 'true' });
  const weighed = (a: string, b: string) => `${a} * (1.0 - ${share}) + ${b} * ${share}`;
  if (machine === 'f64') {
    const [a, b] = [asDouble(module, low), asDouble(module, high)];
    return result(`(${share} == 0 ? ${a} : ${weighed(a, b)})`);
  }
  if (machine === 'f32') {
    const [a, b] = [low.parts[0], high.parts[0]];
    return result(`(${share} == 0 ? ${a} : ${a} + <f32>(<f64>(${b} - ${a}) * ${share}))`);
  }
  if (machine === 'i128') {
    const [a, b] = [asDouble(module, low), asDouble(module, high)];
    const mixed = bind(scope, weighed(a, b), 'f64');
    const words = [scope.name('t'), scope.name('t')] as const;
    scope.emit(`let ${words[0]}: u64 = ${low.parts[0]}, ${words[1]}: i64 = ${low.parts[1]};`);
    scope.emit(
      `if (${share} != 0) { ${words[0]} = ${module.import('hugeint', 'doubleToHugeint')}(${mixed}); ${words[1]} = ${module.import('hugeint', 'high')}; }`,
    );
    return { type, machine, parts: words, valid: 'true' };
  }
  const [a, b] =
    type.kind === 'timestamp' && low.type.kind === 'date' ? [dateMicros(low), dateMicros(high)] : [low.parts[0], high.parts[0]];
  if (/^time/.test(type.kind)) {
    const mixed = `${module.import('math', 'roundAway')}(${weighed(`<f64>${a}`, `<f64>${b}`)})`;
    return result(`(${share} == 0 ? ${a} : <i64>${mixed})`);
  }
  const step = `<${machine}>(<f64>(${b} - ${a}) * ${share})`;
  return result(`<${machine}>(${share} == 0 ? ${a} : ${a} + ${step})`);
}

function dateMicros(value: Value): string {
  return `(<i64>${value.parts[0]} * 86400000000)`;
}

function asDouble(module: ModuleBuilder, value: Value): string {
  if (value.machine === 'i128') return `${module.import('hugeint', 'hugeintToDouble')}(${value.parts.join(', ')})`;
  return `<f64>${value.parts[0]}`;
}

const interpolated =
  /^(tinyint|smallint|integer|bigint|hugeint|utinyint|usmallint|uinteger|ubigint|float|double|decimal|date|time|timestamp)$/;

/** Continuous: median of what can be mixed, quantile_cont. */
function pickOf(module: ModuleBuilder, call: AggregateCall): Pick {
  const isContinuous = call.name === 'quantile_cont' || (call.name === 'median' && interpolated.test(onlyArgument(call).type.kind));
  if (!isContinuous) return discrete(module);
  return continuous(module, call.type.kind === 'list' && severalOf(call) ? call.type.child : call.type);
}

function ofParameters(call: AggregateCall): AggregateCall {
  return call.name === 'median' ? { ...call, parameters: [0.5] } : call;
}

const quantile: Template = (context, call) => {
  if (call.name === 'quantile_cont' && !interpolated.test(onlyArgument(call).type.kind))
    throw notSupported(`${call.name} of ${onlyArgument(call).type.kind}`, call.span);
  return quantiles(context, ofParameters(call));
};

/** Median of the distances from the median. */
const medianDistance: Template = (context, call) => {
  const { module } = context;
  const { type } = onlyArgument(call);
  const machine = machineOf(type);
  if (machine === 'i128' || !/^(float|double|decimal)$/.test(type.kind)) throw notSupported(`${call.name} of ${type.kind}`, call.span);
  const rows = rowsOf(context, call);
  const middle = continuous(module, type);
  return (scope) =>
    ofRows(scope, rows, call.type, (inner, variable) => {
      const center = middle(inner, sortedValues(module, inner, rows, type), 0.5).parts[0] as string;
      const distances = sortedValues(module, inner, rows, type, (x) => {
        const distance = `${x} - ${center}`;
        return machine === 'f64' || machine === 'f32'
          ? `abs<${machine}>(${distance})`
          : `<${machine}>(${x} < ${center} ? ${center} - ${x} : ${distance})`;
      });
      variable.set(inner, middle(inner, distances, 0.5));
    });
};

export const quantileTemplates: Readonly<Record<string, Template>> = {
  quantile_cont: quantile,
  quantile_disc: quantile,
  quantile,
  median: quantile,
  mad: medianDistance,
};
