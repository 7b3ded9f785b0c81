import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { AdaptContext, Places } from './adapt/context.ts';
import type { DuckNode } from './adapt/duckdb-plan.ts';
import { adaptOperator } from './adapt/operator.ts';
import { nameColumns } from './name-columns.ts';
import { numberNodes } from './number-nodes.ts';
import type { PlanNode } from './plan.ts';
import { refuseUnstable } from './refuse-unstable.ts';
import { type Evaluate, foldConstants } from './rewrite/fold-constants.ts';
import { joinSplitParts } from './rewrite/join-split-parts.ts';
import { joinSubqueries } from './rewrite/join-subqueries.ts';
import { limitOvers } from './rewrite/limit-overs.ts';
import { lowerWindows } from './rewrite/lower-windows.ts';
import { mergeProjects } from './rewrite/merge-projects.ts';
import { pruneColumns } from './rewrite/prune-columns.ts';
import { recognizeLearning } from './rewrite/recognize-learning.ts';
import { pushFilters } from './rewrite/push-filters.ts';
import { splitOvers } from './rewrite/split-overs.ts';

export interface PlanContext {
  readonly table: (name: string) => readonly ColumnSpec[];
  /** The plan of a view that is inlined where it is read; null for everything else. */
  readonly inlined: (name: string) => PlanNode | null;
  readonly places: Places;
  readonly evaluate: Evaluate;
  /** False for functions that differ from run to run. */
  readonly isStable: (name: string) => boolean;
  /** True for functions whose value for constants can be computed while planning. */
  readonly isFoldable: (name: string) => boolean;
}

/** DuckDB's bound plan as ours: adapted, constants computed, windows found. Not yet optimized, so that a view can be inlined. */
export async function adaptPlan(duck: DuckNode, context: PlanContext): Promise<PlanNode> {
  const adaptContext: AdaptContext = { ...context, ctes: new Map(), outer: [] };
  const adapted = adaptOperator(duck, adaptContext);
  refuseUnstable(adapted, context.isStable);
  const folded = await foldConstants(adapted, context.evaluate, context.isFoldable);
  return recognizeLearning(lowerWindows(folded, context.places));
}

/** Filters as low and scans as narrow as they can be; nodes numbered. The columns put out stay as they are. */
export function optimizePlan(plan: PlanNode): PlanNode {
  const narrow = pruneColumns(mergeProjects(pushFilters(splitOvers(joinSubqueries(joinSplitParts(plan))))));
  return numberNodes(nameColumns(limitOvers(mergeProjects(narrow))));
}
