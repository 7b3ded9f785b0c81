import type { DataType } from '../../../connectors/data-type.ts';
import { type Machine, machineOf } from '../machine-type.ts';
import type { CastRule } from './cast.ts';
import { isFloat, isNarrowInteger, wideCall, wideParts } from './value.ts';

type Decimal = Extract<DataType, { kind: 'decimal' }>;

/** First value below the range, and first above: what a double must stay between to fit. */
const floatBounds: Readonly<Record<string, readonly [string, string]>> = {
  i8: ['-128.0', '128.0'],
  i16: ['-32768.0', '32768.0'],
  i32: ['-2147483648.0', '2147483648.0'],
  i64: ['-9223372036854775808.0', '9223372036854775808.0'],
  u8: ['0.0', '256.0'],
  u16: ['0.0', '65536.0'],
  u32: ['0.0', '4294967296.0'],
  u64: ['0.0', '18446744073709551616.0'],
};

export function numberCast(from: DataType, to: DataType): CastRule | null {
  if (to.kind === 'boolean') return toBoolean(machineOf(from));
  if (from.kind === 'boolean') return to.kind === 'decimal' ? integerToDecimal(to) : widen(machineOf(to));
  if (from.kind === 'decimal') {
    if (to.kind === 'decimal') return decimalToDecimal(from, to);
    return isFloat(machineOf(to)) ? decimalToFloat(from, machineOf(to)) : decimalToInteger(from, machineOf(to));
  }
  if (to.kind === 'decimal') return isFloat(machineOf(from)) ? floatToDecimal(to) : integerToDecimal(to);
  if (isFloat(machineOf(from))) return fromFloat(machineOf(from), machineOf(to));
  return fromInteger(machineOf(from), machineOf(to));
}

function toBoolean(from: Machine): CastRule {
  if (from === 'i128') return { fails: false, compute: ({ parts }) => ({ parts: [`(${parts[0]} | <u64>${parts[1]}) != 0`] }) };
  return { fails: false, compute: ({ parts }) => ({ parts: [`${parts[0]} != 0`] }) };
}

function widen(to: Machine): CastRule {
  if (to === 'i128') return { fails: false, compute: (value) => ({ parts: wideParts(value) }) };
  return { fails: false, compute: ({ parts }) => ({ parts: [`<${to}>${parts[0]}`] }) };
}

function fromInteger(from: Machine, to: Machine): CastRule | null {
  if (from === 'u128' || to === 'u128') return null;
  if (from === 'i128') return fromHugeint(to);
  if (to === 'i128' || isFloat(to) || fits(from, to)) return widen(to);
  return {
    fails: true,
    compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('integer', 'toInteger')}<${from}, ${to}>(${parts[0]})`] }),
  };
}

function fits(from: Machine, to: Machine): boolean {
  const bits = (machine: Machine) => Number(machine.slice(1));
  if (from[0] === to[0]) return bits(from) <= bits(to);
  return from[0] === 'u' && bits(from) < bits(to);
}

function fromHugeint(to: Machine): CastRule {
  if (isFloat(to)) {
    return {
      fails: false,
      compute: ({ parts }, scope) => ({ parts: [`<${to}>${scope.module.import('hugeint', 'hugeintToDouble')}(${parts.join(', ')})`] }),
    };
  }
  const kernel = to.startsWith('u') ? 'hugeintToUnsigned' : 'hugeintToSigned';
  return {
    fails: true,
    compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('hugeint', kernel)}<${to}>(${parts.join(', ')})`] }),
  };
}

function fromFloat(from: Machine, to: Machine): CastRule | null {
  if (to === 'f64') return widen(to);
  if (to === 'f32') {
    if (from === 'f32') return widen(to);
    return { fails: true, compute: ({ parts }, scope) => ({ parts: [`${scope.module.import('math', 'toFloat')}(${parts[0]})`] }) };
  }
  if (to === 'i128')
    return {
      fails: true,
      compute: ({ parts }, scope) => wideCall(scope, `${scope.module.import('hugeint', 'doubleToHugeint')}(${parts[0]})`),
    };
  if (!isNarrowInteger(to)) return null;
  const [low, high] = floatBounds[to] as readonly [string, string];
  return {
    fails: true,
    compute: ({ parts }, scope) => ({
      parts: [`${scope.module.import('integer', 'floatToInteger')}<${to}>(${parts[0]}, ${low}, ${high})`],
    }),
  };
}

