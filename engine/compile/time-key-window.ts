import type { Expression } from '../plan/expression.ts';
import { constantMicros, type Facts, factOf, type TimeFact, unknownDelay } from '../plan/time-fact.ts';
import type { AggregateNode } from './aggregate-stage.ts';
import type { Binding } from './row-scope.ts';
import type { StageWindow } from './stage-window.ts';

/**
 * Rows without a time, or with an infinite one, share a pane that only the end of the input closes: in the year 293,509, some 700 years
 * before the last TIMESTAMP, so that its end can be computed.
 */
export const timelessMicros = 9_200_000_000_000_000_000n;

interface TimedKey {
  readonly key: Expression;
  readonly window: StageWindow;
}

/**
 * A group key that follows event time makes panes without a window: a pane is a span of the key's values, closed when none of them
 * can come any more. null when no key does.
 */
export function timeKeyWindow(node: AggregateNode, facts: Facts, bindings: readonly Binding[]): TimedKey | null {
  for (const key of node.groups) {
    const fact = factOf(key, facts);
    if (fact === null || fact.otherClock || fact.delayMicros >= unknownDelay) continue;
    const source = sourceOf({ expression: key, bindings });
    const time = asTimestamp(source.expression);
    if (time !== null) return { key, window: windowOfKey(node.id, source, time, fact) };
  }
  return null;
}

/** A timestamp that keeps a key's order and is the same where the key is, with the columns that it is over; null when there is none. */
export function timeOfKey(key: Expression, bindings: readonly Binding[]): Placed | null {
  const source = sourceOf({ expression: key, bindings });
  const time = asTimestamp(source.expression);
  return time === null ? null : { expression: time, bindings: source.bindings };
}

export interface Placed {
  readonly expression: Expression;
  readonly bindings: readonly Binding[];
}

/** What a column of a projection was computed by. */
function sourceOf(placed: Placed): Placed {
  if (placed.expression.kind !== 'column') return placed;
  const binding = placed.bindings[placed.expression.index] as Binding;
  return binding.kind === 'expression' ? sourceOf(binding) : placed;
}

function windowOfKey(node: number, source: Placed, time: Expression, fact: TimeFact): StageWindow {
  // A bucket's start, unlike a time, lies always less than its delay behind the rows still to come.
  const strict = fact.role !== 'time';
  const width = bucketWidth(source);
  const common = { node, mode: 'tumble', folds: 1, time, bindings: source.bindings, shift: 0n, timeless: timelessMicros } as const;
  if (strict && width !== null) {
    return { ...common, slide: width, size: width, close: 0n, follows: { kind: 'query', delay: fact.delayMicros } };
  }
  const delay = strict ? fact.delayMicros - 1n : fact.delayMicros;
  return { ...common, slide: 1n, size: 1n, close: 1n, follows: { kind: 'query', delay } };
}

/** A timestamp of microseconds that keeps the key's order and is the same where the key is, or null. */
function asTimestamp(key: Expression): Expression | null {
  const type = { kind: 'timestamp' } as const;
  switch (key.type.kind) {
    case 'timestamp':
    case 'timestamptz':
      return key;
    case 'date':
    case 'timestamp_s':
    case 'timestamp_ms':
    case 'timestamp_ns':
      return { kind: 'cast', child: key, try: false, type, nullable: key.nullable };
    default:
      break;
  }
  const [time, format] = key.kind === 'call' && key.name === 'strftime' ? key.args : [];
  const unit = format?.kind === 'constant' ? unitsOfFormats[String(format.value)] : undefined;
  if (time === undefined || unit === undefined) return null;
  const cast: Expression = { kind: 'cast', child: time, try: false, type, nullable: time.nullable };
  const name: Expression = { kind: 'constant', value: unit, type: { kind: 'varchar' }, nullable: false };
  return {
    kind: 'call',
    name: 'date_trunc',
    args: [name, time.type.kind === 'timestamp' ? time : cast],
    type,
    nullable: time.nullable,
  };
}

/** What texts of a format are the same for. */
const unitsOfFormats: Readonly<Record<string, string>> = {
  '%Y': 'year',
  '%Y-%m': 'month',
  '%Y-%m-%d': 'day',
  '%Y%m%d': 'day',
  '%Y-%m-%d %H': 'hour',
  '%Y-%m-%d %H:%M': 'minute',
  '%Y-%m-%d %H:%M:%S': 'second',
  '%Y-%m-%dT%H:%M:%S': 'second',
};

const dayMicros = 86_400_000_000n;
/** Units whose buckets start at multiples of their length since 1970. */
const alignedUnits: Readonly<Record<string, bigint>> = {
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
};

/** Length of the buckets that a key is the start of, when they start at its multiples: then a pane is a bucket. */
function bucketWidth(placed: Placed): bigint | null {
  const { expression, bindings } = sourceOf(placed);
  if (expression.kind === 'cast') {
    return expression.type.kind === 'date' ? dayMicros : bucketWidth({ expression: expression.child, bindings });
  }
  if (expression.kind !== 'call') return null;
  const [first] = expression.args;
  if (first === undefined) return null;
  if (expression.name === 'date_trunc' && first.kind === 'constant') return alignedUnits[String(first.value).toLowerCase()] ?? null;
  if (expression.name !== 'time_bucket' || expression.args.length !== 2) return null;
  const width = constantMicros(first);
  return width !== null && width > 0n && dayMicros % width === 0n ? width : null;
}
