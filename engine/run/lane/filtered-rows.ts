import type { OperatorCounters, QueryProgram } from '../../compile/program.ts';

/** Filters and windows (which leave out rows without event time) put rows aside; joins and aggregates do not. */
const filteringKinds = new Set(['filter', 'window']);

export function filteredRows({ operators }: QueryProgram, counters: readonly OperatorCounters[]): number {
  const kinds = new Map(operators.map((operator) => [operator.node, operator.kind]));
  const filtering = counters.filter(({ node, rowsIn, rowsOut }) => filteringKinds.has(kinds.get(node) ?? '') && rowsIn > rowsOut);
  return filtering.reduce((rows, { rowsIn, rowsOut }) => rows + rowsIn - rowsOut, 0);
}
