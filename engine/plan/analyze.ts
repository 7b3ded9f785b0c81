import { QueryError } from '../diagnostic.ts';
import { boundAggregate } from './bounds/aggregate.ts';
import { boundJoin } from './bounds/join.ts';
import { boundOver } from './bounds/over.ts';
import type { Bound, InputFacts } from './bounds/bound.ts';
import { analyzeChanges, type NodeChange } from './changes.ts';
import { microsText } from './expression-text.ts';
import type { QueryClock } from './catalog.ts';
import type { PlanNode, StateBound } from './plan.ts';
import { nodesOf } from './walk-plan.ts';
import { type Facts, factOf, type TimeFact, unknownDelay } from './time-fact.ts';

export interface AnalysisContext {
  /** What is known of a scanned table's columns, and whether its rows never end. */
  readonly scan: (table: string) => ScanFacts;
  /** What the query's watermark follows; event time when absent. */
  readonly clock?: QueryClock;
  readonly stateTtlMs: number | null;
  /** Open windows are put out before they are final: emit = changes, or emit_early_every. */
  readonly provisional: boolean;
}

export interface ScanFacts {
  readonly facts: ReadonlyMap<string, TimeFact>;
  readonly stream: boolean;
  /** Its rows come as the clock has it that the query does not follow. */
  readonly otherClock?: boolean;
  /** Rows are taken back: a stored view that changes. */
  readonly changes: boolean;
  /** Columns that no two rows have in common; null when there are none known. */
  readonly key: readonly string[] | null;
}

export interface Analysis {
  /** One for each node, by id. */
  readonly bounds: readonly StateBound[];
  /** Facts of the result's columns. */
  readonly facts: Facts;
  /** By node id: facts of the columns that it puts out. */
  readonly nodeFacts: readonly Facts[];
  /** By node id of a window operator: how far behind the query's watermark its time may be, where it is at all (microseconds). */
  readonly delays: ReadonlyMap<number, bigint>;
  /** One for each node, by id. */
  readonly changes: readonly NodeChange[];
  /** Some operator holds results back until the watermark makes them final. */
  readonly waits: boolean;
  /** Faults that make the query one that cannot run, with their places. */
  readonly faults: readonly QueryError[];
}

/** What a plan means over rows that never end: which state is bounded and by what, and which columns follow event time. */
export function analyzePlan(plan: PlanNode, context: AnalysisContext): Analysis {
  const bounds: StateBound[] = [];
  const faults: QueryError[] = [];
  const delays = new Map<number, bigint>();
  const nodeFacts: Facts[] = [];
  const unboundedNodes = new Set<PlanNode>();
  const boundOf = new Map<number, Bound>();
  const visit = (node: PlanNode): InputFacts => {
    const { output, bound } = analyzeNode(node, visit, context, faults);
    nodeFacts[node.id] = output.facts;
    const end = node.kind === 'window' ? output.facts.at(-1) : null;
    if (end && end.delayMicros > 0n) delays.set(node.id, end.delayMicros);
    bounds.push({ node: node.id, bounded: bound.bounded, by: bound.by, reason: bound.reason });
    boundOf.set(node.id, bound);
    // What reads from unbounded state is often unbounded by that: the first is the one to mend.
    if (!bound.bounded && ![...nodesOf(node)].some((each) => unboundedNodes.has(each))) faults.push(unbounded(node, bound));
    if (!bound.bounded) unboundedNodes.add(node);
    return output;
  };
  const { facts } = visit(plan);
  bounds.sort((a, b) => a.node - b.node);
  const changes = analyzeChanges(plan, { ...context, bounds: boundOf });
  return { bounds, facts, nodeFacts, delays, changes, waits: [...boundOf.values()].some((bound) => bound.waits), faults };
}

const stateless: Bound = { bounded: true, final: true, by: 'stateless', reason: 'each row is dealt with on its own' };

function unbounded(node: PlanNode, bound: Bound): QueryError {
  return new QueryError('E0311', 'state has no bound', {
    span: bound.span ?? node.span,
    note: bound.reason,
    hint: bound.remedy ?? "add state_ttl to the view's options, for example WITH (state_ttl = '1 d')",
  });
}

interface Analyzed {
  readonly output: InputFacts;
  readonly bound: Bound;
}

