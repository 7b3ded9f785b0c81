import { QueryError } from '../diagnostic.ts';
import type { Expression } from './expression.ts';
import type { PlanNode } from './plan.ts';
import { childrenOf } from './walk-expression.ts';
import { expressionsOf, nodesOf } from './walk-plan.ts';

const clocks: ReadonlySet<string> = new Set([
  'now',
  'current_timestamp',
  'get_current_timestamp',
  'transaction_timestamp',
  'current_date',
  'today',
  'current_time',
  'get_current_time',
  'current_localtimestamp',
  'current_localtime',
  'age',
]);
/** DuckDB puts it there itself, for a scalar subquery that gives more than one row. */
const allowed: ReadonlySet<string> = new Set(['error']);

/** A replay must give the same answer: throws QueryError E0206 for a function that differs from run to run. */
export function refuseUnstable(plan: PlanNode, isStable: (name: string) => boolean): void {
  const visit = (expression: Expression): void => {
    if (expression.kind === 'call' && differs(expression, isStable)) {
      const isClock = clocks.has(expression.name);
      throw new QueryError('E0206', `${expression.name}() differs from run to run`, {
        span: expression.span,
        note: 'a replay would give another answer',
        hint: isClock
          ? "use the event time, or the source's column _ingest_time"
          : 'compute it where the rows are made, and read it as a column',
      });
    }
    for (const child of childrenOf(expression)) visit(child);
  };
  for (const node of nodesOf(plan)) for (const expression of expressionsOf(node)) visit(expression);
}

/** age(time) counts from today; age(time, time) does not. */
function differs(call: Extract<Expression, { kind: 'call' }>, isStable: (name: string) => boolean): boolean {
  return (!isStable(call.name) && !allowed.has(call.name)) || (call.name === 'age' && call.args.length === 1);
}
