import { machineOf, zeroOf } from '../../machine-type.ts';
import type { FunctionEntry } from '../function-call.ts';
import { intervalCall } from '../value.ts';

const group = 'Intervals';

/** to_hours(n) and its kin; constants are folded before they come here. */
function maker(name: string, unit: string, slot: 0 | 1 | 2, factor: number): FunctionEntry {
  return {
    names: [name],
    group,
    signature: `${name}(n)`,
    summary: `Interval of n ${unit}`,
    compile: (call) => {
      const machine = machineOf(call.argument(0).type);
      const type = slot === 2 ? 'i64' : 'i32';
      if (machine !== 'i64' && machine !== 'i32' && machine !== 'f64') throw call.refuse();
      return call.strict(true, ([n]) => {
        const amount =
          machine === 'f64'
            ? `${call.import('interval', 'scaledMicros')}(${n}, ${factor}.0)`
            : `${call.import('integer', 'multiply')}<${type}>(${call.import('interval', 'wholeAmount')}<${type}>(<i64>${n}), ${factor})`;
        return { parts: [0, 1, 2].map((i) => (i === slot ? amount : zeroOf(i === 2 ? 'i64' : 'i32'))) };
      });
    },
  };
}

export const intervalFunctions: readonly FunctionEntry[] = [
  {
    names: ['normalized_interval'],
    group,
    signature: 'normalized_interval(i)',
    summary: 'Months of 30 days and days of 24 hours carried upwards; every comparison of intervals uses it',
    compile: (call) =>
      call.strict(true, (parts, scope) => intervalCall(scope, `${call.import('interval', 'normalizeInterval')}(${parts.join(', ')})`)),
  },
  maker('to_years', 'years', 0, 12),
  maker('to_quarters', 'quarters', 0, 3),
  maker('to_months', 'months', 0, 1),
  maker('to_weeks', 'weeks', 1, 7),
  maker('to_days', 'days', 1, 1),
  maker('to_hours', 'hours', 2, 3_600_000_000),
  maker('to_minutes', 'minutes', 2, 60_000_000),
  maker('to_seconds', 'seconds', 2, 1_000_000),
  maker('to_milliseconds', 'milliseconds', 2, 1_000),
  maker('to_microseconds', 'microseconds', 2, 1),
];
