import type { Expression } from '../../plan/expression.ts';
import { type Accumulator, type AggregateContext, expressionKey, load, store } from './accumulator.ts';

/** Count, mean and sum of squared distances from it, by Welford's update; merged by Chan's. As DuckDB keeps them. */
export function momentsOf(context: AggregateContext, filter: Expression | null, argument: Expression): Accumulator {
  return context.share(filter, `moments ${expressionKey(argument)}`, () => ({
    args: [argument],
    fields: [8, 8, 8],
    update(this: Accumulator, [value]) {
      const [count, mean, squares] = this.offsets as [number, number, number];
      const header = value?.valid === 'true' ? '{' : `if (${value?.valid}) {`;
      return [
        header,
        `  const n = ${load('i64', count)} + 1, m = ${load('f64', mean)}, d = ${value?.parts[0]} - m, t = m + d / <f64>n;`,
        `  ${store('i64', 'n', count)} ${store('f64', 't', mean)}`,
        `  ${store('f64', `${load('f64', squares)} + d * (${value?.parts[0]} - t)`, squares)}`,
        '}',
      ];
    },
    merge(this: Accumulator) {
      const [count, mean, squares] = this.offsets as [number, number, number];
      return [
        // A single part stays as it is, infinite values too.
        `if (${load('i64', count)} == 0) { ${this.offsets.map((at) => store('u64', load('u64', at, 'q'), at)).join(' ')} }`,
        `else if (${load('i64', count, 'q')} != 0) {`,
        `  const a = <f64>${load('i64', count)}, b = <f64>${load('i64', count, 'q')}, n = a + b;`,
        `  const d = ${load('f64', mean, 'q')} - ${load('f64', mean)};`,
        `  ${store('f64', `${load('f64', squares)} + ${load('f64', squares, 'q')} + d * d * a * b / n`, squares)}`,
        // Equal means stay as they are, so that equal values vary by exactly 0.
        `  ${store('f64', `${load('f64', mean)} + d * (b / n)`, mean)}`,
        `  ${store('i64', `${load('i64', count)} + ${load('i64', count, 'q')}`, count)}`,
        '}',
      ];
    },
  }));
}
