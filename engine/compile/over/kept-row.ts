import type { Expression } from '../../plan/expression.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { columnsOf, mapChildren } from '../../plan/walk-expression.ts';
import { expressionsOf } from '../../plan/walk-plan.ts';
import { expressionKey } from '../aggregates/accumulator.ts';
import type { Value } from '../expression/contract.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { RowLayout } from '../row-layout.ts';
import type { Binding, RowScope } from '../row-scope.ts';

type OverNode = Extract<PlanNode, { kind: 'over' }>;

/** A row as a stage keeps it: the values of some expressions over the rows that come in. */
export class KeptRow {
  readonly expressions: readonly Expression[];
  readonly layout: RowLayout;
  readonly #index = new Map<string, number>();
  readonly #columns: readonly Expression[];

  /** `describe`: what an expression compiles to. */
  constructor(expressions: readonly Expression[], describe: (expression: Expression) => Value, headerBytes = 0) {
    this.expressions = expressions;
    const values = expressions.map(describe);
    this.layout = new RowLayout(values, headerBytes);
    this.#columns = expressions.map((expression, index) => {
      if (!this.#index.has(expressionKey(expression))) this.#index.set(expressionKey(expression), index);
      return { kind: 'column', index, type: expression.type, nullable: values[index]?.valid !== 'true', ...spanOf(expression) };
    });
  }

  /** Empty rows need no memory. */
  get bytes(): number {
    return this.expressions.length === 0 ? 0 : this.layout.bytes;
  }

  /** What the row at `slot` gives for its columns. */
  bindings(slot: string): Binding[] {
    return this.expressions.map((_, index) => ({ kind: 'kept', layout: this.layout, index, slot }));
  }

  /** The same by column of the incoming rows, for expressions over those; what is not kept must not be asked for. */
  columnBindings(slot: string, width: number): Binding[] {
    return Array.from({ length: width }, (_, column): Binding => {
      const index = this.expressions.findIndex((each) => each.kind === 'column' && each.index === column);
      if (index >= 0) return { kind: 'kept', layout: this.layout, index, slot };
      return { kind: 'window', value: { type: { kind: 'null' }, machine: 'i32', parts: ['notKept'], valid: 'false' } };
    });
  }

  /** An expression over the incoming rows as one over the kept row; constants stay. */
  over(expression: Expression): Expression {
    if (expression.kind === 'constant') return expression;
    const index = this.#index.get(expressionKey(expression));
    if (index !== undefined) return this.#columns[index] as Expression;
    if (expression.kind === 'column') throw new Error('a column that the row does not keep');
    return mapChildren(expression, (child) => this.over(child));
  }

  /** Statements that store the row at `slot`; the scope is one over the incoming row. */
  write(scope: RowScope, slot: string): string[] {
    return this.expressions.length === 0
      ? []
      : this.layout.write(
          this.expressions.map((expression) => scope.compile(expression)),
          slot,
        );
  }

  mark(module: ModuleBuilder, slot: string): string[] {
    return this.expressions.length === 0 ? [] : this.layout.mark(module, slot);
  }
}

function spanOf({ span }: Expression): { span?: NonNullable<Expression['span']> } {
  return span === undefined ? {} : { span };
}

/** Columns that a node puts out for others, and those that its own expressions read, as expressions over its input. */
export function usedColumns(node: OverNode, needed: ReadonlySet<number>): { passed: Expression[]; all: Expression[] } {
  const columns = node.input.schema.map(({ type, nullable }, index): Expression => ({ kind: 'column', index, type, nullable }));
  const read = new Set<number>();
  for (const expression of expressionsOf(node)) columnsOf(expression, read);
  return {
    passed: columns.filter((_, index) => needed.has(index)),
    all: columns.filter((_, index) => needed.has(index) || read.has(index)),
  };
}

/** Each expression once; constants are not kept. */
export function distinctExpressions(expressions: readonly Expression[]): Expression[] {
  const found = new Map<string, Expression>();
  for (const expression of expressions) {
    const key = expressionKey(expression);
    if (expression.kind !== 'constant' && !found.has(key)) found.set(key, expression);
  }
  return [...found.values()];
}
