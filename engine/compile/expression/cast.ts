import type { DataType } from '../../../connectors/data-type.ts';
import type { Expression } from '../../plan/expression.ts';
import { machineOf } from '../machine-type.ts';
import { numberCast } from './cast-number.ts';
import { fromText, toText } from './cast-text.ts';
import { momentCast } from './cast-moment.ts';
import { compileExpression } from './compile-expression.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { isInteger } from './fold.ts';
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
  const value = compileExpression(child, scope);
  if (sameRepresentation(child.type, type)) return { ...value, type };
  const rule = castRule(child.type, type);
  if (rule === null) throw refuse(`a cast from ${typeName(child.type)} to ${typeName(type)}`, expression.span ?? child.span);
  return applyCast(rule, value, type, expression.try, scope);
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
  if (machineOf(from) === 'nested' || machineOf(to) === 'nested') return null;
  if (isNumber(from) && isNumber(to)) return numberCast(from, to);
  if (to.kind === 'varchar') return toText(from);
  if (from.kind === 'varchar') return fromText(to);
  return momentCast(from, to);
}
