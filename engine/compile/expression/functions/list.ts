import { machineOf } from '../../machine-type.ts';
import { compareText } from '../compare.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { type OpenList, openPackedList } from '../packed/read.ts';
import { both, listSource, loop, optional, required } from '../packed/source.ts';
import { ListWriter } from '../packed/write.ts';
import { assign, bind } from '../value.ts';
import { childOf } from './list-make.ts';

const group = 'Lists';

/** Whether `value`, which is not NULL, is among the elements; where, from 1. */
function search(call: FunctionCall, inner: ExpressionScope, list: OpenList, value: Value): string {
  const found = inner.name('found');
  inner.emit(`let ${found}: u32 = 0;`);
  loop(inner, list.count, (step, i) => {
    const element = list.element(step, i);
    const equal = compareText('=', element, { ...value, valid: 'true' }, step, call.argument(1));
    step.emit(`if (${element.valid === 'true' ? '' : `${element.valid} && `}${equal}) { ${found} = ${i} + 1; break; }`);
  });
  return found;
}

export function listContains(call: FunctionCall): Value {
  const list = listSource(call.argument(0), call.scope);
  const value = call.value(1);
  return required(call.scope, call.type, both(call.scope, list.valid, value.valid), (inner) => [
    `(${search(call, inner, list.open(inner), value)} != 0)`,
  ]);
}

/** Place of a value, NULL included, from 1; NULL when it is not there. */
function listPosition(call: FunctionCall): Value {
  const list = listSource(call.argument(0), call.scope);
  const value = call.value(1);
  return optional(call.scope, call.type, list.valid, (inner, variable) => {
    const open = list.open(inner);
    loop(inner, open.count, (step, i) => {
      const element = open.element(step, i);
      const equal = compareText('=', { ...element, valid: 'true' }, { ...value, valid: 'true' }, step, call.argument(1));
      const same =
        value.valid === 'true' ? `${element.valid} && ${equal}` : `${element.valid} == ${value.valid} && (!${value.valid} || ${equal})`;
      step.block(`if (${same})`, (hit) => {
        variable.set(hit, {
          type: call.type,
          machine: machineOf(call.type),
          parts: [`<${machineOf(call.type)}>(${i} + 1)`],
          valid: 'true',
        });
        hit.emit('break;');
      });
    });
  });
}

/** Elements of all lists in turn. A list that is NULL counts as empty. */
function listConcatenate(call: FunctionCall): Value {
  const { scope } = call;
  const child = childOf(call);
  const lists = call.args.map((argument) => listSource(argument, scope));
  return required(scope, call.type, 'true', (inner) => {
    const total = inner.name('total');
    inner.emit(`let ${total}: u32 = 0;`);
    for (const list of lists) {
      inner.block(`if (${list.valid})`, (present) => present.emit(`${total} += ${list.open(present).count};`));
    }
    const writer = new ListWriter(inner, child, total);
    const at = inner.name('at');
    inner.emit(`let ${at}: u32 = 0;`);
    for (const list of lists) {
      inner.block(`if (${list.valid})`, (present) => {
        const open = list.open(present);
        loop(present, open.count, (step, i) => {
          writer.set(step, at, open.element(step, i));
          step.emit(`${at}++;`);
        });
      });
    }
    return [writer.finish(inner)];
  });
}

/** a || b: NULL when one is. */
export function concatenateLists(call: FunctionCall): Value {
  const value = listConcatenate(call);
  const [a, b] = call.args.map((argument) => listSource(argument, call.scope).valid) as [string, string];
  return { ...value, valid: both(call.scope, a, b) };
}

/** l[begin:end:step], both ends included, from 1, negative from the end. A bound that is an empty list is open. */
function listSlice(call: FunctionCall): Value {
  const { scope } = call;
  if (call.argument(0).type.kind === 'varchar') throw call.refuse('a slice of a text', 'use substring(s, from, length)');
  const child = childOf(call);
  const list = listSource(call.argument(0), scope);
  const isOpen = (index: number) => Array.isArray(call.constant(index));
  const [begin, end, step] = [1, 2, 3].map((index) => (call.args[index] === undefined || isOpen(index) ? null : call.value(index)));
  const valid = [begin, end, step].reduce((all, value) => (value == null ? all : both(scope, all, value.valid)), list.valid);
  return required(scope, call.type, valid, (inner) => {
    const open = list.open(inner);
    const kernel = (name: string) => call.import('list-slice', name);
    const bounds = `<i64>${open.count}, ${begin?.parts[0] ?? 'i64.MIN_VALUE'}, ${end?.parts[0] ?? 'i64.MAX_VALUE'}, ${step?.parts[0] ?? '1'}`;
    const count = bind(inner, `${kernel('sliceCount')}(${bounds})`, 'u32', 'count');
    const first = bind(inner, `<i64>${kernel('sliceFirst')} + 0`, 'i64', 'first');
    const writer = new ListWriter(inner, child, count);
    loop(inner, count, (each, i) => {
      writer.set(each, i, open.element(each, bind(each, `<u32>(${first} + <i64>${i} * ${step?.parts[0] ?? '1'})`, 'u32', 'i')));
    });
    return [writer.finish(inner)];
  });
}

