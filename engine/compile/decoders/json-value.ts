import type { DataType } from '../../../connectors/data-type.ts';
import { decimalValue, doubleValue, floatValue, smallInteger, smallIntegers, wideValue, wordValue } from './json-number.ts';
import { address, keep, orNull, use, type ValueScope } from './value-scope.ts';

/**
 * Statements that read the value whose first byte `c` stands at `p`, put it at row `row` of its column and leave `p` after it. They
 * return false from the function for whatever is not plainly a value of the type: the host decodes such a message anew.
 */
export function jsonValue(scope: ValueScope): string {
  const { type } = scope.column.spec;
  if (scope.column.storage === 'span') return spanValue(scope);
  const small = smallIntegers[type.kind];
  if (small !== undefined) return smallInteger(scope, small);
  switch (type.kind) {
    case 'bigint':
      return wordValue(scope, 'readInteger(p, end)', 'fitsSigned', '<u64>signedMagnitude()');
    case 'ubigint':
      return wordValue(scope, 'readInteger(p, end)', '', 'magnitude', '(isNegative && magnitude != 0)');
    case 'hugeint':
    case 'uhugeint':
      return wideValue(scope, 0, 38);
    case 'decimal':
      return type.width > 18 ? wideValue(scope, type.scale, type.width) : decimalValue(scope, type.width, type.scale);
    case 'double':
      return doubleValue(scope);
    case 'float':
      return floatValue(scope);
    case 'boolean':
      return booleanValue(scope);
    case 'varchar':
    case 'json':
    case 'enum':
      return textValue(scope, type.kind);
    case 'date':
    case 'time':
      return dayValue(scope, type.kind);
    case 'uuid':
      return uuidValue(scope);
    default:
      return timestampValue(scope);
  }
}

function booleanValue(scope: ValueScope): string {
  use(scope, 'json/scan', 'isFalse', 'isTrue');
  return `
        const value = isTrue(p);
        const q = value ? p + 4 : isFalse(p) ? p + 5 : 0;
        ${orNull(scope, 'q')}
        p = q;
        ${keep(scope, 'u8', '<u8>value')}
        ${scope.seen}
        break;`;
}

/** A column that is only checked keeps no codes; an enum must still know its values. */
function textValue(scope: ValueScope, kind: 'varchar' | 'json' | 'enum'): string {
  use(scope, 'json/text', 'readText', 'readWritten', 'textAddress', 'textLength');
  use(scope, 'json/scan', 'isNull', 'noteBits', 'specialBits');
  const dictionary = `(dictionaries + ${scope.column.dictionary * 64})`;
  const kept = scope.column.storage !== 'none';
  if (kept && kind !== 'enum') use(scope, 'byte-dictionary', 'dictionaryCode', 'firstBytes', 'shortCode');
  if (kind === 'enum') use(scope, 'byte-dictionary', 'findCode');
  const intern = kept ? keep(scope, 'u32', `dictionaryCode(${dictionary}, textAddress, textLength)`) : '';
  const read = `
        const q = ${kind === 'json' ? 'readWritten(p, end)' : kind === 'enum' ? '(c == 34 ? readText(p + 1, end) : 0)' : '(c == 34 ? readText(p + 1, end) : readWritten(p, end))'};
        if (q == 0) return false;
        p = q;`;
  const isNull = `
        if (c == 110) {
          if (!isNull(p)) return false;
          p += 4;
          ${scope.unseen}
          break;
        }`;
  if (kind === 'enum') {
    return `${isNull}${read}
        const code = findCode(${dictionary}, textAddress, textLength);
        if (code < 0) return false;
        ${keep(scope, 'u32', '<u32>code')}
        ${scope.seen}
        break;`;
  }
  const short = `
        if (c == 34) {
          const bytes = v128.load(p, 1);
          const special = specialBits(bytes);
          const length = ctz<u32>(special);
          if (special != 0 && load<u8>(p + length, 1) == 34) {
            noteBits(i8x16.bitmask(bytes));
            ${kept ? keep(scope, 'u32', `shortCode(${dictionary}, firstBytes(p + 1, length), p + 1, length)`) : ''}
            p += length + 2;
            ${scope.seen}
            break;
          }
        }`;
  return `${kind === 'varchar' ? short : ''}${isNull}${read}
        ${intern}
        ${scope.seen}
        break;`;
}

