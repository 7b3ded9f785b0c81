import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { type Accumulator, type AggregateContext, type CompiledAggregate, expressionKey } from './aggregates/accumulator.ts';
import { compileAggregate } from './aggregates/compile-aggregate.ts';
import type { Value } from './expression/contract.ts';
import type { Flow } from './flow.ts';
import { GroupKeys } from './group-keys.ts';
import { GroupLayout } from './group-layout.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { type Binding, RowScope } from './row-scope.ts';
import type { StageWindow } from './stage-window.ts';

export type AggregateNode = Extract<PlanNode, { kind: 'aggregate' }>;
export type WindowKey = 'start' | 'end';

/** Filters on the window's bounds, which only a row's pane can answer. */
export interface LateFilter {
  readonly node: number;
  readonly predicate: Expression;
  readonly bindings: readonly Binding[];
}

export interface SharedAccumulator {
  readonly filter: Expression | null;
  readonly accumulator: Accumulator;
}

/** The groups of one aggregate of the plan: keys, and pieces of state that its calls share. `number` counts stages and names functions. */
export class GroupedAggregates implements AggregateContext {
  readonly number: number;
  readonly node: AggregateNode;
  readonly module: ModuleBuilder;
  readonly bindings: readonly Binding[];
  /** By group expression: which bound of the window it is, or null for a key of the groups. */
  readonly windowKeys: readonly (WindowKey | null)[];
  readonly keyExpressions: readonly Expression[];
  readonly aggregates: readonly CompiledAggregate[];
  readonly layout: GroupLayout;
  readonly merged: boolean;
  readonly retracts: boolean;
  readonly #shared = new Map<string, SharedAccumulator>();
  readonly #probe: RowScope;

  constructor(
    number: number,
    node: AggregateNode,
    flow: Flow,
    windowKeys: readonly (WindowKey | null)[],
    { merged, retracts }: { merged: boolean; retracts: boolean },
  ) {
    const { module, bindings } = flow;
    this.number = number;
    this.node = node;
    this.windowKeys = windowKeys;
    this.module = module;
    this.bindings = bindings;
    this.merged = merged;
    this.retracts = retracts;
    this.#probe = new RowScope(module, node.id, bindings, 'row');
    this.keyExpressions = node.groups.filter((_, k) => windowKeys[k] === null);
    const keys = new GroupKeys(this.keyExpressions.map((key) => ({ value: this.describe(key), span: key.span ?? node.span })));
    this.aggregates = node.aggregates.map((call) => compileAggregate(this, call));
    this.layout = new GroupLayout(
      keys,
      [...this.#shared.values()].map(({ accumulator }) => accumulator),
    );
  }

  get accumulators(): readonly SharedAccumulator[] {
    return [...this.#shared.values()];
  }

  describe(expression: Expression): Value {
    const inner = new RowScope(this.module, this.node.id, this.bindings, 'row', this.#probe);
    return inner.compile(expression);
  }

  share(filter: Expression | null, key: string, make: (key: string) => Omit<Accumulator, 'key' | 'offsets'>): Accumulator {
    const full = filter === null ? key : `${key} where ${expressionKey(filter)}`;
    let shared = this.#shared.get(full);
    if (shared === undefined) {
      shared = { filter, accumulator: { ...make(full), key: full, offsets: [] } };
      this.#shared.set(full, shared);
    }
    return shared.accumulator;
  }
}

/** An aggregate whose groups lie in panes that close as the watermark passes. */
export class AggregateStage extends GroupedAggregates {
  readonly window: StageWindow;
  readonly lateFilters: readonly LateFilter[];
  /** How long before a pane's start the source rows may lie that are needed to make it again, in microseconds. */
  readonly backMicros: bigint;

  constructor(
    number: number,
    node: AggregateNode,
    window: StageWindow,
    windowKeys: readonly (WindowKey | null)[],
    flow: Flow,
    backMicros: bigint,
  ) {
    super(number, node, flow, windowKeys, { merged: window.mode === 'slices', retracts: false });
    this.window = window;
    this.lateFilters = flow.lateFilters;
    this.backMicros = backMicros;
  }

  /** Addresses of this aggregate's state. */
  get panes(): string {
    return `panes${this.number}`;
  }

  get state(): string {
    return `window${this.number}`;
  }
}
