import {
  DuckDBDateValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';

/**
 * A value as JSON can say it: integers beyond 2^53 and decimals as text, timestamps in ISO form (UTC, to the digit that is not zero), NaN
 * and infinities as DuckDB prints them.
 */
export function jsonValue(value: DuckDBValue, type: DuckDBType): unknown {
  if (value === null) return null;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return jsonNumber(value, type);
    case 'bigint':
      return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value.toString();
    default:
      return isoTimestamp(value) ?? String(value);
  }
}

function jsonNumber(value: number, type: DuckDBType): unknown {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return type.typeId === DuckDBTypeId.FLOAT ? shortestFloat(value) : value;
}

/** The fewest digits that give the same 32-bit float: 0.1 rather than 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function isoTimestamp(value: DuckDBValue): string | null {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return iso(value.micros, 1_000_000n, 6, value);
  if (value instanceof DuckDBTimestampNanosecondsValue) return iso(value.nanos, 1_000_000_000n, 9, value);
  if (value instanceof DuckDBTimestampMillisecondsValue) return iso(value.millis, 1000n, 3, value);
  if (value instanceof DuckDBTimestampSecondsValue) return iso(value.seconds, 1n, 0, value);
  if (value instanceof DuckDBDateValue) return String(value);
  return null;
}

const yearOneSeconds = -62_135_596_800n;
const yearTenThousandSeconds = 253_402_300_800n;

/** Years outside 1 to 9999 and infinities have no ISO form that everyone reads: they are as DuckDB prints them. */
function iso(ticks: bigint, perSecond: bigint, digits: number, value: DuckDBValue): string {
  let seconds = ticks / perSecond;
  let rest = ticks % perSecond;
  if (rest < 0n) {
    seconds -= 1n;
    rest += perSecond;
  }
  if (seconds < yearOneSeconds || seconds >= yearTenThousandSeconds) return String(value);
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = digits === 0 ? '' : rest.toString().padStart(digits, '0').replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}
