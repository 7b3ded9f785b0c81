import { machineOf } from '../../machine-type.ts';
import { compareText } from '../compare.ts';
import type { Value } from '../contract.ts';
import { FunctionCall, type FunctionEntry } from '../function-call.ts';
import { beginField, endField, ListWriter, StructWriter } from '../packed/write.ts';
import type { ListType, MapType } from '../packed/shape.ts';
import { both, listSource, loop, mapSource, optional, required, structField as fieldOf } from '../packed/source.ts';
import { bind } from '../value.ts';
import { splitElement } from './text.ts';

const group = 'Maps, structs and lists';

function structField(call: FunctionCall): Value {
  if (call.argument(0).type.kind !== 'struct') throw call.refuse();
  return fieldOf(call.expression, call.scope);
}

/** Value of a key in a map, by a scan of the row's keys; NULL when absent. */
function mapValue(call: FunctionCall): Value {
  const { scope } = call;
  const map = mapSource(call.argument(0), scope);
  const key = call.value(1);
  return optional(scope, call.type, both(scope, map.valid, key.valid), (inner, variable) => {
    const entries = map.open(inner);
    loop(inner, entries.count, (step, i) => {
      const candidate = entries.key(step, i);
      step.block(`if (${compareText('=', candidate, { ...key, valid: 'true' }, step, call.argument(1))})`, (hit) => {
        variable.set(hit, entries.value(hit, i));
        hit.emit('break;');
      });
    });
  });
}

/** A list of the key's value, or empty. */
function mapEntry(call: FunctionCall): Value {
  const { scope } = call;
  const { child } = call.type as ListType;
  const map = mapSource(call.argument(0), scope);
  const key = call.value(1);
  return required(scope, call.type, map.valid, (inner) => {
    const entries = map.open(inner);
    const found = inner.name('i');
    inner.emit(`let ${found}: u32 = u32.MAX_VALUE;`);
    inner.block(key.valid === 'true' ? '' : `if (${key.valid})`, (present) =>
      loop(present, entries.count, (step, i) => {
        const equal = compareText('=', entries.key(step, i), { ...key, valid: 'true' }, step, call.argument(1));
        step.emit(`if (${equal}) { ${found} = ${i}; break; }`);
      }),
    );
    const writer = new ListWriter(inner, child, `<u32>(${found} != u32.MAX_VALUE)`);
    inner.block(`if (${found} != u32.MAX_VALUE)`, (hit) => writer.set(hit, '0', entries.value(hit, found)));
    return [writer.finish(inner)];
  });
}

function mapContains(call: FunctionCall): Value {
  const { scope } = call;
  const map = mapSource(call.argument(0), scope);
  const key = call.value(1);
  return required(scope, call.type, both(scope, map.valid, key.valid), (inner) => {
    const entries = map.open(inner);
    const found = inner.name('found');
    inner.emit(`let ${found}: bool = false;`);
    loop(inner, entries.count, (step, i) => {
      const equal = compareText('=', entries.key(step, i), { ...key, valid: 'true' }, step, call.argument(1));
      step.emit(`if (${equal}) { ${found} = true; break; }`);
    });
    return [found];
  });
}

function mapParts(part: 'key' | 'value'): (call: FunctionCall) => Value {
  return (call) => {
    const map = mapSource(call.argument(0), call.scope);
    return required(call.scope, call.type, map.valid, (inner) => {
      const entries = map.open(inner);
      const writer = new ListWriter(inner, (call.type as ListType).child, entries.count);
      loop(inner, entries.count, (step, i) => writer.set(step, i, part === 'key' ? entries.key(step, i) : entries.value(step, i)));
      return [writer.finish(inner)];
    });
  };
}

function mapEntries(call: FunctionCall): Value {
  const map = mapSource(call.argument(0), call.scope);
  return required(call.scope, call.type, map.valid, (inner) => {
    const entries = map.open(inner);
    const writer = new ListWriter(inner, (call.type as ListType).child, entries.count);
    loop(inner, entries.count, (step, i) => {
      const key = entries.key(step, i);
      const value = entries.value(step, i);
      writer.put(step, i, 'true', (entry) => {
        const struct = new StructWriter(entry, 2);
        struct.add(entry, key);
        struct.add(entry, value);
      });
    });
    return [writer.finish(inner)];
  });
}