/** Result parts of a kernel that gives an unscaled decimal as two words. */
function narrowed(to: Decimal, computed: { parts: readonly string[] }): { parts: readonly string[] } {
  const machine = machineOf(to);
  return machine === 'i128' ? computed : { parts: [`<${machine}>${computed.parts[0]}`] };
}

function integerToDecimal(to: Decimal): CastRule {
  return {
    fails: true,
    compute: (value, scope) => {
      const small = to.width <= 18 && value.machine !== 'i128' && value.machine !== 'u64';
      if (small) {
        const call = `${scope.module.import('decimal-cast', 'castDecimal64')}(<i64>${value.parts[0]}, ${to.scale}, ${to.width})`;
        return { parts: [`<${machineOf(to)}>${call}`] };
      }
      const call = `${scope.module.import('decimal-cast', 'castDecimalWide')}(${wideParts(value).join(', ')}, ${to.scale}, ${to.width})`;
      return narrowed(to, wideCall(scope, call));
    },
  };
}

function decimalToDecimal(from: Decimal, to: Decimal): CastRule {
  const shift = to.scale - from.scale;
  const always = to.width - to.scale >= from.width - from.scale + (shift < 0 ? 1 : 0);
  return {
    fails: !always,
    compute: (value, scope) => {
      if (shift === 0 && always) {
        if (machineOf(to) === 'i128') return { parts: wideParts(value) };
        return { parts: [`<${machineOf(to)}>${value.parts[0]}`] };
      }
      if (from.width <= 18 && to.width <= 18) {
        const call = `${scope.module.import('decimal-cast', 'castDecimal64')}(<i64>${value.parts[0]}, ${shift}, ${to.width})`;
        return { parts: [`<${machineOf(to)}>${call}`] };
      }
      const call = `${scope.module.import('decimal-cast', 'castDecimalWide')}(${wideParts(value).join(', ')}, ${shift}, ${to.width})`;
      return narrowed(to, wideCall(scope, call));
    },
  };
}

function decimalToInteger(from: Decimal, to: Machine): CastRule | null {
  if (to === 'u128') return null;
  return {
    fails: true,
    compute: (value, scope) => {
      if (from.width <= 18) {
        const rounded = `${scope.module.import('decimal', 'roundDown64')}(<i64>${value.parts[0]}, ${from.scale})`;
        if (to === 'i128') {
          const local = scope.name('t');
          scope.emit(`const ${local}: i64 = ${rounded};`);
          return { parts: [`<u64>${local}`, `${local} >> 63`] };
        }
        return { parts: [`${scope.module.import('integer', 'toInteger')}<i64, ${to}>(${rounded})`] };
      }
      const wide = wideCall(scope, `${scope.module.import('decimal', 'roundDownWide')}(${value.parts.join(', ')}, ${from.scale})`);
      if (to === 'i128') return wide;
      const kernel = to.startsWith('u') ? 'hugeintToUnsigned' : 'hugeintToSigned';
      return { parts: [`${scope.module.import('hugeint', kernel)}<${to}>(${wide.parts.join(', ')})`] };
    },
  };
}

function decimalToFloat(from: Decimal, to: Machine): CastRule {
  return {
    fails: false,
    compute: (value, scope) => {
      const exact = from.width <= 15 && from.scale <= 22 && to === 'f64';
      if (exact) return { parts: [`<f64>${value.parts[0]} / ${10 ** from.scale}.0`] };
      const call = scope.module.import('decimal-cast', to === 'f64' ? 'decimalToDouble' : 'decimalToFloat');
      return { parts: [`${call}(${wideParts(value).join(', ')}, ${from.scale})`] };
    },
  };
}

function floatToDecimal(to: Decimal): CastRule {
  return {
    fails: true,
    compute: (value, scope) => {
      const call = `${scope.module.import('decimal-cast', 'doubleToDecimal')}(<f64>${value.parts[0]}, ${to.width}, ${to.scale})`;
      return narrowed(to, wideCall(scope, call));
    },
  };
}
