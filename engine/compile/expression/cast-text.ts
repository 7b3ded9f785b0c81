import type { DataType } from '../../../connectors/data-type.ts';
import { machineOf } from '../machine-type.ts';
import type { CastRule } from './cast.ts';
import { type wideCall, wideParts } from './value.ts';

/** DuckDB's text of a value. */
export function toText(from: DataType): CastRule | null {
  const call = (file: string, name: string, operand: (part: string) => string = (part) => part): CastRule => ({
    fails: false,
    dear: true,
    compute: ({ parts }, scope) => ({ parts: [`${scope.module.import(file, name)}(${operand(parts[0] as string)})`] }),
  });
  const wide = (file: string, name: string, ...more: number[]): CastRule => ({
    fails: false,
    dear: true,
    compute: (value, scope) => ({ parts: [`${scope.module.import(file, name)}(${[...wideParts(value), ...more].join(', ')})`] }),
  });
  switch (from.kind) {
    case 'boolean':
      return {
        fails: false,
        compute: ({ parts }, { module }) => ({
          parts: [`${parts[0]} ? ${module.stringConstant('true')} : ${module.stringConstant('false')}`],
        }),
      };
    case 'float':
      return call('number-text', 'floatText');
    case 'double':
      return call('number-text', 'doubleText');
    case 'hugeint':
      return wide('number-text', 'decimalText', 38, 0);
    case 'decimal':
      return wide('number-text', 'decimalText', from.width, from.scale);
    case 'date':
      return call('date-text', 'dateText');
    case 'time':
      return call('date-text', 'timeText');
    case 'timestamp':
      return call('date-text', 'timestampText');
    case 'timestamp_s':
      return call('date-text', 'timestampSecondsText');
    case 'timestamp_ms':
      return call('date-text', 'timestampMillisText');
    case 'timestamp_ns':
      return call('date-text', 'timestampNanosText');
    case 'interval':
      return {
        fails: false,
        dear: true,
        compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('date-text', 'intervalText')}(${parts.join(', ')})`] }),
      };
    case 'uhugeint':
      return {
        fails: false,
        dear: true,
        compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('number-text', 'unsignedWideText')}(${parts.join(', ')})`] }),
      };
    default:
      if (/^i\d/.test(machineOf(from)) && from.kind.endsWith('int')) return call('number-text', 'integerText', (part) => `<i64>${part}`);
      if (from.kind === 'integer') return call('number-text', 'integerText', (part) => `<i64>${part}`);
      if (/^u\d/.test(machineOf(from))) return call('number-text', 'unsignedText', (part) => `<u64>${part}`);
      return null;
  }
}

const signedBounds: Readonly<Record<string, readonly [string, string]>> = {
  tinyint: ['-128', '127'],
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['i64.MIN_VALUE', 'i64.MAX_VALUE'],
};
const unsignedBounds: Readonly<Record<string, string>> = {
  utinyint: '255',
  usmallint: '65535',
  uinteger: '4294967295',
  ubigint: 'u64.MAX_VALUE',
};

/** What a text says, by DuckDB's rules for reading each type. */
export function fromText(to: DataType): CastRule | null {
  const call = (file: string, name: string, ...more: string[]): CastRule => ({
    fails: true,
    dear: true,
    compute: ({ parts }, scope) => ({ parts: [`<${machineOf(to)}>${scope.module.import(file, name)}(${[parts[0], ...more].join(', ')})`] }),
  });
  const bounds = signedBounds[to.kind];
  if (bounds !== undefined) return call('parse-number', 'parseSigned', ...bounds);
  const most = unsignedBounds[to.kind];
  if (most !== undefined) return call('parse-number', 'parseUnsigned', most);
  switch (to.kind) {
    case 'boolean':
      return {
        fails: true,
        dear: true,
        compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('parse-number', 'parseBoolean')}(${parts[0]})`] }),
      };
    case 'double':
      return call('parse-number', 'parseDouble');
    case 'float':
      return {
        fails: true,
        dear: true,
        compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('parse-number', 'parseFloat32')}(${parts[0]})`] }),
      };
    case 'decimal':
      return wideText(to, `${to.width}, ${to.scale}`, 'parseWide');
    case 'hugeint':
      return wideText(to, '', 'parseHugeint');
    case 'date':
      return call('parse-moment', 'parseDate');
    case 'time':
      return call('parse-moment', 'parseTime');
    case 'timestamp':
      return call('parse-moment', 'parseTimestamp');
    default:
      return null;
  }
}

function wideText(to: DataType, more: string, kernel: string): CastRule {
  return {
    fails: true,
    dear: true,
    compute: ({ parts }, scope) => {
      const low = scope.name('t');
      scope.emit(`const ${low}: u64 = ${scope.module.import('parse-number', kernel)}(${more === '' ? parts[0] : `${parts[0]}, ${more}`});`);
      if (machineOf(to) !== 'i128') return { parts: [`<${machineOf(to)}>${low}`] };
      return wideHigh(low, scope);
    },
  };
}

function wideHigh(low: string, scope: Parameters<typeof wideCall>[0]) {
  return { parts: [low, `${scope.module.import('parse-number', 'parsedHigh')}()`] };
}
