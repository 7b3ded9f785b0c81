import type { DataType } from '../../../connectors/data-type.ts';
import { type Machine, machineOf, partTypes, zeroOf } from '../machine-type.ts';
import type { ExpressionScope, Value } from './contract.ts';

export const bigintType: DataType = { kind: 'bigint' };
export const booleanType: DataType = { kind: 'boolean' };

/** What a computation gives: a text per part, and when a valid input may still give NULL, an AssemblyScript bool that says so. */
export interface Computed {
  readonly parts: readonly string[];
  readonly valid?: string;
}

const trivial = /^(?:[A-Za-z_]\w*|<\w+>-?[\w.]+|-?\d[\w.]*)$/;

/** A local of the text's value, unless it is one already or a literal. */
export function bind(scope: ExpressionScope, text: string, type: string, hint = 't'): string {
  if (trivial.test(text)) return text;
  const local = scope.name(hint);
  scope.emit(`const ${local}: ${type} = ${text};`);
  return local;
}

/** True when all are. */
export function allValid(scope: ExpressionScope, values: readonly Value[]): string {
  const distinct = [...new Set(values.map((value) => value.valid))].filter((valid) => valid !== 'true');
  if (distinct.includes('false')) return 'false';
  if (distinct.length === 0) return 'true';
  return bind(scope, distinct.join(' && '), 'bool', 'v');
}

export function nullValue(type: DataType): Value {
  const machine = machineOf(type);
  return { type, machine, parts: partTypes(machine).map(zeroOf), valid: 'false' };
}

/**
 * A value of `type` from `body`, which emits what it needs and says the parts. `guarded`: body may fail or is dear, so it runs only
 * when `valid` holds.
 */
export function compute(
  scope: ExpressionScope,
  type: DataType,
  valid: string,
  guarded: boolean,
  body: (inner: ExpressionScope) => Computed,
): Value {
  const machine = machineOf(type);
  if (valid === 'false') return nullValue(type);
  const types = partTypes(machine);
  if (!guarded || valid === 'true') {
    const computed = body(scope);
    const parts = computed.parts.map((part, i) => bind(scope, part, types[i] as string));
    if (computed.valid === undefined) return { type, machine, parts, valid };
    const both = valid === 'true' ? computed.valid : `${valid} && ${computed.valid}`;
    return { type, machine, parts, valid: bind(scope, both, 'bool', 'v') };
  }
  const parts = declareParts(scope, types);
  let own: string | null = null;
  const outer = scope.name('v');
  scope.emit(`let ${outer}: bool = ${valid};`);
  scope.block(`if (${valid})`, (inner) => {
    const computed = body(inner);
    for (const [i, part] of parts.entries()) inner.emit(`${part} = ${computed.parts[i]};`);
    if (computed.valid !== undefined) {
      own = outer;
      inner.emit(`${outer} = ${computed.valid};`);
    }
  });
  return { type, machine, parts, valid: own ?? valid };
}

function declareParts(scope: ExpressionScope, types: readonly string[]): string[] {
  return types.map((type) => {
    const part = scope.name('r');
    scope.emit(`let ${part}: ${type} = ${zeroOf(type)};`);
    return part;
  });
}

export interface Variable {
  set(scope: ExpressionScope, value: Value): void;
}

/** A value that `body` sets in branches, on every path once. */
export function assign(scope: ExpressionScope, type: DataType, body: (variable: Variable) => void): Value {
  const machine: Machine = machineOf(type);
  const parts = declareParts(scope, partTypes(machine));
  const valid = scope.name('v');
  scope.emit(`let ${valid}: bool = false;`);
  let nullable = false;
  body({
    set(inner, value) {
      nullable ||= value.valid !== 'true';
      for (const [i, part] of parts.entries()) if (value.valid !== 'false') inner.emit(`${part} = ${value.parts[i]};`);
      inner.emit(`${valid} = ${value.valid};`);
    },
  });
  return { type, machine, parts, valid: nullable ? valid : 'true' };
}

/** Both words of an integer or unscaled decimal as a signed 128-bit number. */
export function wideParts(value: Value): readonly [string, string] {
  const [first, second] = value.parts as [string, string];
  if (value.machine === 'i128') return [first, second];
  if (value.machine === 'u128') return [first, `<i64>${second}`];
  if (value.machine === 'bool' || value.machine.startsWith('u')) return [`<u64>${first}`, '<i64>0'];
  return [`<u64>(<i64>${first})`, `(<i64>${first} >> 63)`];
}

export function isFloat(machine: Machine): boolean {
  return machine === 'f32' || machine === 'f64';
}

export function isNarrowInteger(machine: Machine): boolean {
  return /^[iu](8|16|32|64)$/.test(machine);
}

/** Calls a kernel that returns the low word of a 128-bit number and leaves the high one. */
export function wideCall(scope: ExpressionScope, call: string): Computed {
  const low = scope.name('t');
  const top = scope.name('t');
  scope.emit(`const ${low}: u64 = ${call};`);
  scope.emit(`const ${top}: i64 = ${scope.module.import('hugeint', 'high')};`);
  return { parts: [low, top] };
}

/** Calls a kernel that returns an interval's microseconds and leaves its months and days. */
export function intervalCall(scope: ExpressionScope, call: string): Computed {
  const names = [scope.name('t'), scope.name('t'), scope.name('t')] as const;
  scope.emit(`const ${names[2]}: i64 = ${call};`);
  scope.emit(`const ${names[0]}: i32 = ${scope.module.import('interval', 'intervalMonths')};`);
  scope.emit(`const ${names[1]}: i32 = ${scope.module.import('interval', 'intervalDays')};`);
  return { parts: names };
}
