import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { Expression, IntervalValue } from './expression.ts';

/**
 * What is known of a column's values and the watermark: when the query's watermark has passed w, every row still to come has a
 * value of at least w - delayMicros. Event time itself has delay 0; window_start comes one window later than that.
 */
export interface TimeFact {
  readonly role: 'time' | 'window_start' | 'window_end' | 'bucket';
  /** Microseconds; below 0 for a column that lies in the future of event time. */
  readonly delayMicros: bigint;
  /** Of a window's end: how long the window is, in microseconds. */
  readonly lengthMicros?: bigint;
  /** Name of the column or window it comes from, for people. */
  readonly origin: string;
  /** It follows the clock that the query does not, event time or arrival: the query's watermark says nothing about it. */
  readonly otherClock: boolean;
}

/** A session may have begun any time before: its start follows no watermark. */
export const unknownDelay = 2n ** 61n;

/** How far source rows may lie before such a time that is made from theirs, in microseconds. */
export function reachBefore({ delayMicros, lengthMicros = 0n }: TimeFact): bigint {
  return lengthMicros + (delayMicros < 0n ? -delayMicros : 0n);
}

export type Facts = readonly (TimeFact | null)[];

const dayMicros = 86_400_000_000n;
/** Longest length of each unit that date_trunc takes. */
const unitMicros: Readonly<Record<string, bigint>> = {
  microsecond: 1n,
  microseconds: 1n,
  millisecond: 1000n,
  milliseconds: 1000n,
  second: 1_000_000n,
  seconds: 1_000_000n,
  minute: 60_000_000n,
  minutes: 60_000_000n,
  hour: 3_600_000_000n,
  hours: 3_600_000_000n,
  day: dayMicros,
  days: dayMicros,
  week: 7n * dayMicros,
  weeks: 7n * dayMicros,
  month: 31n * dayMicros,
  months: 31n * dayMicros,
  quarter: 92n * dayMicros,
  quarters: 92n * dayMicros,
  year: 366n * dayMicros,
  years: 366n * dayMicros,
};
/** Formats whose text sorts as time does, with the length of what each text stands for. */
const sortedFormats: Readonly<Record<string, bigint>> = {
  '%Y': 366n * dayMicros,
  '%Y-%m': 31n * dayMicros,
  '%Y-%m-%d': dayMicros,
  '%Y%m%d': dayMicros,
  '%Y-%m-%d %H': 3_600_000_000n,
  '%Y-%m-%d %H:%M': 60_000_000n,
  '%Y-%m-%d %H:%M:%S': 1_000_000n,
  '%Y-%m-%dT%H:%M:%S': 1_000_000n,
};

/** The fact of an expression over columns with facts: time shifted by a constant, cut to a unit, or formatted so that it sorts. */
export function factOf(expression: Expression, facts: Facts): TimeFact | null {
  switch (expression.kind) {
    case 'column':
      return facts[expression.index] ?? null;
    case 'cast': {
      const fact = factOf(expression.child, facts);
      if (fact === null) return null;
      if (expression.type.kind === 'date') return bucket(fact, dayMicros);
      return expression.type.kind.startsWith('timestamp') ? fact : null;
    }
    case 'call':
      return callFact(expression, facts);
    default:
      return null;
  }
}

function callFact(call: Extract<Expression, { kind: 'call' }>, facts: Facts): TimeFact | null {
  const [first, second] = call.args;
  if (first === undefined || second === undefined) return null;
  switch (call.name) {
    case '+':
    case '-': {
      const [time, length] = first.type.kind === 'interval' ? [second, first] : [first, second];
      const fact = factOf(time, facts);
      const micros = constantMicros(length);
      if (fact === null || micros === null) return null;
      const shifted = call.name === '+' ? fact.delayMicros - micros : fact.delayMicros + micros;
      return { ...fact, role: 'time', delayMicros: shifted };
    }
    case 'date_trunc': {
      const fact = factOf(second, facts);
      const unit = first.kind === 'constant' ? unitMicros[String(first.value).toLowerCase()] : undefined;
      return fact === null || unit === undefined ? null : bucket(fact, unit);
    }
    case 'time_bucket': {
      const fact = factOf(second, facts);
      const width = constantMicros(first);
      return fact === null || width === null ? null : bucket(fact, width);
    }
    case 'strftime': {
      const fact = factOf(first, facts);
      const unit = second.kind === 'constant' ? sortedFormats[String(second.value)] : undefined;
      return fact === null || unit === undefined ? null : bucket(fact, unit);
    }
    default:
      return null;
  }
}

function bucket(fact: TimeFact, width: bigint): TimeFact {
  return { ...fact, role: 'bucket', delayMicros: fact.delayMicros + width };
}

/** A constant interval of fixed length, in microseconds. */
export function constantMicros(expression: Expression): bigint | null {
  if (expression.kind !== 'constant' || expression.type.kind !== 'interval' || expression.value === null) return null;
  const { months, days, micros } = expression.value as IntervalValue;
  return months === 0 ? BigInt(days) * dayMicros + micros : null;
}

/** `base + micros` where base is a column with a fact: what two sides of a time comparison are made of. */
export function timeOffset(expression: Expression, facts: Facts): { fact: TimeFact; column: number; micros: bigint } | null {
  if (expression.kind === 'column') {
    const fact = facts[expression.index] ?? null;
    return fact === null || fact.role === 'bucket' ? null : { fact, column: expression.index, micros: 0n };
  }
  if (expression.kind !== 'call' || (expression.name !== '+' && expression.name !== '-')) return null;
  const [first, second] = expression.args;
  if (first === undefined || second === undefined) return null;
  const inner = timeOffset(first, facts);
  const micros = constantMicros(second);
  if (inner === null || micros === null) return null;
  return { ...inner, micros: expression.name === '+' ? inner.micros + micros : inner.micros - micros };
}

/** A result's columns that follow event time closely enough to be event time for whoever reads the result. */
export function timeColumns(schema: readonly ColumnSpec[], facts: Facts): Map<string, bigint> {
  const columns = new Map<string, bigint>();
  schema.forEach((column, index) => {
    const fact = facts[index];
    if (fact && !fact.otherClock && fact.delayMicros < unknownDelay && column.type.kind === 'timestamp')
      columns.set(column.name, fact.delayMicros);
  });
  return columns;
}