/** Of two lists. A key that is NULL, or comes twice, ends the query, as in DuckDB. */
function mapOfLists(call: FunctionCall): Value {
  const { scope } = call;
  const type = call.type as MapType;
  if (call.args.length !== 2) throw call.refuse();
  const keys = listSource(call.argument(0), scope);
  const values = listSource(call.argument(1), scope);
  return required(scope, type, both(scope, keys.valid, values.valid), (inner) => {
    const [keyList, valueList] = [keys.open(inner), values.open(inner)];
    const fail = `${call.import('fault', 'fail')}(${call.import('fault', 'faultArgument')})`;
    inner.emit(`if (${keyList.count} != ${valueList.count}) ${fail};`);
    const from = bind(inner, `${call.import('packed', 'packedEnd')}()`, 'u32', 'from');
    const field = beginField(inner);
    const keyWriter = new ListWriter(inner, type.key, keyList.count);
    loop(inner, keyList.count, (step, i) => {
      const key = keyList.element(step, i);
      if (key.valid !== 'true') step.emit(`if (!${key.valid}) ${fail};`);
      const before = step.name('i');
      step.block(`for (let ${before}: u32 = 0; ${before} < ${i}; ${before}++)`, (earlier) => {
        const other = keyList.element(earlier, before);
        earlier.emit(`if (${compareText('=', other, key, earlier, call.argument(0))}) ${fail};`);
      });
      keyWriter.set(step, i, key);
    });
    endField(inner, field);
    const valueWriter = new ListWriter(inner, type.value, valueList.count);
    loop(inner, valueList.count, (step, i) => valueWriter.set(step, i, valueList.element(step, i)));
    return [`${call.import('packed', 'finishPacked')}(${from})`];
  });
}

function structOf(call: FunctionCall): Value {
  const values = call.values();
  return required(call.scope, call.type, 'true', (inner) => {
    const writer = new StructWriter(inner, values.length);
    for (const value of values) writer.add(inner, value);
    return [writer.finish(inner)];
  });
}

const splitNames = ['string_split', 'str_split', 'split', 'string_to_array'];

/** list[n] from 1, negative from the end; NULL outside. */
function listElement(call: FunctionCall): Value {
  const { scope } = call;
  const { type } = call.argument(0);
  if (type.kind === 'struct') return structField(call);
  if (type.kind === 'varchar') return call.kernel('substring', 'characterAt');
  if (type.kind !== 'list') throw call.refuse();
  const first = call.argument(0);
  if (first.kind === 'call' && splitNames.includes(first.name)) return splitElement(call, new FunctionCall(first, scope));
  const list = listSource(call.argument(0), scope);
  const index = call.value(1);
  const n = index.parts[0] as string;
  return optional(scope, call.type, both(scope, list.valid, index.valid), (inner, variable) => {
    const { count, element } = list.open(inner);
    const at = bind(inner, `${n} > 0 ? ${n} - 1 : ${n} < 0 ? <i64>${count} + ${n} : -1`, 'i64', 'at');
    inner.block(`if (${at} >= 0 && ${at} < <i64>${count})`, (hit) => {
      variable.set(hit, element(hit, bind(hit, `<u32>${at}`, 'u32', 'i')));
    });
  });
}

function size(call: FunctionCall): Value {
  const { kind } = call.argument(0).type;
  if (kind !== 'list' && kind !== 'map') throw call.refuse();
  const source = kind === 'list' ? listSource(call.argument(0), call.scope) : mapSource(call.argument(0), call.scope);
  return required(call.scope, call.type, source.valid, (inner) => [`<${machineOf(call.type)}>${source.open(inner).count}`]);
}

export function lengthOf(call: FunctionCall): Value {
  if (call.argument(0).type.kind === 'varchar') return call.kernel('substring', 'characterCount');
  return size(call);
}

export const nestedFunctions: readonly FunctionEntry[] = [
  { names: ['map_extract_value'], group, signature: "m['key']", summary: 'Value of a key in a MAP, NULL when absent', compile: mapValue },
  {
    names: ['map_extract', 'element_at'],
    group,
    signature: "map_extract(m, 'key')",
    summary: 'List of the value of a key, empty when absent',
    compile: mapEntry,
  },
  { names: ['map_contains'], group, signature: "map_contains(m, 'key')", summary: 'Whether a map has a key', compile: mapContains },
  { names: ['map_keys'], group, signature: 'map_keys(m)', summary: 'List of the keys', compile: mapParts('key') },
  { names: ['map_values'], group, signature: 'map_values(m)', summary: 'List of the values', compile: mapParts('value') },
  { names: ['map_entries'], group, signature: 'map_entries(m)', summary: 'List of structs of key and value', compile: mapEntries },
  { names: ['map'], group, signature: 'map(keys, values), MAP {k: v}', summary: 'Map of two lists', compile: mapOfLists },
  { names: ['cardinality'], group, signature: 'cardinality(m)', summary: 'Entries of a map', compile: size },
  { names: ['struct_extract', 'struct_extract_at'], group, signature: 's.field', summary: 'Field of a STRUCT', compile: structField },
  {
    names: ['struct_pack', 'row'],
    group,
    signature: "struct_pack(a := x), {'a': x}, row(x, y)",
    summary: 'Struct of values',
    compile: structOf,
  },
  {
    names: ['array_extract', 'list_extract', 'list_element'],
    group,
    signature: 'l[n], s[n]',
    summary: 'Element of a LIST, character of a text',
    compile: listElement,
  },
  {
    names: ['length', 'len', 'array_length', 'char_length', 'character_length'],
    group,
    signature: 'len(l), length(s)',
    summary: 'Elements of a list; code points of a text',
    compile: lengthOf,
  },
];