function analyzeNode(node: PlanNode, visit: (input: PlanNode) => InputFacts, context: AnalysisContext, faults: QueryError[]): Analyzed {
  switch (node.kind) {
    case 'scan': {
      const { facts, stream, otherClock = false } = context.scan(node.table);
      if (otherClock) faults.push(mixedClocks(`rows of ${node.table} come as event time has it`, node));
      return { output: { facts: node.columns.map((name) => facts.get(name) ?? null), stream }, bound: stateless };
    }
    case 'values':
      return { output: { facts: node.schema.map(() => null), stream: false }, bound: stateless };
    case 'filter':
      return { output: visit(node.input), bound: stateless };
    case 'project': {
      const input = visit(node.input);
      return { output: { ...input, facts: node.expressions.map((each) => factOf(each, input.facts)) }, bound: stateless };
    }
    case 'window':
      return analyzeWindow(node, visit(node.input), context, faults);
    case 'unnest': {
      const input = visit(node.input);
      return { output: { ...input, facts: [...input.facts, ...node.lists.map(() => null)] }, bound: stateless };
    }
    case 'aggregate':
      return boundAggregate(node, visit(node.input), context.stateTtlMs);
    case 'over':
      return boundOver(node, visit(node.input), context.stateTtlMs);
    case 'join':
      return boundJoin(node, visit(node.left), visit(node.right), context.stateTtlMs);
    case 'distinct': {
      const input = visit(node.input);
      return boundAggregate({ ...node, kind: 'distinct' }, input, context.stateTtlMs);
    }
    case 'union': {
      const inputs = node.inputs.map(visit);
      const facts = node.schema.map((_, index) => latest(inputs.map((input) => input.facts[index] ?? null)));
      return { output: { facts, stream: inputs.some((input) => input.stream) }, bound: stateless };
    }
  }
}

/** Of columns that are put together, the one that may be the furthest behind. */
function latest(facts: readonly (TimeFact | null)[]): TimeFact | null {
  const further = (a: TimeFact, b: TimeFact): TimeFact => {
    if (a.otherClock !== b.otherClock) return a.otherClock ? a : b;
    return a.delayMicros >= b.delayMicros ? a : b;
  };
  return facts.reduce((a, b) => (a === null || b === null ? null : further(a, b))) ?? null;
}

function mixedClocks(note: string, node: { readonly span?: PlanNode['span'] }): QueryError {
  return new QueryError('E0313', 'a query follows event time or the time of arrival, not both', {
    span: node.span,
    note,
    hint: 'make two views, one of each',
  });
}

type WindowNode = Extract<PlanNode, { kind: 'window' }>;

/** Time columns of what the window reads, whether or not they got past the columns that nothing reads: those of the query's clock, if any. */
function timesBelow(node: WindowNode, context: AnalysisContext): string[] {
  const all = [...nodesOf(node)].flatMap((each) => (each.kind === 'scan' ? [...context.scan(each.table).facts] : []));
  const own = all.filter(([, fact]) => !fact.otherClock);
  return [...new Set((own.length > 0 ? own : all).map(([name]) => name))];
}

function analyzeWindow(node: WindowNode, input: InputFacts, context: AnalysisContext, faults: QueryError[]): Analyzed {
  const { window } = node;
  const time = factOf(window.time, input.facts);
  const where = { span: window.time.span ?? node.span };
  if (time === null && input.stream) {
    const known = timesBelow(node, context);
    faults.push(
      new QueryError('E0312', `${window.kind}() needs a time that the watermark follows`, {
        ...where,
        note: 'not the event time, nor made from it',
        hint: known.length > 0 ? `use ${known.join(' or ')}` : 'declare event_time in the options of the source',
      }),
    );
  } else if (time?.otherClock) {
    const [other, own] = context.clock === 'arrival' ? ['event time', 'arrival'] : ['a time of arrival', 'event time'];
    faults.push(mixedClocks(`${time.origin} is ${other}; the rest of the query follows ${own}`, where));
  }
  const length = window.kind === 'tumble' || window.kind === 'hop' ? window.sizeMicros : null;
  // A window over another time is a fault already; as one over the other clock it bounds what is above, so that nothing else is blamed.
  const follows = time ?? (input.stream ? { origin: 'another time', otherClock: true, delayMicros: 0n } : null);
  const base = follows === null ? null : { origin: follows.origin, otherClock: follows.otherClock };
  const start: TimeFact | null =
    base === null || length === null ? null : { ...base, role: 'window_start', delayMicros: follows!.delayMicros + length };
  const end: TimeFact | null =
    base === null
      ? null
      : { ...base, role: 'window_end', delayMicros: follows!.delayMicros, ...(length === null ? {} : { lengthMicros: length }) };
  const sessionStart: TimeFact | null = start ?? (end === null ? null : { ...end, role: 'window_start', delayMicros: 2n * unknownDelay });
  // A session's rows come when it is over: any time after their own.
  const own = window.kind === 'session' ? input.facts.map((fact) => fact && { ...fact, delayMicros: 2n * unknownDelay }) : input.facts;
  const output = { ...input, facts: [...own, sessionStart, end] };
  if (window.kind !== 'session') return { output, bound: stateless };
  const gap = microsText(window.gapMicros);
  return {
    output,
    bound: { bounded: true, final: true, settles: true, by: 'window', reason: `a session is kept until ${gap} without a row have passed` },
  };
}
