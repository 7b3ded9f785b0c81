import type { Expression } from '../../../plan/expression.ts';
import { machineOf } from '../../machine-type.ts';
import type { ColumnAccess, ExpressionScope, Value } from '../contract.ts';
import { FunctionCall, type FunctionEntry } from '../function-call.ts';
import { compareText } from '../compare.ts';
import { assign, bind, compute } from '../value.ts';
import { splitElement } from './text.ts';

const group = 'Maps, structs and lists';

interface Place {
  readonly access: ColumnAccess;
  readonly row: string;
  /** AssemblyScript bool: every struct on the way here is valid. */
  readonly valid: string;
}

/** Where a nested expression lies in memory: a column, or a field of a struct that does. */
function placeOf(expression: Expression, scope: ExpressionScope): Place | null {
  if (expression.kind === 'column') {
    const nested = scope.nested(expression.index);
    return nested === null ? null : { ...nested, valid: 'true' };
  }
  if (expression.kind !== 'call' || !fieldNames.includes(expression.name)) return null;
  const call = new FunctionCall(expression, scope);
  return fieldPlace(call);
}

const fieldNames = ['struct_extract', 'array_extract', 'struct_extract_at'];

function fieldPlace(call: FunctionCall): Place | null {
  const { type } = call.argument(0);
  if (type.kind !== 'struct') return null;
  const place = placeOf(call.argument(0), call.scope);
  if (place === null || place.access.kind !== 'struct') return null;
  const key = call.constant(1);
  const index =
    typeof key === 'string' ? type.fields.findIndex((field) => field.name.toLowerCase() === key.toLowerCase()) : Number(key) - 1;
  const access = place.access.children[index];
  if (access === undefined) return null;
  const own = validityText(place.access, place.row);
  const valid = own === 'true' ? place.valid : place.valid === 'true' ? own : `${place.valid} && ${own}`;
  return { access, row: place.row, valid: bind(call.scope, valid, 'bool', 'v') };
}

function validityText(access: ColumnAccess, row: string): string {
  return access.validity === null ? 'true' : `((<u32>load<u8>(${access.validity} + (${row} >> 3)) >> (<u32>${row} & 7)) & 1) != 0`;
}

function structField(call: FunctionCall): Value {
  const place = fieldPlace(call);
  if (place === null || place.access.kind !== 'fixed') throw call.refuse(`${call.name} of a value that is not a column`);
  const value = call.scope.load(place.access, place.row);
  if (place.valid === 'true') return value;
  const valid = value.valid === 'true' ? place.valid : bind(call.scope, `${place.valid} && ${value.valid}`, 'bool', 'v');
  return { ...value, valid };
}

function listPlace(call: FunctionCall): Place & { access: Extract<ColumnAccess, { kind: 'list' }> } {
  const place = placeOf(call.argument(0), call.scope);
  if (place === null || place.access.kind !== 'list') throw call.refuse(`${call.name} of a value that is not a column`);
  const { access } = place;
  const own = validityText(access, place.row);
  const valid = own === 'true' ? place.valid : place.valid === 'true' ? own : `${place.valid} && ${own}`;
  return { access, row: place.row, valid: bind(call.scope, valid, 'bool', 'v') };
}

function bounds(
  place: { access: Extract<ColumnAccess, { kind: 'list' }>; row: string },
  scope: ExpressionScope,
): readonly [string, string] {
  const at = `${place.access.offsets} + (${place.row} << 2)`;
  const start = scope.name('s');
  const end = scope.name('s');
  scope.emit(`const ${start}: usize = <usize>load<u32>(${at});`);
  scope.emit(`const ${end}: usize = <usize>load<u32>(${at}, 4);`);
  return [start, end];
}

function elements(call: FunctionCall, child: number): Extract<ColumnAccess, { kind: 'fixed' }> {
  const access = listPlace(call).access.children[child];
  if (access === undefined || access.kind !== 'fixed') throw call.refuse();
  return access;
}

