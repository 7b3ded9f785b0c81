import type { Bound } from './bounds/bound.ts';
import type { PlanNode } from './plan.ts';
import { keyColumns, RowIdentities, type RowIdentity } from './row-identity.ts';
import { inputsOf } from './walk-plan.ts';

/** Whether rows that a node has put out may be taken back later, and what tells its rows apart. */
export interface NodeChange {
  readonly node: number;
  readonly changes: boolean;
  /** A sentence for people; null when its rows are final. */
  readonly reason: string | null;
  /** It is this node that makes rows change, not one before it. */
  readonly itself: boolean;
  /** Columns that no two rows have in common, [] for a single row; null: only the whole row, counted, tells rows apart. */
  readonly key: readonly number[] | null;
}

export interface ChangeContext {
  readonly scan: (table: string) => { readonly changes: boolean; readonly key: readonly string[] | null };
  /** By node id. */
  readonly bounds: ReadonlyMap<number, Bound>;
  /** Open windows are put out before they are final: emit = changes, or emit_early_every. */
  readonly provisional: boolean;
}

/** One for each node, by id. */
export function analyzeChanges(plan: PlanNode, context: ChangeContext): readonly NodeChange[] {
  const found: NodeChange[] = [];
  const identities = new RowIdentities();
  const visit = (node: PlanNode): { change: NodeChange; identity: RowIdentity } => {
    const inputs = inputsOf(node).map(visit);
    const scanned = node.kind === 'scan' ? context.scan(node.table) : null;
    const identity = identities.of(
      node,
      inputs.map((input) => input.identity),
      scanned?.key ?? null,
    );
    const cause = causeOf(
      node,
      inputs.map(({ change }) => change).some((change) => change.changes),
      context,
    );
    const change = { node: node.id, changes: cause !== null, reason: null, itself: false, ...cause, key: keyColumns(identity) };
    found.push(change);
    return { change, identity };
  };
  visit(plan);
  return found.sort((a, b) => a.node - b.node);
}

type Cause = Pick<NodeChange, 'reason' | 'itself'>;

function causeOf(node: PlanNode, inputChanges: boolean, { scan, bounds, provisional }: ChangeContext): Cause | null {
  if (node.kind === 'scan') return scan(node.table).changes ? { reason: `rows of ${node.table} are taken back`, itself: true } : null;
  const bound = bounds.get(node.id);
  if (bound !== undefined && !bound.final) return { reason: bound.changing ?? 'a later row may change its rows', itself: true };
  if (bound?.waits && provisional) return { reason: 'rows come before the watermark makes them final', itself: true };
  return inputChanges && !bound?.settles ? { reason: 'rows of its input are taken back', itself: false } : null;
}
