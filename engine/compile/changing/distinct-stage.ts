import { columnOf } from '../../plan/build-node.ts';
import type { AggregateCall, PlanNode } from '../../plan/plan.ts';
import type { AggregateNode } from '../aggregate-stage.ts';
import type { ColumnAccess } from '../expression/contract.ts';
import type { Flow } from '../flow.ts';
import type { Stage, StageContext } from '../stage.ts';
import { buildGroups } from './changing-stage.ts';
import { expiryOf } from './expiry.ts';

/** DISTINCT, DISTINCT ON: the first row of each key comes at once; the key is kept until no row of it can come, or for state_ttl. */
export function buildDistinctStage(context: StageContext, plan: PlanNode, flows: readonly Flow[]): Stage {
  const [flow] = flows as readonly [Flow];
  const node = plan as Extract<PlanNode, { kind: 'distinct' }>;
  const { schema } = node.input;
  const columns = schema.map((_, index) => columnOf(schema, index));
  const groups = node.on.length === 0 ? columns : node.on;
  const calls: AggregateCall[] = [];
  const places = columns.map((column, index) => {
    const key = groups.findIndex((group) => group.kind === 'column' && group.index === index);
    if (key >= 0) return key;
    calls.push({ name: 'first', args: [column], filter: null, distinct: false, orderBy: [], parameters: [], type: column.type });
    return groups.length + calls.length - 1;
  });
  const aggregate: AggregateNode = { ...node, kind: 'aggregate', groups, aggregates: calls };
  const changes = context.changes(node);
  const stage = buildGroups(
    context,
    aggregate,
    flow,
    changes,
    { kind: changes ? 'push' : 'once' },
    expiryOf(context, aggregate, flow.bindings),
  );
  return { ...stage, node, columns: places.map((place) => stage.columns[place] as ColumnAccess) };
}