/** Value of a key in a map, by a scan of the row's keys; NULL when absent. */
function mapValue(call: FunctionCall): Value {
  const place = listPlace(call);
  const keys = elements(call, 0);
  const values = elements(call, 1);
  const key = call.value(1);
  return assign(call.scope, call.type, (variable) => {
    const found = call.scope.name('s');
    call.scope.emit(`let ${found}: usize = usize.MAX_VALUE;`);
    const present = place.valid === 'true' ? key.valid : key.valid === 'true' ? place.valid : `${place.valid} && ${key.valid}`;
    call.scope.block(`if (${present})`, (inner) => {
      const [start, end] = bounds(place, inner);
      const at = inner.name('s');
      inner.block(`for (let ${at}: usize = ${start}; ${at} < ${end}; ${at}++)`, (loop) => {
        const candidate = loop.load(keys, at);
        loop.emit(`if (${compareText('=', candidate, key, loop, call.argument(1))}) { ${found} = ${at}; break; }`);
      });
    });
    call.scope.block(`if (${found} != usize.MAX_VALUE)`, (inner) => {
      const value = inner.load(values, found);
      // Absent keys leave the value NULL, so it never is 'true' for all rows.
      variable.set(inner, value.valid === 'true' ? { ...value, valid: `${found} != usize.MAX_VALUE` } : value);
    });
  });
}

/** list[n] from 1, negative from the end; NULL outside. */
function listElement(call: FunctionCall): Value {
  const { type } = call.argument(0);
  if (type.kind === 'struct') return structField(call);
  if (type.kind === 'varchar') return call.kernel('substring', 'characterAt');
  const first = call.argument(0);
  if (first.kind === 'call' && ['string_split', 'str_split', 'split', 'string_to_array'].includes(first.name)) {
    return splitElement(call, new FunctionCall(first, call.scope));
  }
  if (type.kind !== 'list') throw call.refuse();
  const place = listPlace(call);
  const items = elements(call, 0);
  const index = call.value(1);
  return assign(call.scope, call.type, (variable) => {
    const present = place.valid === 'true' ? index.valid : index.valid === 'true' ? place.valid : `${place.valid} && ${index.valid}`;
    const at = call.scope.name('s');
    call.scope.emit(`let ${at}: i64 = -1;`);
    call.scope.block(`if (${present})`, (inner) => {
      const [start, end] = bounds(place, inner);
      const size = `<i64>(${end} - ${start})`;
      const offset = inner.name('s');
      inner.emit(
        `const ${offset}: i64 = ${index.parts[0]} > 0 ? ${index.parts[0]} - 1 : ${index.parts[0]} < 0 ? ${size} + ${index.parts[0]} : -1;`,
      );
      inner.emit(`if (${offset} >= 0 && ${offset} < ${size}) ${at} = <i64>${start} + ${offset};`);
    });
    call.scope.block(`if (${at} >= 0)`, (inner) => {
      const value = inner.load(items, `<usize>${at}`);
      variable.set(inner, value.valid === 'true' ? { ...value, valid: `${at} >= 0` } : value);
    });
  });
}

function listLength(call: FunctionCall): Value {
  const { type } = call.argument(0);
  if (type.kind !== 'list' && type.kind !== 'map') throw call.refuse();
  const place = listPlace(call);
  return compute(call.scope, call.type, place.valid, false, (scope) => {
    const [start, end] = bounds(place, scope);
    return { parts: [`<${machineOf(call.type)}>(${end} - ${start})`] };
  });
}

export function lengthOf(call: FunctionCall): Value {
  if (call.argument(0).type.kind === 'varchar') return call.kernel('substring', 'characterCount');
  return listLength(call);
}

export const nestedFunctions: readonly FunctionEntry[] = [
  {
    names: ['map_extract_value'],
    group,
    signature: "m['key']",
    summary: 'Value of a key in a MAP column, NULL when absent',
    compile: mapValue,
  },
  {
    names: ['struct_extract', 'struct_extract_at'],
    group,
    signature: 's.field',
    summary: 'Field of a STRUCT column',
    compile: structField,
  },
  {
    names: ['array_extract', 'list_extract', 'list_element'],
    group,
    signature: 'l[n], s[n]',
    summary: 'Element of a LIST column, character of a text, part of string_split',
    compile: listElement,
  },
  {
    names: ['length', 'len', 'array_length', 'char_length', 'character_length'],
    group,
    signature: 'len(l), length(s)',
    summary: 'Elements of a list; code points of a text',
    compile: lengthOf,
  },
  { names: ['cardinality'], group, signature: 'cardinality(m)', summary: 'Entries of a map', compile: listLength },
];
