import type { DataType } from '../../../../connectors/data-type.ts';
import { machineOf } from '../../machine-type.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { type Computed, isFloat, wideCall, wideParts } from '../value.ts';
import { addMoments, multiplyIntervals, negateInterval, subtractMoments } from './moment-arithmetic.ts';

type Operator = 'add' | 'subtract' | 'multiply';
const symbols: Readonly<Record<Operator, string>> = { add: '+', subtract: '-', multiply: '*' };

function isMoment(type: DataType): boolean {
  return /^(?:date|time|interval|timestamp)/.test(type.kind);
}

function numeric(call: FunctionCall, operator: Operator): Value {
  const machine = machineOf(call.type);
  if (isFloat(machine)) return call.strict(false, ([a, b]) => `${a} ${symbols[operator]} ${b}`);
  if (call.type.kind === 'decimal') return decimal(call, operator, call.type.width);
  if (machine === 'i128') return wide(call, `${operator}Hugeint`, 'hugeint');
  if (machine === 'u128' || machine === 'nested' || machine === 'string') throw call.refuse();
  return call.kernel('integer', operator, { generic: true });
}

function decimal(call: FunctionCall, operator: Operator, width: number): Value {
  if (width > 18) return wide(call, `${operator}DecimalWide`, 'decimal');
  const machine = machineOf(call.type);
  // Narrower results have room for every sum and product of their operands.
  if (width === 18) return call.strict(true, ([a, b]) => `${call.import('decimal', `${operator}Decimal64`)}(<i64>${a}, <i64>${b})`);
  return call.strict(false, ([a, b]) => `<${machine}>(<i64>${a} ${symbols[operator]} <i64>${b})`);
}

function wide(call: FunctionCall, kernel: string, file: string): Value {
  return wideOf(call, true, (parts, scope) => wideCall(scope, `${call.import(file, kernel)}(${parts.join(', ')})`));
}

/** Arguments widened to two words each. */
function wideOf(call: FunctionCall, guarded: boolean, body: (parts: readonly string[], scope: FunctionCall['scope']) => Computed): Value {
  const parts = call.values().flatMap(wideParts);
  return call.strict(guarded, (_, scope) => body(parts, scope));
}

function negate(call: FunctionCall): Value {
  const machine = machineOf(call.type);
  if (call.type.kind === 'interval') return negateInterval(call);
  if (isFloat(machine)) return call.strict(false, ([a]) => `-${a}`);
  if (machine === 'i128') return wide(call, 'negateHugeint', 'hugeint');
  if (call.type.kind === 'decimal') return call.strict(false, ([a]) => `<${machine}>(0 - ${a})`);
  if (machine === 'u128') throw call.refuse();
  return call.kernel('integer', 'negate', { generic: true });
}

/** NULL when the divisor is 0. */
function division(call: FunctionCall, kernel: 'divide' | 'remainder'): Value {
  const machine = machineOf(call.type);
  if (isFloat(machine)) {
    if (kernel === 'divide') return call.strict(false, ([a, b]) => ({ parts: [`${a} / ${b}`], valid: `${b} != 0` }));
    return call.strict(true, ([a, b]) => `${a} % ${b}`);
  }
  if (machine === 'i128') {
    return wideOf(call, true, (parts, scope) => {
      const valid = `(${parts[2]} | <u64>${parts[3]}) != 0`;
      const divisor = `(${valid} ? ${parts[2]} : 1)`;
      const file = call.import('hugeint', `${kernel}Hugeint`);
      return { ...wideCall(scope, `${file}(${parts[0]}, ${parts[1]}, ${divisor}, ${parts[3]})`), valid };
    });
  }
  if (machine === 'u128' || isMoment(call.type)) throw call.refuse();
  return call.strict(true, ([a, b]) => {
    const callee = `${call.import('integer', kernel)}<${machine}>`;
    return { parts: [`${b} == 0 ? <${machine}>0 : ${callee}(<${machine}>${a}, <${machine}>${b})`], valid: `${b} != 0` };
  });
}

function absolute(call: FunctionCall): Value {
  const machine = machineOf(call.type);
  if (isFloat(machine)) return call.strict(false, ([a]) => `abs<${machine}>(${a})`);
  if (machine === 'i128') return wide(call, 'absoluteHugeint', 'hugeint');
  if (machine.startsWith('u')) return call.strict(false, ([a]) => a as string);
  if (call.type.kind === 'decimal') return call.strict(false, ([a]) => `<${machine}>(${a} < 0 ? 0 - ${a} : ${a})`);
  return call.kernel('integer', 'absolute', { generic: true });
}

function hasMoment(call: FunctionCall): boolean {
  return call.args.some((argument) => isMoment(argument.type));
}

const group = 'Arithmetic';

export const arithmeticFunctions: readonly FunctionEntry[] = [
  {
    names: ['+', 'add'],
    group,
    signature: 'a + b',
    summary: 'Sum; overflow ends the query. Also DATE, TIME or TIMESTAMP + INTERVAL, DATE + days',
    compile: (call) => (call.args.length === 1 ? call.value(0) : hasMoment(call) ? addMoments(call) : numeric(call, 'add')),
  },
  {
    names: ['-', 'subtract'],
    group,
    signature: 'a - b, -a',
    summary: 'Difference; of two timestamps an INTERVAL, of two dates days',
    compile: (call) => (call.args.length === 1 ? negate(call) : hasMoment(call) ? subtractMoments(call) : numeric(call, 'subtract')),
  },
  {
    names: ['*', 'multiply'],
    group,
    signature: 'a * b',
    summary: 'Product; also INTERVAL * n',
    compile: (call) => (hasMoment(call) ? multiplyIntervals(call) : numeric(call, 'multiply')),
  },
  {
    names: ['/'],
    group,
    signature: 'a / b',
    summary: 'Quotient as DOUBLE',
    compile: (call) => {
      if (!isFloat(machineOf(call.type))) throw call.refuse();
      return call.strict(false, ([a, b]) => `${a} / ${b}`);
    },
  },
  {
    names: ['//', 'divide'],
    group,
    signature: 'a // b',
    summary: 'Quotient without remainder, towards 0; NULL when b is 0',
    compile: (call) => division(call, 'divide'),
  },
  {
    names: ['%', 'mod'],
    group,
    signature: 'a % b, mod(a, b)',
    summary: 'Remainder with the sign of a; NULL when an integer b is 0',
    compile: (call) => division(call, 'remainder'),
  },
  { names: ['abs', '@'], group, signature: 'abs(x)', summary: 'Magnitude', compile: absolute },
];
