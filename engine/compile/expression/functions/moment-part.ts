import { asMicroseconds } from '../cast-moment.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall } from '../function-call.ts';
import { allValid, compute } from '../value.ts';

const aliases: Readonly<Record<string, readonly string[]>> = {
  year: ['yr', 'y', 'years', 'yrs'],
  month: ['mon', 'months', 'mons'],
  day: ['days', 'd', 'dayofmonth'],
  decade: ['dec', 'decades', 'decs'],
  century: ['cent', 'centuries', 'c'],
  millennium: ['mil', 'millenniums', 'millennia', 'mils', 'millenium'],
  quarter: ['quarters'],
  microsecond: ['microseconds', 'us', 'usec', 'usecs', 'usecond', 'useconds'],
  millisecond: ['milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds'],
  second: ['sec', 'seconds', 'secs', 's'],
  minute: ['min', 'minutes', 'mins', 'm'],
  hour: ['hr', 'hours', 'hrs', 'h'],
  week: ['weeks', 'w', 'weekofyear'],
  dow: ['dayofweek', 'weekday'],
  doy: ['dayofyear'],
};
const canonical = new Map(Object.entries(aliases).flatMap(([name, others]) => [name, ...others].map((other) => [other, name] as const)));

/** The unit by its usual name. */
export function partNamed(text: string): string {
  const lower = text.toLowerCase();
  return canonical.get(lower) ?? lower;
}

export interface PartKernel {
  /** Functions of the same meaning. */
  readonly aliases: readonly string[];
  readonly summary: string;
  compile(call: FunctionCall, index: number): Value;
}

/**
 * A part of argument `index`, a finite date or timestamp; `text` is given it in microseconds, `ofDate` a date in days: dates reach
 * further than timestamps.
 */
export function partOf(
  call: FunctionCall,
  index: number,
  text: (micros: string) => string,
  ofDate: ((days: string) => string) | null = null,
): Value {
  const value = call.value(index);
  const inDays = value.type.kind === 'date' ? ofDate : null;
  if (inDays === null && asMicroseconds('at', value.type, call.scope) === null) throw call.refuse();
  return compute(call.scope, call.type, value.valid, true, (scope) => {
    const finite = call.import('calendar', value.type.kind === 'date' ? 'isFiniteDate' : 'isFiniteTimestamp');
    const valid = scope.name('v');
    const result = scope.name('r');
    const type = call.type.kind === 'double' ? 'f64' : call.type.kind === 'date' ? 'i32' : call.type.kind === 'varchar' ? 'u32' : 'i64';
    scope.emit(`const ${valid}: bool = ${finite}(${value.parts[0]});`);
    scope.emit(`let ${result}: ${type} = 0;`);
    const [at = ''] = value.parts;
    const part = inDays === null ? text(asMicroseconds(at, value.type, scope) as string) : inDays(at);
    scope.emit(`if (${valid}) ${result} = ${part};`);
    return { parts: [result], valid };
  });
}

/** Parts of the clock are the same for TIME; `interval` says them of an interval's (months, days, microseconds). */
function part(
  kernel: string,
  summary: string,
  names: readonly string[],
  clock: boolean,
  interval?: (months: string, days: string, micros: string, call: FunctionCall) => string,
): PartKernel {
  return {
    aliases: names,
    summary,
    compile(call, index) {
      const { type } = call.argument(index);
      if (type.kind === 'interval' && interval !== undefined) {
        const value = call.value(index);
        const [months, days, micros] = value.parts as [string, string, string];
        return compute(call.scope, call.type, allValid(call.scope, [value]), false, () => ({
          parts: [interval(months, days, micros, call)],
        }));
      }
      if (type.kind === 'time' && clock) {
        const value = call.value(index);
        return compute(call.scope, call.type, value.valid, true, () => ({
          parts: [`${call.import('date-part', kernel)}(${value.parts[0]})`],
        }));
      }
      return partOf(call, index, (at) => `${call.import('date-part', kernel)}(${at})`);
    },
  };
}

