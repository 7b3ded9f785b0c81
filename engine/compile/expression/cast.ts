import type { DataType } from '../../../connectors/data-type.ts';
import type { Expression } from '../../plan/expression.ts';
import { machineOf } from '../machine-type.ts';
import { numberCast } from './cast-number.ts';
import { fromText, toText } from './cast-text.ts';
import { momentCast } from './cast-moment.ts';
import { compileExpression } from './compile-expression.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { isInteger } from './fold.ts';
import { openPackedList, packedField } from './packed/read.ts';
import type { ListType, StructType } from './packed/shape.ts';
import { loop, required } from './packed/source.ts';
import { ListWriter, StructWriter } from './packed/write.ts';
import { refuse, typeName } from './refuse.ts';
import { type Computed, compute, nullValue } from './value.ts';

/** How one type becomes another: texts of the result's parts from those of the source. `fails`: may set castFailed. */
export interface CastRule {
  readonly fails: boolean;
  /** Costs more than a check for NULL: runs for valid rows only. */
  readonly dear?: boolean;
  compute(value: Value, scope: ExpressionScope): Computed;
}

export function compileCast(expression: Extract<Expression, { kind: 'cast' }>, scope: ExpressionScope): Value {
  const { child, type } = expression;
  if (child.type.kind === 'null') return nullValue(type);
  const value = castValue(compileExpression(child, scope), type, expression.try, scope);
  if (value === null) throw refuse(`a cast from ${typeName(child.type)} to ${typeName(type)}`, expression.span ?? child.span);
  return value;
}

/** The value as another type; null when there is no such cast. */
function castValue(value: Value, type: DataType, asNull: boolean, scope: ExpressionScope): Value | null {
  if (value.type.kind === 'null') return nullValue(type);
  if (sameRepresentation(value.type, type)) return { ...value, type };
  if (value.type.kind === 'list' && type.kind === 'list') return castList(value, type, asNull, scope);
  if (value.type.kind === 'struct' && type.kind === 'struct') return castStruct(value, type, asNull, scope);
  const rule = castRule(value.type, type);
  return rule === null ? null : applyCast(rule, value, type, asNull, scope);
}

function castList(value: Value, type: ListType, asNull: boolean, scope: ExpressionScope): Value | null {
  let possible = true;
  const result = required(scope, type, value.valid, (inner) => {
    const list = openPackedList(inner, value);
    const writer = new ListWriter(inner, type.child, list.count);
    loop(inner, list.count, (step, i) => {
      const element = castValue(list.element(step, i), type.child, asNull, step);
      possible &&= element !== null;
      if (element !== null) writer.set(step, i, element);
    });
    return [writer.finish(inner)];
  });
  return possible ? result : null;
}

/** Field by field; where names differ it is another cast. */
function castStruct(value: Value, type: StructType, asNull: boolean, scope: ExpressionScope): Value | null {
  const names = ({ fields }: StructType) => JSON.stringify(fields.map((field) => field.name.toLowerCase()));
  if (names(value.type as StructType) !== names(type)) return null;
  let possible = true;
  const result = required(scope, type, value.valid, (inner) => {
    const fields = type.fields.map((field, k) => castValue(packedField(inner, value, k), field.type, asNull, inner));
    possible = fields.every((field) => field !== null);
    const writer = new StructWriter(inner, fields.length);
    for (const field of fields) if (field !== null) writer.add(inner, field);
    return [writer.finish(inner)];
  });
  return possible ? result : null;
}

export function applyCast(rule: CastRule, value: Value, type: DataType, asNull: boolean, scope: ExpressionScope): Value {
  return compute(scope, type, value.valid, rule.fails || rule.dear === true, (inner) => {
    const computed = rule.compute(value, inner);
    if (!rule.fails) return computed;
    const parts = computed.parts.map((part) => {
      const local = inner.name('t');
      inner.emit(`const ${local} = ${part};`);
      return local;
    });
    if (!asNull) {
      inner.emit(`${inner.module.import('fault', 'requireCast')}();`);
      return { parts };
    }
    const valid = inner.name('v');
    inner.emit(`const ${valid}: bool = !${inner.module.import('fault', 'takeCastFailure')}();`);
    return { parts, valid };
  });
}

function sameRepresentation(from: DataType, to: DataType): boolean {
  if (JSON.stringify(from) === JSON.stringify(to)) return true;
  const texts = ['varchar', 'json'];
  if (from.kind === 'json' || from.kind === 'enum') return to.kind === 'varchar';
  return texts.includes(from.kind) && to.kind === 'varchar';
}

export function isNumber(type: DataType): boolean {
  return type.kind === 'boolean' || type.kind === 'float' || type.kind === 'double' || type.kind === 'decimal' || isInteger(type);
}

export function castRule(from: DataType, to: DataType): CastRule | null {
  if (machineOf(from) === 'packed' || machineOf(to) === 'packed') return null;
  if (isNumber(from) && isNumber(to)) return numberCast(from, to);
  if (to.kind === 'varchar') return toText(from);
  if (from.kind === 'varchar') return fromText(to);
  return momentCast(from, to);
}
