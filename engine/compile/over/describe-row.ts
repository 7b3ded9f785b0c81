import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { type Binding, RowScope } from '../row-scope.ts';

/** What expressions over a row with these columns compile to: machine and whether they can be NULL. */
export function describeRow(module: ModuleBuilder, node: number, bindings: readonly Binding[]): (expression: Expression) => Value {
  return (expression) => new RowScope(module, node, bindings, 'row').compile(expression);
}
