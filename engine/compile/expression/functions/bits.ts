import { machineOf } from '../../machine-type.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { isNarrowInteger } from '../value.ts';

function machine(call: FunctionCall): string {
  const type = machineOf(call.type);
  if (!isNarrowInteger(type)) throw call.refuse();
  return type;
}

function inline(names: readonly string[], signature: string, summary: string, symbol: string): FunctionEntry {
  return {
    names,
    group: 'Bits',
    signature,
    summary,
    compile: (call) => {
      const type = machine(call);
      return call.strict(false, ([a, b]) => `<${type}>(${a} ${symbol} ${b})`);
    },
  };
}

function shift(name: string, signature: string, summary: string, kernel: string): FunctionEntry {
  return {
    names: [name],
    group: 'Bits',
    signature,
    summary,
    compile: (call) => {
      machine(call);
      return call.kernel('integer', kernel, { generic: true });
    },
  };
}

export const bitFunctions: readonly FunctionEntry[] = [
  inline(['&'], 'a & b', 'Bits set in both', '&'),
  inline(['|'], 'a | b', 'Bits set in either', '|'),
  inline(['xor'], 'xor(a, b)', 'Bits set in one of the two', '^'),
  {
    names: ['~'],
    group: 'Bits',
    signature: '~a',
    summary: 'Every bit turned',
    compile: (call) => {
      const type = machine(call);
      return call.strict(false, ([a]) => `<${type}>(~${a})`);
    },
  },
  shift('<<', 'a << n', 'Shifted left; overflow ends the query', 'shiftLeft'),
  shift('>>', 'a >> n', 'Shifted right', 'shiftRight'),
];
