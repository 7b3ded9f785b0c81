import { machineOf } from '../../machine-type.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { isFloat, isNarrowInteger, wideCall, wideParts } from '../value.ts';

const group = 'Mathematics';

function kernel(names: readonly string[], signature: string, summary: string, name: string): FunctionEntry {
  return { names, group, signature, summary, compile: (call) => call.kernel('math', name) };
}

function formula(names: readonly string[], signature: string, summary: string, text: (x: string, y: string) => string): FunctionEntry {
  return { names, group, signature, summary, compile: (call) => call.strict(true, ([x, y]) => text(x as string, y as string)) };
}

/** floor and ceil: floats inline, decimals exactly, integers are whole already. */
function whole(call: FunctionCall, name: 'floor' | 'ceil'): Value {
  const machine = machineOf(call.argument(0).type);
  const { type } = call.argument(0);
  if (isFloat(machine)) return call.strict(false, ([x]) => `${name}<${machine}>(${x})`);
  if (type.kind !== 'decimal') return call.value(0);
  if (type.width <= 18)
    return call.strict(false, ([x]) => `<${machineOf(call.type)}>${call.import('decimal', `${name}Decimal64`)}(<i64>${x}, ${type.scale})`);
  return call.strict(false, (parts, scope) =>
    wideCall(scope, `${call.import('decimal', `${name}DecimalWide`)}(${parts.join(', ')}, ${type.scale})`),
  );
}

function truncate(call: FunctionCall): Value {
  const { type } = call.argument(0);
  const machine = machineOf(type);
  if (call.args.length === 1 && isFloat(machine)) return call.strict(false, ([x]) => `trunc<${machine}>(${x})`);
  if (isFloat(machine))
    return call.strict(true, ([x, digits]) => `<${machine}>${call.import('math', 'truncateDigits')}(<f64>${x}, ${digits})`);
  if (call.args.length > 1) throw call.refuse();
  if (type.kind !== 'decimal') return call.value(0);
  if (type.width > 18) throw call.refuse();
  return call.strict(false, ([x]) => `<${machineOf(call.type)}>(<i64>${x} / ${10n ** BigInt(type.scale)})`);
}

function round(call: FunctionCall): Value {
  const { type } = call.argument(0);
  const machine = machineOf(type);
  if (type.kind === 'decimal') return roundDecimal(call, type.width, type.scale);
  if (isFloat(machine)) {
    if (call.args.length === 1) return call.strict(true, ([x]) => `<${machine}>${call.import('math', 'roundAway')}(<f64>${x})`);
    return call.strict(true, ([x, digits]) => `<${machine}>${call.import('math', 'roundTo')}(<f64>${x}, ${digits})`);
  }
  if (call.args.length === 1) return call.value(0);
  if (!isNarrowInteger(machine) || machine === 'u64') throw call.refuse();
  return call.strict(
    true,
    ([x, digits]) => `${digits} >= 0 ? ${x} : <${machine}>${call.import('integer', 'roundInteger')}(<i64>${x}, ${digits})`,
  );
}

function roundDecimal(call: FunctionCall, width: number, scale: number): Value {
  const digits = call.args.length === 1 ? 0 : Number(call.constant(1) ?? Number.NaN);
  if (Number.isNaN(digits)) throw call.refuse('round of a DECIMAL to digits that are not a constant');
  const value = call.value(0);
  const machine = machineOf(call.type);
  if (digits >= scale) return { ...value, type: call.type };
  if (digits < 0 && digits < -(width - scale))
    return call.strict(false, () => ({ parts: machine === 'i128' ? ['<u64>0', '<i64>0'] : [`<${machine}>0`] }));
  return call.strict(true, (_, scope) => {
    const wide = wideParts(value).join(', ');
    if (digits < 0) return narrow(wideCall(scope, `${call.import('decimal', 'roundLeft')}(${wide}, ${scale}, ${-digits})`).parts, machine);
    if (width <= 18) return `<${machine}>${call.import('decimal', 'roundDown64')}(<i64>${value.parts[0]}, ${scale - digits})`;
    return narrow(wideCall(scope, `${call.import('decimal', 'roundDownWide')}(${wide}, ${scale - digits})`).parts, machine);
  });
}

function narrow(parts: readonly string[], machine: string) {
  return { parts: machine === 'i128' ? parts : [`<${machine}>${parts[0]}`] };
}

function signOf(call: FunctionCall): Value {
  const machine = machineOf(call.argument(0).type);
  if (isFloat(machine)) return call.strict(false, ([x]) => `${call.import('math', 'signOf')}(<f64>${x})`);
  if (machine === 'i128') return call.strict(false, ([low, high]) => `<i8>(${high} < 0 ? -1 : (${low} | <u64>${high}) != 0 ? 1 : 0)`);
  return call.strict(false, ([x]) => `<i8>(${x} < 0 ? -1 : ${x} == 0 ? 0 : 1)`);
}

