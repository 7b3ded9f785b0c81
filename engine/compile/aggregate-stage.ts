import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { type Accumulator, type AggregateContext, type CompiledAggregate, expressionKey } from './aggregates/accumulator.ts';
import { compileAggregate } from './aggregates/compile-aggregate.ts';
import type { Value } from './expression/contract.ts';
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

interface SharedAccumulator {
  readonly filter: Expression | null;
  readonly accumulator: Accumulator;
}

/** One aggregate of the plan: what its groups hold, and where. `number` counts from 1 along the plan and names its functions. */
export class AggregateStage implements AggregateContext {
  readonly number: number;
  readonly node: AggregateNode;
  readonly window: StageWindow;
  readonly module: ModuleBuilder;
  readonly bindings: readonly Binding[];
  readonly lateFilters: readonly LateFilter[];
  /** By group expression: which bound of the window it is, or null for a key of the groups. */
  readonly windowKeys: readonly (WindowKey | null)[];
  readonly keyExpressions: readonly Expression[];
  readonly aggregates: readonly CompiledAggregate[];
  readonly layout: GroupLayout;
  readonly #shared = new Map<string, SharedAccumulator>();
  readonly #probe: RowScope;

  constructor(
    number: number,
    node: AggregateNode,
    window: StageWindow,
    windowKeys: readonly (WindowKey | null)[],
    module: ModuleBuilder,
    bindings: readonly Binding[],
    lateFilters: readonly LateFilter[],
  ) {
    this.number = number;
    this.node = node;
    this.window = window;
    this.windowKeys = windowKeys;
    this.module = module;
    this.bindings = bindings;
    this.lateFilters = lateFilters;
    this.#probe = new RowScope(module, node.id, bindings, 'row');
    this.keyExpressions = node.groups.filter((_, k) => windowKeys[k] === null);
    const keys = new GroupKeys(this.keyExpressions.map((key) => ({ value: this.describe(key), span: key.span ?? node.span })));
    this.aggregates = node.aggregates.map((call) => compileAggregate(this, call));
    this.layout = new GroupLayout(
      keys,
      [...this.#shared.values()].map(({ accumulator }) => accumulator),
    );
  }

  get merged(): boolean {
    return this.window.mode === 'slices';
  }

  get accumulators(): readonly SharedAccumulator[] {
    return [...this.#shared.values()];
  }

  describe(expression: Expression): Value {
    const inner = new RowScope(this.module, this.node.id, this.bindings, 'row', this.#probe);
    if (expression.kind === 'column' && inner.nested(expression.index) !== null) {
      return { type: expression.type, machine: 'nested', parts: [], valid: 'true' };
    }
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

  /** Addresses of this aggregate's state. */
  get panes(): string {
    return `panes${this.number}`;
  }

  get state(): string {
    return `window${this.number}`;
  }
}
