import { compileQuery } from '../../compile/compile-query.ts';
import type { QueryError } from '../../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../../plan/catalog.ts';
import type { Expression } from '../../plan/expression.ts';
import { expressionText } from '../../plan/expression-text.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { inputsOf, nodesOf } from '../../plan/walk-plan.ts';
import type { CompiledQuery } from '../recovery-plan.ts';
import { groupFaults } from './check-group.ts';
import { type GroupEdge, type GroupPlan, planEdges } from './plan-edges.ts';

/** A topic between the lanes of a group, as it will be. */
export interface EdgeOutlook {
  readonly topic: string;
  /** What its rows are made of: sources and views, or topics that come before. */
  readonly reads: readonly string[];
  /** Groups that each lane has aggregated of its own rows, to be merged. */
  readonly partial: boolean;
  /** Rows go to the lane that these are hashed to, as SQL; none: to the lane `home`. */
  readonly keys: readonly string[];
  readonly home: number | null;
  /** The operator of the query's plan that the rows must meet in; null: the query as a whole. */
  readonly operator: PlanNode | null;
}

export interface GroupOutlook {
  readonly query: QueryDefinition;
  readonly refused: readonly QueryError[];
  readonly edges: readonly EdgeOutlook[];
}

/** How a group would run each query: as its start decides it, without brokers and without compiling anything. */
export async function lookAtEdges(catalog: Catalog, group: string, lanes: number): Promise<GroupOutlook[]> {
  const faults = groupFaults(catalog, null);
  const refused = new Map<string, QueryError[]>();
  const refuse = ({ id }: QueryDefinition, error: QueryError) => void refused.set(id, [...(refused.get(id) ?? []), error]);
  for (const query of catalog.queries) {
    const spans = [query.bodySpan, ...query.reads.map((name) => catalog.sources.get(name)?.span)];
    for (const { error } of faults) if (error.code !== 'E0616' && spans.includes(error.span as never)) refuse(query, error);
  }
  const plan = await planEdges(catalog, { group, lanes, directory: '.', options: () => ({}), refused: refuse }, generated);
  return catalog.queries.map((query) => ({
    query,
    refused: refused.get(query.id) ?? [],
    edges: plan.edges.filter((edge) => edge.query === query.id).map((edge) => outlook(query, plan, edge)),
  }));
}

/** Refuses what the compiler refuses; that is all that the cut depends on. */
async function generated(definition: QueryDefinition): Promise<CompiledQuery['program']> {
  return { ...compileQuery(definition), key: '', wasm: new Uint8Array(0), functions: [] };
}

function outlook(query: QueryDefinition, { plan, edges }: GroupPlan, { source, topic, fragment, keys, home }: GroupEdge): EdgeOutlook {
  const sender = plan.queries.find(({ definition }) => definition.name === fragment) as CompiledQuery;
  const topicOf = (name: string) => edges.find((edge) => edge.source.name === name)?.topic ?? name;
  const reader = plan.queries.find(({ definition }) => definition.reads.includes(source.name));
  const { definition } = sender;
  return {
    topic,
    reads: definition.reads.map(topicOf),
    partial: sender.partial === true,
    keys: keys.map((key) => columnText(definition.plan, key)),
    home: keys.length === 0 ? home : null,
    operator: reader === undefined ? null : meetingPlace(query, reader, source.name),
  };
}

/** The nearest operator above the scan that keeps rows of several lanes together. */
function meetingPlace(query: QueryDefinition, reader: CompiledQuery, table: string): PlanNode | null {
  const above = (node: PlanNode): PlanNode[] | null => {
    if (node.kind === 'scan') return node.table === table ? [] : null;
    for (const input of inputsOf(node)) {
      const found = above(input);
      if (found !== null) return [...found, node];
    }
    return null;
  };
  for (const node of above(reader.definition.plan) ?? []) {
    const keeps = !['scan', 'filter', 'project', 'unnest', 'values'].includes(node.kind);
    if (!keeps || (node.kind === 'window' && node.window.kind !== 'session')) continue;
    const own = reader.operators?.[node.id]?.node;
    return [...nodesOf(query.plan)].find(({ id }) => id === own) ?? null;
  }
  return null;
}

/** What a column of a fragment's rows is, as far back as it is only passed on. */
function columnText(node: PlanNode, index: number): string {
  const within = (expression: Expression, input: PlanNode) =>
    expression.kind === 'column' ? columnText(input, expression.index) : expressionText(expression, input.schema);
  if (node.kind === 'project') return within(node.expressions[index] as Expression, node.input);
  if (node.kind === 'filter') return columnText(node.input, index);
  if (node.kind === 'aggregate' && index < node.groups.length) return within(node.groups[index] as Expression, node.input);
  return node.schema[index]?.name ?? '';
}
