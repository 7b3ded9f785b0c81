import type { IntervalValue } from '../../../plan/expression.ts';
import { machineOf } from '../../machine-type.ts';
import { asMicroseconds } from '../cast-moment.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { allValid, compute } from '../value.ts';
import { formatProgram } from './moment-format.ts';
import { partKernels, partNamed, partOf, truncation, differences } from './moment-part.ts';

const group = 'Dates and times';

/** The argument as a TIMESTAMP in microseconds; refused for other types. */
function micros(call: FunctionCall, index: number): string {
  const { type } = call.argument(index);
  const text = asMicroseconds(call.value(index).parts[0] as string, type, call.scope);
  if (text === null) throw call.refuse();
  return text;
}

function truncate(call: FunctionCall): Value {
  const unit = partNamed(call.constantText(0, 'unit'));
  const kernel = truncation(unit);
  if (kernel === null || call.type.kind !== 'timestamp') throw call.refuse(`date_trunc to ${unit} of this type`);
  return call.strict(true, () => `${call.import('timestamp', kernel[0])}(${[micros(call, 1), ...kernel[1]].join(', ')})`, 1);
}

function difference(call: FunctionCall): Value {
  const unit = partNamed(call.constantText(0, 'unit'));
  const kernel = differences(unit);
  if (kernel === null) throw call.refuse(`date_diff in ${unit}`);
  const [start, end] = [call.value(1), call.value(2)];
  if (start.type.kind === 'time') throw call.refuse();
  return compute(call.scope, call.type, allValid(call.scope, [start, end]), true, (scope) => {
    const finite = [start, end].map(
      (value) => `${call.import('calendar', value.type.kind === 'date' ? 'isFiniteDate' : 'isFiniteTimestamp')}(${value.parts[0]})`,
    );
    const valid = scope.name('v');
    const result = scope.name('r');
    scope.emit(`const ${valid}: bool = ${finite.join(' && ')};`);
    scope.emit(`let ${result}: i64 = 0;`);
    scope.emit(
      `if (${valid}) ${result} = ${call.import('timestamp', kernel[0])}(${[micros(call, 1), micros(call, 2), ...kernel[1]].join(', ')});`,
    );
    return { parts: [result], valid };
  });
}

const microsPerDay = 86_400_000_000n;
/** Monday 2000-01-03, and January 2000 in months since 1970: where DuckDB's buckets begin. */
const originMicros = 10959n * microsPerDay;
const originMonths = 360;

function bucket(call: FunctionCall): Value {
  const width = call.constant(0);
  if (width === null || typeof width !== 'object' || !('micros' in width))
    throw call.refuse('time_bucket with a width that is not a constant');
  const { type } = call.argument(1);
  if (type.kind !== 'timestamp' && type.kind !== 'date') throw call.refuse();
  const origin = call.args.length > 2 ? call.constant(2) : null;
  if (call.args.length > 2 && typeof origin !== 'bigint')
    throw call.refuse('time_bucket with an offset, or an origin that is not a constant');
  const callText = width.months === 0 ? microBucket(call, width, origin) : monthBucket(call, width, origin);
  return compute(call.scope, call.type, call.value(1).valid, true, () => {
    return { parts: [call.type.kind === 'date' ? `${call.import('interval', 'timestampToDate')}(${callText})` : callText] };
  });
}

function originOf(call: FunctionCall, origin: unknown): bigint {
  return call.argument(2).type.kind === 'date' ? (origin as bigint) * microsPerDay : (origin as bigint);
}

function microBucket(call: FunctionCall, width: IntervalValue, origin: unknown): string {
  const size = BigInt(width.days) * microsPerDay + width.micros;
  if (size <= 0n) throw call.refuse('time_bucket with a width that is not positive');
  const start = origin === null ? originMicros : originOf(call, origin);
  return `${call.import('interval', 'timeBucket')}(${size}, ${micros(call, 1)}, ${start})`;
}

function monthBucket(call: FunctionCall, width: IntervalValue, origin: unknown): string {
  if (width.months < 0 || width.days !== 0 || width.micros !== 0n) throw call.refuse('time_bucket with a width of months and days');
  const start = origin === null ? `${originMonths}` : `${call.import('interval', 'epochMonths')}(${originOf(call, origin)})`;
  return `${call.import('interval', 'monthBucket')}(${width.months}, ${micros(call, 1)}, ${start})`;
}

