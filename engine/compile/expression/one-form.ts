import { partTypes, zeroOf } from '../machine-type.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { hasManyForms, shapeAddress } from './packed/shape.ts';
import { bind, intervalCall } from './value.ts';

/** The value in the form that equal values share; zeros where it is NULL. */
export function oneForm(scope: ExpressionScope, value: Value, present: boolean): Value {
  const formed = formOf(scope, value);
  if (present || value.valid === 'true') return { ...formed, valid: 'true' };
  const types = partTypes(value.machine);
  const parts = formed.parts.map((part, k) => {
    const type = types[k] as string;
    return bind(scope, `${value.valid} ? ${part} : ${zeroOf(type)}`, type);
  });
  return { ...formed, parts };
}

function formOf(scope: ExpressionScope, value: Value): Value {
  const [part] = value.parts as [string];
  switch (value.machine) {
    case 'f64':
      return { ...value, parts: [bind(scope, `reinterpret<f64>(${scope.module.import('hash', 'doubleKey')}(${part}))`, 'f64')] };
    case 'f32':
      return { ...value, parts: [bind(scope, `reinterpret<f32>(${scope.module.import('hash', 'floatKey')}(${part}))`, 'f32')] };
    case 'interval': {
      const { parts } = intervalCall(scope, `${scope.module.import('interval', 'normalizeInterval')}(${value.parts.join(', ')})`);
      return { ...value, parts };
    }
    case 'packed': {
      if (!hasManyForms(value.type)) return value;
      const normal = `${scope.module.import('packed-order', 'normalPacked')}(${part}, ${shapeAddress(scope.module, value.type)})`;
      return { ...value, parts: [bind(scope, value.valid === 'true' ? normal : `${value.valid} ? ${normal} : 0`, 'u32')] };
    }
    default:
      return value;
  }
}
