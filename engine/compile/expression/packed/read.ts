import type { DataType } from '../../../../connectors/data-type.ts';
import { machineOf, partSize, partTypes } from '../../machine-type.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import { bind } from '../value.ts';
import { packedWidth, type StructType } from './shape.ts';

/** A list or map of one row, opened where it is valid: `count` is a u32 local; elements are read by their number (u32 expression). */
export interface OpenList {
  readonly count: string;
  element(scope: ExpressionScope, i: string): Value;
}

export interface OpenMap {
  readonly count: string;
  key(scope: ExpressionScope, i: string): Value;
  value(scope: ExpressionScope, i: string): Value;
}

/** Loads of a fixed-width value at an address (usize local). */
export function loadFixed(scope: ExpressionScope, type: DataType, address: string, valid: string): Value {
  const machine = machineOf(type);
  let offset = 0;
  const parts = partTypes(machine).map((part) => {
    const local = scope.name('x');
    scope.emit(
      part === 'bool'
        ? `const ${local} = load<u8>(${address}) != 0;`
        : `const ${local} = load<${part}>(${address}${offset === 0 ? '' : `, ${offset}`});`,
    );
    offset += partSize(part);
    return local;
  });
  return { type, machine, parts, valid };
}

/** Element `i` of the packed list at `list` (usize local), which has that many. */
export function packedElement(scope: ExpressionScope, child: DataType, list: string, i: string): Value {
  const { module } = scope;
  const valid = bind(scope, `${module.import('packed', 'packedValid')}(${list}, ${i})`, 'bool', 'v');
  const width = packedWidth(child);
  if (width > 0) {
    const address = bind(scope, `${module.import('packed', 'packedAt')}(${list}, ${i}, ${width})`, 'usize', 'a');
    return loadFixed(scope, child, address, valid);
  }
  const id = bind(scope, `${valid} ? ${module.import('packed', 'packedText')}(${list}, ${i}) : 0`, 'u32', 'x');
  return { type: child, machine: machineOf(child), parts: [id], valid };
}

function pointerTo(scope: ExpressionScope, value: Value): string {
  return bind(scope, `${scope.module.import('string-table', 'stringPointer')}(${value.parts[0]})`, 'usize', 'list');
}

/** Opens a packed list; in a block where it is valid. */
export function openPackedList(scope: ExpressionScope, value: Value): OpenList {
  const { type } = value;
  if (type.kind !== 'list') throw new Error(`a ${type.kind} is no list`);
  const list = pointerTo(scope, value);
  return openListAt(scope, type.child, list);
}

export function openListAt(scope: ExpressionScope, child: DataType, list: string): OpenList {
  const count = bind(scope, `${scope.module.import('packed', 'packedCount')}(${list})`, 'u32', 'n');
  return { count, element: (inner, i) => packedElement(inner, child, list, i) };
}

export function openPackedMap(scope: ExpressionScope, value: Value): OpenMap {
  const { type } = value;
  if (type.kind !== 'map') throw new Error(`a ${type.kind} is no map`);
  const map = pointerTo(scope, value);
  const keys = bind(scope, `${scope.module.import('packed', 'packedKeys')}(${map})`, 'usize', 'list');
  const values = bind(scope, `${scope.module.import('packed', 'packedValues')}(${map})`, 'usize', 'list');
  const count = bind(scope, `${scope.module.import('packed', 'packedCount')}(${keys})`, 'u32', 'n');
  return {
    count,
    key: (inner, i) => packedElement(inner, type.key, keys, i),
    value: (inner, i) => packedElement(inner, type.value, values, i),
  };
}

/** Field `index` of a packed struct; in a block where the struct is valid. */
export function packedField(scope: ExpressionScope, value: Value, index: number): Value {
  const { module } = scope;
  const { fields } = value.type as StructType;
  const struct = pointerTo(scope, value);
  let at = `${struct} + ${(fields.length + 7) >> 3}`;
  let fixed = 0;
  for (const field of fields.slice(0, index)) {
    const width = packedWidth(field.type);
    if (width > 0) fixed += width;
    else {
      const local = bind(scope, fixed === 0 ? at : `${at} + ${fixed}`, 'usize', 'a');
      at = `${local} + 4 + <usize>load<u32>(${local})`;
      fixed = 0;
    }
  }
  const address = bind(scope, fixed === 0 ? at : `${at} + ${fixed}`, 'usize', 'a');
  const valid = bind(scope, `${module.import('packed', 'packedBit')}(${struct}, ${index})`, 'bool', 'v');
  const { type } = fields[index] as StructType['fields'][number];
  if (packedWidth(type) > 0) return loadFixed(scope, type, address, valid);
  return {
    type,
    machine: machineOf(type),
    parts: [bind(scope, `${module.import('packed', 'packedField')}(${address})`, 'u32', 'x')],
    valid,
  };
}
