import type { QueryDefinition } from '../plan/catalog.ts';
import { learningCall } from '../plan/learning/learning-functions.ts';
import { nodesOf } from '../plan/walk-plan.ts';

/** Microseconds from one value of a query's forecasts to the next, where the query says it: `forecast(x, history, step := ...)`. */
export function stepOfQuery({ plan }: Pick<QueryDefinition, 'plan'>): number | null {
  for (const node of nodesOf(plan)) {
    if (node.kind !== 'over') continue;
    for (const { name, parameters } of node.calls) {
      const at = learningCall(name)?.learns.parameters.findIndex((parameter) => parameter.name === 'step') ?? -1;
      const step = parameters?.[at] ?? 0;
      if (step > 0) return step;
    }
  }
  return null;
}
