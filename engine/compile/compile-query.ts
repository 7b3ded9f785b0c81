import type { ColumnSpec } from '../../connectors/data-type.ts';
import { QueryError } from '../diagnostic.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import { QueryGenerator } from './generate-query.ts';
import type { ProgramInput, ProgramOperator } from './program.ts';

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
  const generator = new QueryGenerator(query);
  const stateful = new Set(generator.stages.map((stage) => stage.node.id));
  return {
    source: generator.text(),
    inputs: generator.inputs,
    outputs: query.schema,
    operators: [...nodesOf(query.plan)].map((node) => ({
      node: node.id,
      kind: node.kind,
      label: labelOf(node),
      stateful: stateful.has(node.id),
    })),
    stateless: generator.stages.every((stage) => keepsNothing.has(stage.node.kind)),
  };
}

/** Stages that only suspend: what they put out is made by the input row at hand. */
const keepsNothing: ReadonlySet<string> = new Set(['unnest', 'window']);

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
