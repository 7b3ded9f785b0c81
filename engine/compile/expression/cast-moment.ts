import type { DataType } from '../../../connectors/data-type.ts';
import type { CastRule } from './cast.ts';
import type { ExpressionScope } from './contract.ts';

/** Units in a second. */
const timestampUnits: Readonly<Record<string, number>> = { timestamp_s: 1, timestamp_ms: 1e3, timestamp: 1e6, timestamp_ns: 1e9 };

/** Casts among dates, times and timestamps. */
export function momentCast(from: DataType, to: DataType): CastRule | null {
  const call = (file: string, name: string): CastRule => ({
    fails: false,
    dear: true,
    compute: ({ parts }, scope) => ({ parts: [`${scope.module.import(file, name)}(${parts[0]})`] }),
  });
  const fromUnit = timestampUnits[from.kind];
  const toUnit = timestampUnits[to.kind];
  if (fromUnit !== undefined && toUnit !== undefined) return changeUnit(fromUnit, toUnit);
  if (from.kind === 'date' && to.kind === 'timestamp') return call('interval', 'dateToTimestamp');
  if (from.kind === 'timestamp' && to.kind === 'date') return call('interval', 'timestampToDate');
  if (from.kind === 'timestamp' && to.kind === 'time') return timeOfDay;
  return null;
}

const timeOfDay: CastRule = {
  fails: true,
  compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('timestamp', 'timeOfTimestamp')}(${parts[0]})`] }),
};

function changeUnit(from: number, to: number): CastRule {
  const finer = to > from;
  const factor = finer ? to / from : from / to;
  return {
    fails: finer,
    compute: ({ parts }, scope) => ({
      parts: [
        `${scope.module.import('timestamp', finer ? 'finerUnit' : from === 1e6 ? 'nearestUnit' : 'coarserUnit')}(${parts[0]}, ${factor})`,
      ],
    }),
  };
}

/** A timestamp in microseconds, whatever its unit; dates too. */
export function asMicroseconds(part: string, type: DataType, scope: ExpressionScope): string | null {
  if (type.kind === 'timestamp') return part;
  if (type.kind === 'date') return `${scope.module.import('interval', 'dateToTimestamp')}(${part})`;
  return null;
}