/** Whether some, or all, elements of the second list that are not NULL are in the first. */
const overlap =
  (all: boolean) =>
  (call: FunctionCall): Value => {
    const [first, second] = call.args.map((argument) => listSource(argument, call.scope));
    if (first === undefined || second === undefined) throw call.refuse();
    return required(call.scope, call.type, both(call.scope, first.valid, second.valid), (inner) => {
      const [a, b] = [first.open(inner), second.open(inner)];
      const result = inner.name('result');
      inner.emit(`let ${result}: bool = ${all};`);
      loop(inner, b.count, (step, i) => {
        const wanted = b.element(step, i);
        step.block(wanted.valid === 'true' ? '' : `if (${wanted.valid})`, (present) => {
          const found = search(call, present, a, wanted);
          present.emit(`if (${found} ${all ? '==' : '!='} 0) { ${result} = ${!all}; break; }`);
        });
      });
      return [result];
    });
  };

function flatten(call: FunctionCall): Value {
  const child = childOf(call);
  const list = listSource(call.argument(0), call.scope);
  return required(call.scope, call.type, list.valid, (inner) => {
    const open = list.open(inner);
    const each = (scope: ExpressionScope, body: (present: ExpressionScope, value: OpenList) => void) =>
      loop(scope, open.count, (step, i) => {
        const value = open.element(step, i);
        step.block(value.valid === 'true' ? '' : `if (${value.valid})`, (present) => body(present, openPackedList(present, value)));
      });
    const total = inner.name('total');
    inner.emit(`let ${total}: u32 = 0;`);
    each(inner, (present, value) => present.emit(`${total} += ${value.count};`));
    const writer = new ListWriter(inner, child, total);
    const at = inner.name('at');
    inner.emit(`let ${at}: u32 = 0;`);
    each(inner, (present, value) =>
      loop(present, value.count, (step, i) => {
        writer.set(step, at, value.element(step, i));
        step.emit(`${at}++;`);
      }),
    );
    return [writer.finish(inner)];
  });
}

/** Elements that the second list of places names. */
function listSelect(call: FunctionCall): Value {
  const child = childOf(call);
  const [list, places] = call.args.map((argument) => listSource(argument, call.scope));
  if (list === undefined || places === undefined) throw call.refuse();
  return required(call.scope, call.type, both(call.scope, list.valid, places.valid), (inner) => {
    const [open, wanted] = [list.open(inner), places.open(inner)];
    const writer = new ListWriter(inner, child, wanted.count);
    loop(inner, wanted.count, (step, i) => {
      const place = wanted.element(step, i);
      const at = bind(step, `${place.parts[0]} - 1`, 'i64', 'at');
      const inside = bind(step, `${place.valid} && ${at} >= 0 && ${at} < <i64>${open.count}`, 'bool', 'v');
      const value = assign(step, child, (variable) => {
        step.block(`if (${inside})`, (hit) => variable.set(hit, open.element(hit, bind(hit, `<u32>${at}`, 'u32', 'i'))));
      });
      writer.set(step, i, value.valid === 'true' ? { ...value, valid: inside } : value);
    });
    return [writer.finish(inner)];
  });
}

export const listFunctions: readonly FunctionEntry[] = [
  {
    names: ['list_contains', 'array_contains', 'list_has', 'array_has'],
    group,
    signature: 'list_contains(l, x), x IN l',
    summary: 'Whether a value is in a list',
    compile: listContains,
  },
  {
    names: ['list_position', 'list_indexof', 'array_position', 'array_indexof'],
    group,
    signature: 'list_position(l, x)',
    summary: 'Place of a value from 1, NULL when it is not there',
    compile: listPosition,
  },
  {
    names: ['list_concat', 'list_cat', 'array_concat', 'array_cat'],
    group,
    signature: 'list_concat(a, b), list_append(l, x), list_prepend(x, l)',
    summary: 'Elements of all lists in turn; a list that is NULL counts as empty',
    compile: listConcatenate,
  },
  {
    names: ['array_slice', 'list_slice'],
    group,
    signature: 'l[from:to], l[from:to:step]',
    summary: 'Part of a list, both ends included',
    compile: listSlice,
  },
  {
    names: ['list_has_any', 'array_has_any', '&&'],
    group,
    signature: 'list_has_any(a, b)',
    summary: 'Whether lists share a value',
    compile: overlap(false),
  },
  {
    names: ['list_has_all', 'array_has_all', '@>'],
    group,
    signature: 'list_has_all(a, b)',
    summary: 'Whether all values of b are in a',
    compile: overlap(true),
  },
  { names: ['flatten'], group, signature: 'flatten(l)', summary: 'Elements of the lists in a list', compile: flatten },
  {
    names: ['list_select', 'array_select'],
    group,
    signature: 'list_select(l, places)',
    summary: 'Elements at the places, NULL outside',
    compile: listSelect,
  },
];
