import type { ColumnSpec } from '../../connectors/data-type.ts';
import { QueryError } from '../diagnostic.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import { QueryGenerator } from './generate-query.ts';
import { linearPlan } from './linear-plan.ts';
import type { ProgramInput, ProgramOperator } from './program.ts';
import { notSupported } from './refuse.ts';

export interface GeneratedQuery {
  readonly source: string;
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly ColumnSpec[];
  readonly operators: readonly ProgramOperator[];
  readonly stateless: boolean;
}

/** Writes the AssemblyScript of a query. Pure. Throws QueryError, with the span, for what binds but cannot run yet. */
export function compileQuery(query: QueryDefinition): GeneratedQuery {
  try {
    return generate(query);
  } catch (error) {
    throw error instanceof QueryError && error.span === undefined ? placed(error, query) : error;
  }
}

/** What comes from an inlined view has no place in this query: its body stands for it. */
function placed({ code, message, note, hint }: QueryError, { bodySpan }: QueryDefinition): QueryError {
  return new QueryError(code, message, {
    span: bodySpan,
    ...(note === undefined ? {} : { note }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function generate(query: QueryDefinition): GeneratedQuery {
  const { scan, steps } = linearPlan(query.plan, query.bodySpan);
  const generator = new QueryGenerator(query);
  if (query.options.emit === 'changes' && generator.stages.length > 0)
    throw notSupported(
      'emit = changes of an aggregate',
      query.bodySpan,
      'leave it out: each window gives its rows once, when it has ended',
    );
  return {
    source: generator.text(),
    inputs: [{ table: scan.table, columns: scan.columns }],
    outputs: query.schema,
    operators: [scan, ...steps].map(operatorOf),
    stateless: generator.stages.length === 0,
  };
}

function operatorOf(node: PlanNode): ProgramOperator {
  return { node: node.id, kind: node.kind, label: labelOf(node), stateful: node.kind === 'aggregate' };
}

function labelOf(node: PlanNode): string {
  switch (node.kind) {
    case 'scan':
      return `scan ${node.table}`;
    case 'window':
      return `${node.window.kind} ${duration(node.window.kind === 'session' ? node.window.gapMicros : node.window.sizeMicros)}`;
    case 'aggregate':
      return `aggregate ${[...new Set(node.aggregates.map((call) => call.name))].join(', ')}`.trimEnd();
    default:
      return node.kind;
  }
}

function duration(micros: bigint): string {
  for (const [unit, size] of units) if (micros % size === 0n && micros >= size) return `${micros / size} ${unit}`;
  return `${micros} us`;
}
const units: readonly (readonly [string, bigint])[] = [
  ['d', 86_400_000_000n],
  ['h', 3_600_000_000n],
  ['min', 60_000_000n],
  ['s', 1_000_000n],
  ['ms', 1_000n],
];
