import type { DataType } from '../../../../connectors/data-type.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall } from '../function-call.ts';
import { intervalCall } from '../value.ts';

function kinds(call: FunctionCall): readonly DataType['kind'][] {
  return call.args.map((argument) => argument.type.kind);
}

/** TIMESTAMP (or DATE) and an interval's three words. */
function shift(call: FunctionCall, kernel: 'addInterval' | 'subtractInterval', moment: number): Value {
  const at = call.value(moment);
  const by = call.value(1 - moment);
  return call.strict(true, () => {
    const from = at.type.kind === 'date' ? `${call.import('interval', 'dateToTimestamp')}(${at.parts[0]})` : at.parts[0];
    return `${call.import('interval', kernel)}(${[from, ...by.parts].join(', ')})`;
  });
}

export function addMoments(call: FunctionCall): Value {
  const [left, right] = kinds(call);
  for (const [moment, by] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const kind = kinds(call)[moment];
    const other = kinds(call)[by];
    if (other === 'interval' && (kind === 'timestamp' || kind === 'date')) return shift(call, 'addInterval', moment);
    if (other === 'interval' && kind === 'time') {
      return call.strict(true, () => `${call.import('interval', 'addToTime')}(${call.value(moment).parts[0]}, ${call.value(by).parts[2]})`);
    }
    if (kind === 'date' && other === 'integer') {
      return call.strict(true, () => `${call.import('interval', 'addDays')}(${call.value(moment).parts[0]}, ${call.value(by).parts[0]})`);
    }
  }
  if (left === 'interval' && right === 'interval') return intervals(call, 'addIntervals');
  throw call.refuse();
}

export function subtractMoments(call: FunctionCall): Value {
  const [left, right] = kinds(call);
  if (right === 'interval') {
    if (left === 'timestamp' || left === 'date') return shift(call, 'subtractInterval', 0);
    if (left === 'time') return call.strict(true, (parts) => `${call.import('interval', 'addToTime')}(${parts[0]}, -(${parts[3]}))`);
    if (left === 'interval') return intervals(call, 'subtractIntervals');
  }
  if (left === 'date' && right === 'date') return call.strict(true, ([a, b]) => `${call.import('interval', 'daysBetween')}(${a}, ${b})`);
  if (left === 'date' && right === 'integer') return call.strict(true, ([a, b]) => `${call.import('interval', 'addDays')}(${a}, -(${b}))`);
  if (left === 'timestamp' && right === 'timestamp') return intervals(call, 'timestampDifference');
  throw call.refuse();
}

function intervals(call: FunctionCall, kernel: string): Value {
  return call.strict(true, (parts, scope) => intervalCall(scope, `${call.import('interval', kernel)}(${parts.join(', ')})`));
}

export function multiplyIntervals(call: FunctionCall): Value {
  const by = kinds(call)[0] === 'interval' ? 1 : 0;
  if (kinds(call)[by] !== 'bigint') throw call.refuse();
  const parts = [...call.value(1 - by).parts, ...call.value(by).parts];
  return call.strict(true, (_, scope) => intervalCall(scope, `${call.import('interval', 'multiplyInterval')}(${parts.join(', ')})`));
}

export function negateInterval(call: FunctionCall): Value {
  return call.strict(false, (parts) => ({ parts: parts.map((part, i) => `<${i < 2 ? 'i32' : 'i64'}>(0 - ${part})`) }));
}