/** Timestamp -> number; number -> timestamp for epoch_ms. */
function epoch(call: FunctionCall, divisor: string): Value {
  const { type } = call.argument(0);
  if (type.kind === 'bigint' && call.name === 'epoch_ms') {
    return call.strict(true, ([x]) => `${call.import('timestamp', 'timestampOfMillis')}(${x})`);
  }
  if (type.kind !== 'timestamp' && type.kind !== 'date') throw call.refuse();
  return partOf(call, 0, (at) =>
    divisor.startsWith('*') ? `${call.import('integer', 'multiply')}<i64>(${at}, ${divisor.slice(1)})` : `${at} / ${divisor}`,
  );
}

function makeTimestamp(call: FunctionCall): Value {
  if (call.args.length === 1) return call.strict(false, ([x]) => x as string);
  return call.kernel('timestamp', 'makeTimestamp');
}

function strftime(call: FunctionCall): Value {
  const formatAt = call.argument(0).type.kind === 'varchar' ? 0 : 1;
  const format = call.constantText(formatAt, 'format');
  const program = call.scope.module.data(formatProgram(call, format));
  const at = 1 - formatAt;
  return compute(call.scope, call.type, call.value(at).valid, true, () => ({
    parts: [`${call.import('format-moment', 'formatMoment')}(${micros(call, at)}, ${program})`],
  }));
}

function named(name: string, kernel: string): FunctionEntry {
  return {
    names: [name],
    group,
    signature: `${name}(t)`,
    summary: `English name of the ${name === 'dayname' ? 'day' : 'month'}`,
    compile: (call) => partOf(call, 0, (at) => `${call.import('format-moment', kernel)}(${at})`),
  };
}

const partFunctions: readonly FunctionEntry[] = Object.entries(partKernels).map(([part, kernel]) => ({
  names: [part, ...kernel.aliases],
  group,
  signature: `${part}(t)`,
  summary: kernel.summary,
  compile: (call: FunctionCall) => kernel.compile(call, 0),
}));

export const momentFunctions: readonly FunctionEntry[] = [
  {
    names: ['date_part', 'datepart'],
    group,
    signature: "extract(unit FROM t), date_part('unit', t)",
    summary: 'A part of a date, time, timestamp or interval; NULL for infinite ones',
    compile: (call) => {
      const part = partNamed(call.constantText(0, 'unit'));
      const kernel = partKernels[part];
      if (kernel === undefined) throw call.refuse(`date_part of ${part}`);
      return kernel.compile(call, 1);
    },
  },
  ...partFunctions,
  named('dayname', 'dayName'),
  named('monthname', 'monthName'),
  {
    names: ['date_trunc', 'datetrunc'],
    group,
    signature: "date_trunc('unit', t)",
    summary: 'Start of the unit that holds t',
    compile: truncate,
  },
  {
    names: ['date_diff', 'datediff'],
    group,
    signature: "date_diff('unit', a, b)",
    summary: 'Boundaries of the unit between a and b',
    compile: difference,
  },
  {
    names: ['time_bucket'],
    group,
    signature: 'time_bucket(width, t [, origin])',
    summary: 'Start of the bucket that holds t',
    compile: bucket,
  },
  {
    names: ['last_day'],
    group,
    signature: 'last_day(t)',
    summary: 'Last day of the month',
    compile: (call) => {
      const ofDate = (days: string): string => `${call.import('date-part', 'lastDayOfDate')}(${days})`;
      return partOf(call, 0, (at) => ofDate(`${call.import('calendar', 'dateOf')}(${at})`), ofDate);
    },
  },
  {
    names: ['epoch_ms'],
    group,
    signature: 'epoch_ms(t), epoch_ms(n)',
    summary: 'Milliseconds since 1970, or the timestamp of so many',
    compile: (call) => epoch(call, '1000'),
  },
  { names: ['epoch_us'], group, signature: 'epoch_us(t)', summary: 'Microseconds since 1970', compile: (call) => epoch(call, '1') },
  { names: ['epoch_ns'], group, signature: 'epoch_ns(t)', summary: 'Nanoseconds since 1970', compile: (call) => epoch(call, '*1000') },
  {
    names: ['make_timestamp'],
    group,
    signature: 'make_timestamp(year, month, day, hour, minute, second), make_timestamp(us)',
    summary: 'Timestamp of its parts, or of microseconds since 1970',
    compile: makeTimestamp,
  },
  {
    names: ['make_date'],
    group,
    signature: 'make_date(year, month, day)',
    summary: 'Date of its parts',
    compile: (call) => makeDate(call),
  },
  { names: ['strftime'], group, signature: 'strftime(t, format)', summary: 'Text by a constant format', compile: strftime },
];

function makeDate(call: FunctionCall): Value {
  if (call.args.length !== 3 || machineOf(call.argument(0).type) !== 'i64') throw call.refuse();
  return call.kernel('timestamp', 'makeDate');
}
