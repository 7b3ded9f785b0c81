import type { Expression } from '../../plan/expression.ts';
import type { OrderBy } from '../../plan/plan.ts';
import { compareText } from '../expression/compare.ts';
import type { Value } from '../expression/contract.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { type Binding, RowScope } from '../row-scope.ts';
import { generatedFunction } from '../text.ts';

/** A row at an address (usize expression), as the columns of the expressions that order it. */
export type RowAt = (slot: string) => readonly Binding[];

/**
 * Declares `name(a, b): i32`: below 0, 0 or above 0 as the row at address a stands before, beside or after the one at b. NaN is the
 * largest number, text goes by its bytes, NULLs stand where each key says.
 */
export function generateCompare(module: ModuleBuilder, name: string, node: number, orders: readonly OrderBy[], row: RowAt): void {
  const [a, b] = [new RowScope(module, node, row('a'), 'row'), new RowScope(module, node, row('b'), 'row')];
  const lines: string[] = [];
  for (const { expression, descending, nullsFirst } of orders) {
    const [x, y] = pair(a, b, expression, lines);
    const before = compareText(descending ? '>' : '<', x, y, a, expression);
    const after = compareText(descending ? '<' : '>', x, y, a, expression);
    const sides = [`if (${before}) return -1;`, `if (${after}) return 1;`];
    if (x.valid === 'true' && y.valid === 'true') lines.push(...sides);
    else {
      lines.push(`if (${x.valid} != ${y.valid}) return ${x.valid} ? ${nullsFirst ? '1 : -1' : '-1 : 1'};`);
      lines.push(`if (${x.valid}) {`, ...sides.map((line) => `  ${line}`), '}');
    }
  }
  module.add(generatedFunction(`function ${name}(a: usize, b: usize): i32`, [...lines, 'return 0;']));
}

/** Declares `name(a, b): bool`: whether the rows at both addresses have the same values, NULL being one. */
export function generateSame(module: ModuleBuilder, name: string, node: number, expressions: readonly Expression[], row: RowAt): void {
  const [a, b] = [new RowScope(module, node, row('a'), 'row'), new RowScope(module, node, row('b'), 'row')];
  const lines: string[] = [];
  for (const expression of expressions) {
    const [x, y] = pair(a, b, expression, lines);
    const equal = compareText('=', x, y, a, expression);
    const nullable = x.valid !== 'true' || y.valid !== 'true';
    if (nullable) lines.push(`if (${x.valid} != ${y.valid}) return false;`);
    lines.push(`if (${nullable ? `${x.valid} && ` : ''}!${equal}) return false;`);
  }
  module.add(generatedFunction(`function ${name}(a: usize, b: usize): bool`, [...lines, 'return true;']));
}

function pair(a: RowScope, b: RowScope, expression: Expression, lines: string[]): [Value, Value] {
  const values: [Value, Value] = [a.compile(expression), b.compile(expression)];
  lines.push(...a.lines.splice(0), ...b.lines.splice(0));
  return values;
}
