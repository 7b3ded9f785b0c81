import { compareText } from '../compare.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { partTypes, zeroOf } from '../../machine-type.ts';

/** The largest or smallest argument that is not NULL. */
function extreme(call: FunctionCall, order: '<' | '>'): Value {
  const values = call.values();
  const first = values[0] as Value;
  if (first.machine === 'nested') throw call.refuse();
  const types = partTypes(first.machine);
  const scope: ExpressionScope = call.scope;
  const best = types.map(() => scope.name('r'));
  const valid = scope.name('v');
  for (const [i, part] of best.entries())
    scope.emit(`let ${part}: ${types[i]} = ${first.valid === 'false' ? zeroOf(types[i] as string) : first.parts[i]};`);
  scope.emit(`let ${valid}: bool = ${first.valid};`);
  const current: Value = { type: call.type, machine: first.machine, parts: best, valid };
  for (const value of values.slice(1)) {
    if (value.valid === 'false') continue;
    const better = compareText(order, value, current, scope, call.argument(0));
    const condition = `!${valid} || ${better}`;
    scope.block(`if (${value.valid === 'true' ? condition : `${value.valid} && (${condition})`})`, (inner) => {
      for (const [i, part] of best.entries()) inner.emit(`${part} = ${value.parts[i]};`);
      inner.emit(`${valid} = true;`);
    });
  }
  return { ...current, valid: values.some((value) => value.valid === 'true') ? 'true' : valid };
}

const group = 'Choice';

export const choiceFunctions: readonly FunctionEntry[] = [
  {
    names: ['greatest'],
    group,
    signature: 'greatest(a, b, ...)',
    summary: 'Largest argument; NULLs are passed over',
    compile: (call) => extreme(call, '>'),
  },
  {
    names: ['least'],
    group,
    signature: 'least(a, b, ...)',
    summary: 'Smallest argument; NULLs are passed over',
    compile: (call) => extreme(call, '<'),
  },
];
