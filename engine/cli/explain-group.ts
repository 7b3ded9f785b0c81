import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { nodeLabel } from '../plan/node-label.ts';
import type { PlanNode } from '../plan/plan.ts';
import { lanesOfGroupDefault } from '../run/group/group-settings.ts';
import { type EdgeOutlook, type GroupOutlook, lookAtEdges } from '../run/group/look-at-edges.ts';
import { count } from './check-command.ts';
import { checkGroupName } from './group-options.ts';
import { styleFor } from './style.ts';

export interface ExplainGroupOptions {
  readonly group: string;
  readonly lanes?: number;
  readonly json?: boolean;
}

/** Prints which rows of some queries go through topics between the lanes of a group. False when a group cannot run one of them. */
export async function explainGroup(
  catalog: Catalog,
  queries: readonly QueryDefinition[],
  { group, lanes = lanesOfGroupDefault, json }: ExplainGroupOptions,
): Promise<boolean> {
  checkGroupName(group);
  const all = await lookAtEdges(catalog, group, lanes);
  const chosen = all.filter(({ query }) => queries.includes(query));
  const text = () => chosen.map((each) => queryText(catalog, each, lanes)).join('\n');
  process.stdout.write(json ? `${JSON.stringify({ v: 1, group, lanes, queries: chosen.map(asJson) }, null, 2)}\n` : text());
  return chosen.every(({ refused }) => refused.length === 0);
}

function queryText(catalog: Catalog, { query, refused, edges }: GroupOutlook, lanes: number): string {
  const style = styleFor(process.stdout);
  const lines = [
    `${style.bold(query.id)}   ${style.cyan(`${query.file}:${query.line}`)}   ${summary(refused.length, edges.length, lanes)}`,
  ];
  for (const { code, message, hint } of refused) lines.push(`  [${code}] ${message}`, ...(hint === undefined ? [] : [`  help: ${hint}`]));
  for (const edge of edges) {
    const rows = `${edge.partial ? 'groups that each lane makes' : 'rows'} of ${edge.reads.join(', ')}`;
    lines.push(`  ${edge.topic}`, `    ${rows}, ${wayText(edge)}`);
    lines.push(`    for ${operatorText(edge.operator)}: ${edge.reads.map((name) => placeText(catalog, name)).join('; ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function summary(refused: number, edges: number, lanes: number): string {
  if (refused > 0) return 'no group can run it';
  if (edges > 0) return `${count(edges, 'topic')} between ${count(lanes, 'lane')}`;
  return lanes === 1 ? 'one lane has all rows' : 'all rows stay in their lanes';
}

function wayText({ keys, home }: EdgeOutlook): string {
  return home === null ? `each to the lane of its ${keys.join(', ')}` : `all to lane ${home}`;
}

function operatorText(operator: PlanNode | null): string {
  if (operator === null) return 'the query, which runs whole in that lane';
  const { label, details } = nodeLabel(operator);
  return details === '' ? label : `${label} ${details}`;
}

/** Where rows are before they are sent. */
function placeText(catalog: Catalog, name: string): string {
  const source = catalog.sources.get(name);
  if (source === undefined) return `rows of ${name} are where it has made them`;
  const { partitionKey = [] } = source;
  if (partitionKey.length === 0) return `${name} declares no partition_key`;
  return `partition_key of ${name} is ${partitionKey.join(', ')}`;
}

function asJson({ query, refused, edges }: GroupOutlook): object {
  return {
    id: query.id,
    file: query.file,
    line: query.line,
    refused: refused.map(({ code, message, hint }) => ({ code, message, hint: hint ?? null })),
    topics: edges.map(({ operator, ...edge }) => ({
      ...edge,
      operator: operator === null ? null : { id: operator.id, ...nodeLabel(operator) },
    })),
  };
}
