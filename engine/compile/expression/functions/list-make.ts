import type { DataType } from '../../../../connectors/data-type.ts';
import type { Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { both, loop, required } from '../packed/source.ts';
import { ListWriter } from '../packed/write.ts';
import { bind } from '../value.ts';

const group = 'Lists';

/** Type of the elements of the list that a call makes. */
export function childOf(call: FunctionCall): DataType {
  const { type } = call;
  if (type.kind !== 'list') throw call.refuse();
  return type.child;
}

function listOf(call: FunctionCall): Value {
  const child = childOf(call);
  const values = call.values();
  return required(call.scope, call.type, 'true', (inner) => {
    const writer = new ListWriter(inner, child, String(values.length));
    values.forEach((value, k) => {
      writer.set(inner, String(k), value);
    });
    return [writer.finish(inner)];
  });
}

/** Integers from start to stop by step; `inclusive`: stop too. */
const series =
  (inclusive: boolean) =>
  (call: FunctionCall): Value => {
    if (childOf(call).kind !== 'bigint') throw call.refuse();
    const values = call.values();
    const valid = values.reduce((all, value) => both(call.scope, all, value.valid), 'true');
    const [start, stop] = values.length === 1 ? ['<i64>0', values[0]?.parts[0]] : [values[0]?.parts[0], values[1]?.parts[0]];
    const step = values[2]?.parts[0] ?? '<i64>1';
    return required(call.scope, call.type, valid, (inner) => {
      const count = bind(inner, `${call.import('list-slice', 'seriesCount')}(${start}, ${stop}, ${step}, ${inclusive})`, 'u32', 'count');
      const writer = new ListWriter(inner, childOf(call), count);
      loop(inner, count, (each, i) => {
        const part = `${start} + <i64>${i} * ${step}`;
        writer.set(each, i, { type: childOf(call), machine: 'i64', parts: [part], valid: 'true' });
      });
      return [writer.finish(inner)];
    });
  };

/** Parts between separators. */
function splitText(call: FunctionCall): Value {
  const { scope } = call;
  const [text, separator] = [call.value(0), call.value(1)];
  return required(scope, call.type, text.valid, (inner) => {
    const split = (name: string) => call.import('split-text', name);
    const whole = `!(${separator.valid})`;
    const count = bind(
      inner,
      `${whole} ? 1 : max<u32>(1, <u32>${split('partCount')}(${text.parts[0]}, ${separator.parts[0]}))`,
      'u32',
      'count',
    );
    const writer = new ListWriter(inner, childOf(call), count);
    loop(inner, count, (step, i) => {
      const part = `${whole} ? ${text.parts[0]} : ${split('splitPart')}(${text.parts[0]}, ${separator.parts[0]}, <i64>${i} + 1)`;
      writer.set(step, i, { type: { kind: 'varchar' }, machine: 'string', parts: [bind(step, part, 'u32')], valid: 'true' });
    });
    return [writer.finish(inner)];
  });
}

export const listMakingFunctions: readonly FunctionEntry[] = [
  { names: ['list_value', 'list_pack'], group, signature: '[a, b], list_value(a, b)', summary: 'List of values', compile: listOf },
  { names: ['range'], group, signature: 'range(start, stop, step)', summary: 'List of integers, without stop', compile: series(false) },
  {
    names: ['generate_series'],
    group,
    signature: 'generate_series(start, stop, step)',
    summary: 'List of integers, with stop',
    compile: series(true),
  },
  {
    names: ['string_split', 'str_split', 'split', 'string_to_array'],
    group,
    signature: "string_split(s, ',')",
    summary: 'List of the parts between separators',
    compile: splitText,
  },
];