function dayValue(scope: ValueScope, kind: 'date' | 'time'): string {
  const date = kind === 'date';
  use(scope, 'json/moment', ...(date ? ['readDate', 'days'] : ['readTime', 'seconds', 'nanoseconds']));
  return `
        const q = c == 34 ? ${date ? 'readDate(p + 1)' : 'readTime(p + 1, end)'} : 0;
        ${orNull(scope, 'q')}
        p = q;
        ${date ? keep(scope, 'i32', '<i32>days') : keep(scope, 'i64', 'seconds * 1000000 + nanoseconds / 1000')}
        ${scope.seen}
        break;`;
}

const digitsPerSecond: Readonly<Partial<Record<string, number>>> = { s: 0, ms: 3, us: 6, ns: 9 };
const kindDigits: Readonly<Partial<Record<DataType['kind'], number>>> = {
  timestamp_s: 0,
  timestamp_ms: 3,
  timestamp: 6,
  timestamptz: 6,
  timestamp_ns: 9,
};
/** Seconds whose nanoseconds fit in 64 bits. */
const nanosecondSecondsMax = 9_223_372_035;

function timestampValue(scope: ValueScope): string {
  use(scope, 'json/moment', 'readTimestamp', 'seconds', 'nanoseconds');
  const digits = kindDigits[scope.column.spec.type.kind] as number;
  const unit = scope.timestampUnit;
  let count = '';
  if (unit !== null) {
    use(scope, 'json/integer', 'readCount', 'signedMagnitude');
    count = `else {
          q = readCount(p, end, ${digits - (digitsPerSecond[unit] ?? 0)}, ${unit === 'min' ? 60 : 1});
          ${orNull(scope, 'q')}
          value = signedMagnitude();
        }`;
  } else count = `else { ${orNull(scope, '0')} }`;
  const range = digits === 9 ? `if (seconds > ${nanosecondSecondsMax} || seconds < -${nanosecondSecondsMax}) return false;` : '';
  return `
        let q: usize = 0;
        let value: i64 = 0;
        if (c == 34) {
          q = readTimestamp(p + 1, end);
          if (q == 0) return false;
          ${range}
          value = seconds * ${10 ** digits} + nanoseconds / ${10 ** (9 - digits)};
        } ${count}
        p = q;
        ${keep(scope, 'i64', 'value')}
        ${scope.seen}
        break;`;
}

function uuidValue(scope: ValueScope): string {
  use(scope, 'json/uuid', 'readUuid');
  const out = scope.column.storage === 'none' ? 'spare' : `${address(scope)} + ${scope.column.offset}`;
  if (scope.column.storage === 'none') scope.module.declare('const spare: usize = memory.data(16, 16);');
  return `
        const q = c == 34 ? readUuid(p + 1, ${out}) : 0;
        ${orNull(scope, 'q')}
        p = q;
        ${scope.seen}
        break;`;
}

/** The host decodes it: where it stands, once it is known to be well-formed. */
function spanValue(scope: ValueScope): string {
  use(scope, 'json/scan', 'isNull', 'skipValue');
  return `
        const q = skipValue(p, end);
        if (q == 0) return false;
        if (c == 110) {
          ${scope.unseen}
        } else {
          store<u32>(columns + (row << 3), <u32>p, ${scope.column.offset});
          store<u32>(columns + (row << 3), <u32>(q - p), ${scope.column.offset + 4});
          ${scope.seen}
        }
        p = q;
        break;`;
}
