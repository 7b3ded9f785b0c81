import type { UserFunction } from '../../plan/catalog.ts';
import type { Value } from '../expression/contract.ts';
import type { FunctionCall } from '../expression/function-call.ts';
import { isInterned, machineOf } from '../machine-type.ts';

/** A call of a function in WebAssembly that the query's files declare: the host hands its arguments on. NULL when an argument is. */
export function compileUserCall(call: FunctionCall, declared: UserFunction): Value {
  const { module } = call.scope;
  const callee = `user${declared.name.replace(/[^A-Za-z0-9]/g, '')}`;
  const types = declared.parameters.flatMap((type) => (isInterned(machineOf(type)) ? ['usize', 'u32'] : [machineOf(type)]));
  const result = machineOf(declared.returns);
  module.declare(
    [
      '// @ts-ignore: decorator',
      `@external("functions", "${declared.name}")`,
      `declare function ${callee}(${types.map((type, k) => `a${k}: ${type}`).join(', ')}): ${isInterned(result) ? 'u32' : result};`,
    ].join('\n'),
  );
  const pointer = module.import('string-table', 'stringPointer');
  const length = module.import('string-table', 'stringLength');
  return call.strict(true, (parts) => {
    const args = declared.parameters.flatMap((type, k) => {
      const part = parts[k] as string;
      return isInterned(machineOf(type)) ? [`${pointer}(${part})`, `${length}(${part})`] : [part];
    });
    return `${callee}(${args.join(', ')})`;
  });
}
