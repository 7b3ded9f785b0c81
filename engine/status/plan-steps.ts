import type { OperatorCounters } from '../compile/program.ts';
import type { Span } from '../diagnostic.ts';
import type { QueryDefinition } from '../plan/catalog.ts';
import { nodeLabel } from '../plan/node-label.ts';
import type { PlanNode } from '../plan/plan.ts';
import { expressionsOf, inputsOf } from '../plan/walk-plan.ts';
import type { PlanStep } from './api-types.ts';
import { countOf } from './format-number.ts';

export interface StepNumbers {
  readonly in: number | null;
  readonly out: number | null;
}

/** A query's operators, the one nearest to the result first, with what is measured of them. */
export function planSteps(
  query: QueryDefinition,
  operators: readonly OperatorCounters[],
  rates: (node: number) => StepNumbers,
  readersOf: (table: string) => number,
): PlanStep[] {
  const toOffsets = spanMapper(query);
  return planOrder(query.plan).map(({ node, depth }) => {
    const counters = operators.find((each) => each.node === node.id);
    const bound = query.bounds.find((each) => each.node === node.id && each.by !== 'stateless');
    const { label, details } = nodeLabel(node);
    return {
      id: node.id,
      depth,
      op: label,
      what: details,
      span: toOffsets(placeOf(node)),
      ...rates(node.id),
      cpu: null,
      state: bound === undefined ? null : (counters?.stateBytes ?? null),
      note: stepNote(node, counters, readersOf),
      sharedWith: node.kind === 'scan' ? readersOf(node.table) : null,
      bounded: bound?.bounded ?? null,
    };
  });
}

export function planOrder(plan: PlanNode): { node: PlanNode; depth: number }[] {
  const visit = (node: PlanNode, depth: number): { node: PlanNode; depth: number }[] => [
    { node, depth },
    ...inputsOf(node).flatMap((input) => visit(input, depth + 1)),
  ];
  return visit(plan, 0);
}

function stepNote(node: PlanNode, counters: OperatorCounters | undefined, readersOf: (table: string) => number): string | null {
  if (node.kind === 'scan') return readersOf(node.table) > 1 ? `read by ${countOf(readersOf(node.table), 'query', 'queries')}` : null;
  return counters !== undefined && counters.stateRows > 0 ? `${countOf(counters.stateRows, 'key')} now` : null;
}

/** Bytes of the query's file to UTF-16 offsets of its statement; null for what lies outside. */
function spanMapper(query: QueryDefinition): (span: Span | null) => readonly [number, number] | null {
  const bytes = Buffer.from(query.statement);
  const before = query.statement.slice(0, Math.max(0, query.statement.lastIndexOf(query.body)));
  const start = query.bodySpan.start - Buffer.byteLength(before);
  const offset = (at: number): number => bytes.subarray(0, at).toString().length;
  return (span) => {
    if (span === null) return null;
    const [from, to] = [span.start - start, span.end - start];
    return from < 0 || to > bytes.length || to <= from ? null : [offset(from), offset(to)];
  };
}

/** The text that stands for an operator: DuckDB marks a keyword or nothing at all, so it is stretched over the operator's expressions. */
function placeOf(node: PlanNode): Span | null {
  const { span } = node;
  if (node.kind === 'aggregate' && span !== undefined) {
    const groups = node.groups.flatMap((group) => group.span ?? []).filter((each) => each.start >= span.start);
    return hull([span, ...groups]);
  }
  if (node.kind === 'project') return hull(expressionsOf(node).flatMap((expression) => expression.span ?? [])) ?? span ?? null;
  return span ?? hull(expressionsOf(node).flatMap((expression) => expression.span ?? []));
}

function hull(spans: readonly Span[]): Span | null {
  if (spans.length === 0) return null;
  return { start: Math.min(...spans.map((span) => span.start)), end: Math.max(...spans.map((span) => span.end)) };
}