function floatTest(name: string, summary: string, text: (x: string) => string): FunctionEntry {
  return {
    names: [name],
    group,
    signature: `${name}(x)`,
    summary,
    compile: (call) => {
      const { type } = call.argument(0);
      if (isFloat(machineOf(type))) return call.strict(false, ([x]) => text(x as string));
      const test = type.kind === 'date' ? 'isFiniteDate' : type.kind === 'timestamp' ? 'isFiniteTimestamp' : null;
      if (test === null || name === 'isnan') throw call.refuse();
      return call.strict(false, ([x]) => `${name === 'isinf' ? '!' : ''}${call.import('calendar', test)}(${x})`);
    },
  };
}

function integerPair(name: string, aliases: readonly string[], summary: string, file: string): FunctionEntry {
  return {
    names: [name, ...aliases],
    group,
    signature: `${name}(a, b)`,
    summary,
    compile: (call) => {
      if (machineOf(call.type) !== 'i64') throw call.refuse();
      return call.kernel('integer', file);
    },
  };
}

function logarithm(call: FunctionCall): Value {
  return call.kernel('math', call.args.length === 2 ? 'logToBase' : 'log10');
}

export const mathFunctions: readonly FunctionEntry[] = [
  { names: ['sign'], group, signature: 'sign(x)', summary: '-1, 0 or 1', compile: signOf },
  { names: ['floor'], group, signature: 'floor(x)', summary: 'Largest whole number not above x', compile: (call) => whole(call, 'floor') },
  {
    names: ['ceil', 'ceiling'],
    group,
    signature: 'ceil(x)',
    summary: 'Smallest whole number not below x',
    compile: (call) => whole(call, 'ceil'),
  },
  {
    names: ['round'],
    group,
    signature: 'round(x [, digits])',
    summary: 'Nearest number of so many digits, half away from zero',
    compile: round,
  },
  { names: ['trunc'], group, signature: 'trunc(x [, digits])', summary: 'Digits cut off', compile: truncate },
  kernel(['even'], 'even(x)', 'Next even number away from zero', 'even'),
  kernel(['sqrt'], 'sqrt(x)', 'Square root', 'squareRoot'),
  formula(['cbrt'], 'cbrt(x)', 'Cube root', (x) => `Math.cbrt(${x})`),
  formula(['exp'], 'exp(x)', 'e to the power of x', (x) => `Math.exp(${x})`),
  kernel(['ln'], 'ln(x)', 'Natural logarithm', 'naturalLog'),
  { names: ['log', 'log10'], group, signature: 'log10(x), log([base,] x)', summary: 'Logarithm to base 10 or another', compile: logarithm },
  kernel(['log2'], 'log2(x)', 'Logarithm to base 2', 'log2'),
  kernel(['pow', 'power', '**', '^'], 'pow(x, y), x ** y, x ^ y', 'x to the power of y', 'power'),
  kernel(['sin'], 'sin(x)', 'Sine', 'sine'),
  kernel(['cos'], 'cos(x)', 'Cosine', 'cosine'),
  kernel(['tan'], 'tan(x)', 'Tangent', 'tangent'),
  kernel(['cot'], 'cot(x)', 'Cotangent', 'cotangent'),
  kernel(['asin'], 'asin(x)', 'Arc sine', 'arcSine'),
  kernel(['acos'], 'acos(x)', 'Arc cosine', 'arcCosine'),
  formula(['atan'], 'atan(x)', 'Arc tangent', (x) => `Math.atan(${x})`),
  formula(['atan2'], 'atan2(y, x)', 'Angle of the point (x, y)', (y, x) => `Math.atan2(${y}, ${x})`),
  formula(['sinh'], 'sinh(x)', 'Hyperbolic sine', (x) => `Math.sinh(${x})`),
  formula(['cosh'], 'cosh(x)', 'Hyperbolic cosine', (x) => `Math.cosh(${x})`),
  formula(['tanh'], 'tanh(x)', 'Hyperbolic tangent', (x) => `Math.tanh(${x})`),
  formula(['degrees'], 'degrees(x)', 'Radians as degrees', (x) => `${x} * (180.0 / Math.PI)`),
  formula(['radians'], 'radians(x)', 'Degrees as radians', (x) => `${x} * (Math.PI / 180.0)`),
  { names: ['pi'], group, signature: 'pi()', summary: 'π', compile: (call) => call.strict(false, () => 'Math.PI') },
  floatTest('isnan', 'Whether x is NaN', (x) => `${x} != ${x}`),
  floatTest('isinf', 'Whether x is infinite', (x) => `(${x} == Infinity || ${x} == -Infinity)`),
  floatTest('isfinite', 'Whether x is neither infinite nor NaN', (x) => `(${x} - ${x} == 0)`),
  integerPair('gcd', ['greatest_common_divisor'], 'Greatest common divisor', 'gcd64'),
  integerPair('lcm', ['least_common_multiple'], 'Least common multiple', 'lcm64'),
];