export const partKernels: Readonly<Record<string, PartKernel>> = {
  year: part('yearOf', 'Year', [], false, (months) => `<i64>(${months} / 12)`),
  quarter: part('quarterOf', 'Quarter, 1 to 4', [], false, (months) => `<i64>((${months} % 12) / 3 + 1)`),
  month: part('monthOf', 'Month, 1 to 12', [], false, (months) => `<i64>(${months} % 12)`),
  day: part('dayOf', 'Day of the month', ['dayofmonth'], false, (_, days) => `<i64>${days}`),
  hour: part('hourOf', 'Hour', [], true, (_months, _days, micros) => `${micros} / 3600000000`),
  minute: part('minuteOf', 'Minute', [], true, (_months, _days, micros) => `(${micros} % 3600000000) / 60000000`),
  second: part('secondOf', 'Whole seconds', [], true, (_months, _days, micros) => `(${micros} % 60000000) / 1000000`),
  millisecond: part(
    'millisecondOf',
    'Milliseconds since the minute',
    [],
    true,
    (_months, _days, micros) => `(${micros} % 60000000) / 1000`,
  ),
  microsecond: part('microsecondOf', 'Microseconds since the minute', [], true, (_months, _days, micros) => `${micros} % 60000000`),
  epoch: part(
    'epochOf',
    'Seconds since 1970 as DOUBLE; of an interval its length',
    [],
    true,
    (months, days, micros, call) => `${call.import('interval', 'intervalSeconds')}(${months}, ${days}, ${micros})`,
  ),
  dow: part('dayOfWeek', 'Day of the week, Sunday 0', ['dayofweek', 'weekday'], false),
  isodow: part('isoDayOfWeek', 'Day of the week, Monday 1 to Sunday 7', [], false),
  doy: part('dayOfYear', 'Day of the year', ['dayofyear'], false),
  week: part('isoWeek', 'ISO week', ['weekofyear'], false),
  isoyear: part('isoYear', 'Year of the ISO week', [], false),
  yearweek: part('yearWeek', 'ISO year and week as one number', [], false),
  decade: part('decadeOf', 'Year divided by 10', [], false, (months) => `<i64>(${months} / 120)`),
  century: part('centuryOf', 'Century', [], false, (months) => `<i64>(${months} / 1200)`),
  millennium: part('millenniumOf', 'Millennium', [], false, (months) => `<i64>(${months} / 12000)`),
  era: part('eraOf', '1 after, 0 before Christ', [], false),
  julian: part('julianDay', 'Julian day', [], false),
};

type Kernel = readonly [name: string, more: readonly (string | number)[]];

const clockUnits: Readonly<Record<string, number>> = {
  microsecond: 1,
  millisecond: 1e3,
  second: 1e6,
  minute: 6e7,
  hour: 3.6e9,
  day: 8.64e10,
};
const monthUnits: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12, decade: 120, century: 1200, millennium: 12000 };

/** Kernel of timestamp.ts that cuts to a unit. */
export function truncation(unit: string): Kernel | null {
  if (unit in clockUnits) return ['truncateTo', [clockUnits[unit] as number]];
  if (unit in monthUnits) return ['truncateToMonths', [monthUnits[unit] as number]];
  if (unit === 'week' || unit === 'yearweek') return ['truncateToWeek', []];
  if (unit === 'isoyear') return ['truncateToIsoYear', []];
  if (unit === 'dow' || unit === 'isodow' || unit === 'doy') return ['truncateTo', [clockUnits.day as number]];
  return null;
}

/** Kernel of timestamp.ts that counts boundaries. */
export function differences(unit: string): Kernel | null {
  if (unit === 'microsecond') return ['countMicros', []];
  if (unit in clockUnits) return ['countUnits', [clockUnits[unit] as number]];
  if (unit === 'month' || unit === 'quarter') return ['countMonths', [monthUnits[unit] as number]];
  if (unit in monthUnits) return ['countYears', [(monthUnits[unit] as number) / 12]];
  if (unit === 'week' || unit === 'yearweek') return ['countWeeks', []];
  if (unit === 'isoyear') return ['countIsoYears', []];
  return null;
}
