import type { DataType } from '../../../connectors/data-type.ts';
import { address, keep, orNull, use, type ValueScope } from './value-scope.ts';

/** AssemblyScript's type and its range. */
interface IntegerRange {
  readonly type: string;
  readonly least: string;
  readonly most: string;
}

export const smallIntegers: Readonly<Partial<Record<DataType['kind'], IntegerRange>>> = {
  tinyint: { type: 'i8', least: '-128', most: '127' },
  smallint: { type: 'i16', least: '-32768', most: '32767' },
  integer: { type: 'i32', least: '-2147483648', most: '2147483647' },
  utinyint: { type: 'u8', least: '0', most: '255' },
  usmallint: { type: 'u16', least: '0', most: '65535' },
  uinteger: { type: 'u32', least: '0', most: '4294967295' },
};

export function smallInteger(scope: ValueScope, { type, least, most }: IntegerRange): string {
  use(scope, 'json/digits', 'digitsValue', 'leadingDigits', 'zeros');
  use(scope, 'json/integer', 'readInteger', 'fitsSigned', 'signedMagnitude');
  return `
        const negative = c == 45;
        let q = p + <usize>negative;
        const word = load<u64>(q) ^ zeros;
        const digits = leadingDigits(word);
        let value: i64;
        if (digits - 1 < 7 && (digits == 1 || load<u8>(q) != 48)) {
          value = <i64>digitsValue(word, digits);
          if (negative) value = -value;
          q += digits;
        } else {
          q = readInteger(p, end);
          ${orNull(scope, 'q')}
          if (!fitsSigned()) return false;
          value = signedMagnitude();
        }
        if (value < ${least} || value > ${most}) return false;
        p = q;
        ${keep(scope, type, `<${type}>value`)}
        ${scope.seen}
        break;`;
}

export function wordValue(scope: ValueScope, read: string, condition: string, value: string, wrong = ''): string {
  use(scope, 'json/digits', 'digitsValue', 'leadingDigits', 'zeros');
  use(scope, 'json/integer', ...['readInteger', 'fitsSigned', 'signedMagnitude', 'magnitude', 'isNegative']);
  const refused = condition === '' ? wrong : `!${condition}()`;
  return `
        const word = load<u64>(p) ^ zeros;
        const digits = leadingDigits(word);
        if (digits - 1 < 7 && (digits == 1 || c != 48)) {
          p += digits;
          ${keep(scope, 'u64', 'digitsValue(word, digits)')}
        } else {
          const q = ${read};
          ${orNull(scope, 'q')}
          if (${refused}) return false;
          p = q;
          ${keep(scope, 'u64', value)}
        }
        ${scope.seen}
        break;`;
}

export function wideValue(scope: ValueScope, scale: number, digits: number): string {
  use(scope, 'json/integer', 'readWide', 'storeWide', 'isNegative');
  const unsigned = scope.column.spec.type.kind === 'uhugeint' ? 'if (isNegative) return false;' : '';
  return `
        const q = readWide(p, end, ${scale}, ${digits});
        ${orNull(scope, 'q')}
        ${unsigned}
        p = q;
        ${scope.column.storage === 'none' ? '' : `storeWide(${address(scope)} + ${scope.column.offset});`}
        ${scope.seen}
        break;`;
}

export function decimalValue(scope: ValueScope, width: number, scale: number): string {
  use(scope, 'json/integer', 'readDecimal', 'signedMagnitude');
  const type = width <= 4 ? 'i16' : width <= 9 ? 'i32' : 'i64';
  return `
        const q = readDecimal(p, end, ${scale}, ${10n ** BigInt(width) - 1n});
        ${orNull(scope, 'q')}
        p = q;
        ${keep(scope, type, `<${type}>signedMagnitude()`)}
        ${scope.seen}
        break;`;
}

/** Short forms, up to seven digits on either side of the point, are exact in one division. */
export function doubleValue(scope: ValueScope): string {
  use(scope, 'json/digits', 'digitsValue', 'doublePower', 'leadingDigits', 'power', 'zeros');
  use(scope, 'json/double', 'double', 'readDouble');
  return `
        const negative = c == 45;
        let q = p + <usize>negative;
        let word = load<u64>(q) ^ zeros;
        let digits = leadingDigits(word);
        let value: f64 = 0;
        let short = false;
        if (digits - 1 < 7 && (digits == 1 || load<u8>(q) != 48)) {
          let mantissa = digitsValue(word, digits);
          q += digits;
          digits = 0;
          short = true;
          if (load<u8>(q) == 46) {
            word = load<u64>(q, 1) ^ zeros;
            digits = leadingDigits(word);
            short = digits - 1 < 7;
            mantissa = mantissa * power(digits) + digitsValue(word, digits);
            q += digits + 1;
          }
          if ((load<u8>(q) | 32) == 101) short = false;
          value = <f64>mantissa / doublePower(digits);
          if (negative) value = -value;
        }
        if (!short) {
          q = readDouble(p, end);
          ${orNull(scope, 'q')}
          value = double;
        }
        p = q;
        ${keep(scope, 'f64', 'value')}
        ${scope.seen}
        break;`;
}

export function floatValue(scope: ValueScope): string {
  use(scope, 'json/double', 'double', 'readDouble', 'roundsToFloat');
  return `
        const q = readDouble(p, end);
        ${orNull(scope, 'q')}
        if (!roundsToFloat()) return false;
        p = q;
        ${keep(scope, 'f32', '<f32>double')}
        ${scope.seen}
        break;`;
}
