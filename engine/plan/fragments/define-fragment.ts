import { analyzePlan, type ScanFacts } from '../analyze.ts';
import type { QueryDefinition } from '../catalog.ts';
import { numberNodes } from '../number-nodes.ts';
import type { PlanNode } from '../plan.ts';
import type { TimeFact } from '../time-fact.ts';
import { inputsOf, mapInputs, nodesOf } from '../walk-plan.ts';
import type { Fragment, OperatorShare } from './fragment.ts';

/** A plan under construction: its nodes have the ids of the query's plan, or none (below 0). */
export interface PlanPart {
  readonly plan: PlanNode;
  /** Nodes that stand for the query's in another way than one for one. */
  readonly shares: ReadonlyMap<PlanNode, OperatorShare>;
  /** What is known of the streams between lanes that it reads. */
  readonly facts: ReadonlyMap<string, ScanFacts>;
}

/** A node of the query's plan over parts of it, or as it is when there are none below it. */
export function wholeNode(node: PlanNode, inputs: readonly PlanPart[] = []): PlanPart {
  let next = 0;
  const plan = inputs.length === 0 ? node : mapInputs(node, () => (inputs[next++] as PlanPart).plan);
  return {
    plan,
    shares: new Map(inputs.flatMap((input) => [...input.shares])),
    facts: new Map(inputs.flatMap((input) => [...input.facts])),
  };
}

/** `name`: of the stream that it puts out; null for the query's result. */
export function defineFragment(
  query: QueryDefinition,
  name: string | null,
  { plan, shares, facts }: PlanPart,
  settings: Pick<Fragment, 'exchange' | 'single' | 'partial' | 'paces'> & { readonly isStream: (table: string) => boolean },
): Fragment {
  const { isStream, ...fragment } = settings;
  const operators = [...nodesOf(plan)].map((node) => shares.get(node) ?? shareOf(node));
  if (name === null && facts.size === 0) return { ...fragment, definition: query, operators };
  const numbered = numberNodes(plan);
  const { emit, emitEarlyEveryMs, stateTtlMs } = query.options;
  const scanned = scansOf(query, plan, isStream);
  const analysis = analyzePlan(numbered, {
    scan: (table) => facts.get(table) ?? (scanned.get(table) as ScanFacts),
    stateTtlMs,
    provisional: emit === 'changes' || emitEarlyEveryMs !== null,
  });
  const definition: QueryDefinition = {
    ...query,
    id: name === null ? query.id : query.id + name.slice(name.lastIndexOf('#')),
    name: name ?? query.name,
    plan: numbered,
    schema: numbered.schema,
    reads: [...new Set([...nodesOf(numbered)].flatMap((node) => (node.kind === 'scan' ? [node.table] : [])))],
    bounds: analysis.bounds,
    nodeFacts: analysis.nodeFacts,
    changes: analysis.changes.map((change) => change.changes),
    nodeChanges: analysis.changes,
    resultChanges: analysis.changes[numbered.id]?.changes ?? false,
    resultKey: name === null ? query.resultKey : null,
  };
  return { ...fragment, definition, operators };
}

function shareOf({ id }: PlanNode): OperatorShare {
  return id < 0 ? { node: null, rowsIn: false, rowsOut: false } : { node: id, rowsIn: true, rowsOut: true };
}

/** What the query's analysis says of the tables that a part of it scans. */
function scansOf(query: QueryDefinition, plan: PlanNode, isStream: (table: string) => boolean): Map<string, ScanFacts> {
  const found = new Map<string, ScanFacts>();
  const visit = (node: PlanNode): void => {
    inputsOf(node).forEach(visit);
    if (node.kind !== 'scan' || node.id < 0) return;
    const facts = query.nodeFacts[node.id] ?? [];
    const known = node.columns.flatMap((column, index): (readonly [string, TimeFact])[] => {
      const fact = facts[index];
      return fact ? [[column, fact]] : [];
    });
    const before = found.get(node.table);
    const change = query.nodeChanges[node.id];
    found.set(node.table, {
      facts: new Map([...(before?.facts ?? []), ...known]),
      stream: isStream(node.table),
      changes: change?.changes ?? false,
      key: change?.key?.map((index) => node.columns[index] as string) ?? null,
    });
  };
  visit(plan);
  return found;
}
