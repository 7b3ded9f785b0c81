import type { DataType } from '../../../../connectors/data-type.ts';
import type { Expression } from '../../../plan/expression.ts';
import { machineOf, partTypes, zeroOf } from '../../machine-type.ts';
import { compileExpression } from '../compile-expression.ts';
import type { ColumnAccess, ExpressionScope, Value } from '../contract.ts';
import { foldConstant } from '../fold.ts';
import { bind, type Variable } from '../value.ts';
import { accessValid, type ListAccess, openListColumn, openMapColumn, packColumn } from './column.ts';
import { type OpenList, type OpenMap, openPackedList, openPackedMap, packedField } from './read.ts';

interface Place {
  readonly access: ColumnAccess;
  readonly row: string;
  /** AssemblyScript bool: every struct on the way here is valid. */
  readonly valid: string;
}

/** A list or map: where it is `valid`, it can be opened, in a block of its own. */
export interface ListSource<Open> {
  readonly valid: string;
  open(inner: ExpressionScope): Open;
}

const fieldNames = new Set(['struct_extract', 'array_extract', 'struct_extract_at']);

export function both(scope: ExpressionScope, a: string, b: string): string {
  if (a === 'true') return b;
  return b === 'true' ? a : bind(scope, `${a} && ${b}`, 'bool', 'v');
}

/** Which field of a struct a call names; null when it is no such call. */
export function fieldIndex(expression: Expression): number | null {
  if (expression.kind !== 'call' || !fieldNames.has(expression.name)) return null;
  const [struct, key] = expression.args as [Expression, Expression];
  if (struct.type.kind !== 'struct') return null;
  const name = foldConstant(key);
  const { fields } = struct.type;
  const index = typeof name === 'string' ? fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase()) : Number(name) - 1;
  return index in fields ? index : null;
}

/** Where a nested expression lies in memory: an input column, or a field of a struct that does. */
function placeOf(expression: Expression, scope: ExpressionScope): Place | null {
  if (expression.kind === 'column') {
    const nested = scope.nested(expression.index);
    return nested === null ? null : { ...nested, valid: 'true' };
  }
  const index = fieldIndex(expression);
  if (index === null || expression.kind !== 'call') return null;
  const place = placeOf(expression.args[0] as Expression, scope);
  if (place === null || place.access.kind !== 'struct') return null;
  const valid = both(scope, place.valid, accessValid(scope, place.access, place.row));
  return { access: place.access.children[index] as ColumnAccess, row: place.row, valid };
}

function source<Open>(
  expression: Expression,
  scope: ExpressionScope,
  inPlace: (inner: ExpressionScope, access: ListAccess, row: string) => Open,
  packed: (inner: ExpressionScope, value: Value) => Open,
): ListSource<Open> {
  const place = placeOf(expression, scope);
  if (place !== null && place.access.kind === 'list') {
    const { access, row } = place;
    return { valid: both(scope, place.valid, accessValid(scope, access, row)), open: (inner) => inPlace(inner, access, row) };
  }
  const value = compileExpression(expression, scope);
  return { valid: value.valid, open: (inner) => packed(inner, value) };
}

export function listSource(expression: Expression, scope: ExpressionScope): ListSource<OpenList> {
  return source(expression, scope, openListColumn, openPackedList);
}

export function mapSource(expression: Expression, scope: ExpressionScope): ListSource<OpenMap> {
  return source(expression, scope, openMapColumn, openPackedMap);
}

/** A field of a struct, wherever the struct comes from. */
export function structField(expression: Extract<Expression, { kind: 'call' }>, scope: ExpressionScope): Value {
  const place = placeOf(expression, scope);
  if (place !== null) {
    const value = packColumn(scope, place.access, place.row);
    return { ...value, valid: both(scope, place.valid, value.valid) };
  }
  const struct = compileExpression(expression.args[0] as Expression, scope);
  return optional(scope, expression.type, struct.valid, (inner, variable) => {
    variable.set(inner, packedField(inner, struct, fieldIndex(expression) as number));
  });
}

/** A value that is NULL unless `valid` holds and `body`, which runs only then, sets it. */
export function optional(
  scope: ExpressionScope,
  type: DataType,
  valid: string,
  body: (inner: ExpressionScope, variable: Variable) => void,
): Value {
  const machine = machineOf(type);
  const parts = partTypes(machine).map((part) => {
    const local = scope.name('r');
    scope.emit(`let ${local}: ${part} = ${zeroOf(part)};`);
    return local;
  });
  const present = scope.name('v');
  scope.emit(`let ${present}: bool = false;`);
  if (valid === 'false') return { type, machine, parts, valid: 'false' };
  scope.block(valid === 'true' ? '' : `if (${valid})`, (inner) => {
    body(inner, {
      set(deep, value) {
        if (value.valid === 'false') return;
        for (const [k, part] of parts.entries()) deep.emit(`${part} = ${value.parts[k]};`);
        deep.emit(`${present} = ${value.valid};`);
      },
    });
  });
  return { type, machine, parts, valid: present };
}

/** A value that is there wherever `valid` holds. */
export function required(
  scope: ExpressionScope,
  type: DataType,
  valid: string,
  body: (inner: ExpressionScope) => readonly string[],
): Value {
  const value = optional(scope, type, valid, (inner, variable) => {
    variable.set(inner, { type, machine: machineOf(type), parts: body(inner), valid: 'true' });
  });
  return { ...value, valid };
}

/** `for` over a count, its body in a scope of its own. */
export function loop(scope: ExpressionScope, count: string, body: (inner: ExpressionScope, i: string) => void): void {
  const i = scope.name('i');
  scope.block(`for (let ${i}: u32 = 0; ${i} < ${count}; ${i}++)`, (inner) => body(inner, i));
}
