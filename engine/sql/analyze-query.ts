import { QueryError } from '../diagnostic.ts';
import { type Analysis, analyzePlan, type ScanFacts } from '../plan/analyze.ts';
import type { QueryClock, ViewOptions } from '../plan/catalog.ts';
import { showsEarly } from '../plan/early-results.ts';
import type { NodeChange } from '../plan/changes.ts';
import type { PlanNode } from '../plan/plan.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import type { RawOption } from './raw-option.ts';

type Settings = Pick<ViewOptions, 'emitEarlyEveryMs' | 'stateTtlMs'> & { readonly emit: ViewOptions['emit'] | null };

export interface QueryAnalysis extends Analysis {
  readonly clock: QueryClock;
  /** As written, or final where the query can be. */
  readonly emit: ViewOptions['emit'];
  readonly resultChanges: boolean;
  readonly resultKey: readonly number[] | null;
}

export interface AnalysisParts {
  readonly options: readonly RawOption[];
  /** Clocks that the query may follow, the first for choice. */
  readonly clocks: readonly QueryClock[];
  readonly scan: (table: string, clock: QueryClock) => ScanFacts;
  readonly report: (error: QueryError, severity?: 'error' | 'warning') => void;
}

/** Bounds and changes of a plan as its options have it run; reports what keeps it from running so. */
export function analyzeQuery(plan: PlanNode, settings: Settings, { options, clocks, scan, report }: AnalysisParts): QueryAnalysis {
  const contextOf = (clock: QueryClock) => ({ clock, scan: (table: string) => scan(table, clock), stateTtlMs: settings.stateTtlMs });
  const { clock, settled } = clocks
    .map((each) => ({ clock: each, settled: analyzePlan(plan, { ...contextOf(each), provisional: false }) }))
    .reduce((best, each) => (each.settled.faults.length < best.settled.faults.length ? each : best));
  const context = contextOf(clock);
  // What follows no clock is not bounded either: that is one fault.
  const clockless = settled.faults.filter(({ code }) => code === 'E0313');
  for (const fault of clockless.length > 0 ? clockless : settled.faults) report(fault);
  const cause = settled.changes.find((change) => change.itself);
  const canBeFinal = !isChanging(settled, plan);
  const emit = settings.emit ?? (canBeFinal ? 'final' : 'changes');
  const option = (name: string): RawOption | undefined => options.find((each) => each.name === name);
  if (emit === 'final' && !canBeFinal && settled.faults.length === 0) report(neverFinal(plan, cause, option('emit')));
  const provisional = emit === 'changes' || settings.emitEarlyEveryMs !== null;
  const analysis = provisional ? analyzePlan(plan, { ...context, provisional }) : settled;
  const early = { options: settings, plan, changes: analysis.changes.map(({ changes }) => changes), nodeFacts: analysis.nodeFacts };
  if (settings.emitEarlyEveryMs !== null && !settled.waits && !showsEarly(early)) {
    const note = 'no operator of the query waits for the watermark with what it has so far';
    report(new QueryError('W0110', '"emit_early_every" has no effect', { span: option('emit_early_every')?.nameSpan, note }), 'warning');
  }
  return { ...analysis, clock, emit, resultChanges: isChanging(analysis, plan), resultKey: analysis.changes[plan.id]?.key ?? null };
}

function isChanging(analysis: Analysis, plan: PlanNode): boolean {
  return analysis.changes[plan.id]?.changes ?? false;
}

function neverFinal(plan: PlanNode, cause: NodeChange | undefined, option: RawOption | undefined): QueryError {
  const node = [...nodesOf(plan)].find((each) => each.id === cause?.node);
  const place = node === undefined ? undefined : placeOf(node);
  return new QueryError('E0314', 'its rows are never final', {
    span: place ?? option?.valueSpan,
    note: cause?.reason ?? 'a later row may change them',
    hint: `use emit = changes${node === undefined ? '' : `, or ${remedy(node)}`}`,
  });
}

function placeOf(node: PlanNode): PlanNode['span'] {
  if (node.span !== undefined) return node.span;
  if (node.kind === 'over') return node.calls.find((call) => call.span !== undefined)?.span;
  if (node.kind !== 'aggregate') return undefined;
  return [...node.groups, ...node.aggregates].find((each) => each.span !== undefined)?.span;
}

function remedy(node: PlanNode): string {
  switch (node.kind) {
    case 'scan':
      return `aggregate "${node.table}" by a time of it that the watermark follows`;
    case 'over':
      return "PARTITION BY a window's window_start too";
    case 'join':
      return 'limit the time between the two rows, or join equal windows';
    default:
      return "group by window_start and window_end of tumble(table, time, INTERVAL '1 minute')";
  }
}
