import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { TimeFact } from '../plan/time-fact.ts';
import type { LateFilter } from './aggregate-stage.ts';
import type { ColumnAccess } from './expression/contract.ts';
import { narrowed, Selection, withInputs } from './generate-selection.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { type Binding, resolveBinding } from './row-scope.ts';
import { readsWindow, type StageWindow, type WindowColumn, type WindowNode } from './stage-window.ts';
import { generatedFunction } from './text.ts';

/** A window whose bounds only a row's pane can answer: the flow ends in an aggregate by them. */
export interface OpenWindow {
  readonly node: WindowNode;
  /** Columns below the window, which its time and keys are over. */
  readonly bindings: readonly Binding[];
  readonly start: Binding;
  readonly end: Binding;
}

/** A time of an input's rows, in microseconds, that the watermark passes. */
export interface RowTime {
  readonly expression: Expression;
  readonly bindings: readonly Binding[];
  readonly node: number;
  readonly fact: TimeFact;
}

/** Columns in memory that a flow starts from. */
export interface FlowSource {
  readonly columns: readonly ColumnAccess[];
  /** Address of an i32 by row; null: every row is added once. */
  readonly weight: string | null;
  readonly windowColumns?: ReadonlyMap<number, WindowColumn>;
  /** How long before its rows' times the source rows that made them may lie, in microseconds. */
  readonly reachMicros?: bigint;
  /** The columns are an input's: their addresses are read when the function runs. */
  readonly fromInput?: boolean;
}

/**
 * Stateless operators fused into one function, `processN(rows: u32)`: it takes `rows` rows of columns in memory to a stage or the
 * query's output. While it is written, `selection` holds which rows go on.
 */
export class Flow {
  readonly module: ModuleBuilder;
  /** N of its function. */
  readonly number: number;
  /** Of the columns at hand, where each comes from. */
  bindings: readonly Binding[];
  /** Address of an i32 by row number, like the columns; null: every row is added once. */
  readonly weight: string | null;
  readonly selection: Selection;
  /** Columns that hold bounds of windows that the stage before has closed. */
  readonly windowColumns: ReadonlyMap<Binding, WindowColumn>;
  readonly reachMicros: bigint;
  readonly fromInput: boolean;
  /** An open window, and the filters on its bounds that the aggregate has to answer. */
  window: OpenWindow | null = null;
  readonly lateFilters: LateFilter[] = [];
  /** The time that its rows have to wait for before a stage takes them. */
  rowTime: RowTime | null = null;
  /** Whether rows of the batch may be missing in the selection. */
  filtered = false;

  constructor(module: ModuleBuilder, number: number, source: FlowSource) {
    this.module = module;
    this.number = number;
    this.weight = source.weight;
    this.reachMicros = source.reachMicros ?? 0n;
    this.fromInput = source.fromInput ?? false;
    this.selection = new Selection(module);
    this.bindings = source.columns.map((access) => ({ kind: 'memory', access }));
    const windows = new Map<Binding, WindowColumn>();
    for (const [column, window] of source.windowColumns ?? []) windows.set(this.bindings[column] as Binding, window);
    this.windowColumns = windows;
  }

  get name(): string {
    return `process${this.number}`;
  }

  count(node: number, rowsIn: string, rowsOut: string): void {
    this.selection.lines.push(`${this.module.import('counters', 'countRows')}(counters, ${node}, ${rowsIn}, ${rowsOut});`);
  }

  filter(node: number, predicate: Expression): void {
    if (this.window !== null && readsWindow(predicate, this.bindings)) {
      this.lateFilters.push({ node, predicate, bindings: this.bindings });
      this.count(node, selectedRows, '0');
      return;
    }
    const before = this.module.name('before');
    this.selection.lines.push(`const ${before} = ${selectedRows};`);
    this.selection.filter(node, predicate, this.bindings, null);
    this.count(node, before, selectedRows);
    this.filtered = true;
    if (this.window === null) this.bindings = narrowed(predicate, this.bindings);
  }

  project(node: number, expressions: readonly Expression[]): void {
    this.count(node, selectedRows, selectedRows);
    const { bindings } = this;
    this.bindings = expressions.map((expression) => ({ kind: 'expression', expression, bindings, node }));
  }

  /** Appends the bounds of the window as columns that only panes know. */
  openWindow(node: WindowNode): void {
    this.count(node.id, selectedRows, selectedRows);
    const bound = (name: string): Binding => ({
      kind: 'window',
      value: { type: { kind: 'timestamp' }, machine: 'i64', parts: [name], valid: 'true' },
    });
    this.window = { node, bindings: this.bindings, start: bound('windowStart'), end: bound('windowEnd') };
    this.bindings = [...this.bindings, this.window.start, this.window.end];
  }

  /** Appends the bounds of a tumbling window as values computed from the row; rows without a time go. */
  computeWindow(node: Extract<PlanNode, { kind: 'window' }>, size: bigint): void {
    const { time } = node.window;
    const before = this.module.name('before');
    this.selection.lines.push(`const ${before} = ${selectedRows};`);
    this.selection.finiteTimes(node.id, time, this.bindings);
    this.count(node.id, before, selectedRows);
    this.filtered = true;
    const { bindings } = this;
    const bound = (part: 'start' | 'end'): Binding => ({ kind: 'bound', time, bindings, node: node.id, size, part });
    this.bindings = [...bindings, bound('start'), bound('end')];
  }

  /** Address of the rows' times for a window, after rows without one are gone. */
  rowTimes(window: StageWindow): string {
    const { time, bindings } = window;
    if (time.kind === 'column' && window.shift === 0n && window.timeless === undefined) {
      const binding = resolveBinding(bindings[time.index] as Binding);
      if (binding.kind === 'memory' && binding.access.kind === 'fixed' && binding.access.machine === 'i64') {
        if (binding.access.validity !== null && !this.#provedPresent(binding)) this.selection.present(binding.access.validity);
        return binding.access.data;
      }
    }
    this.selection.times(window.node, time, bindings, window.shift, window.timeless);
    return this.module.import('selection', 'rowTimes');
  }

  #provedPresent(binding: Binding): boolean {
    return this.bindings.some(
      (other) =>
        other.kind === 'memory' &&
        binding.kind === 'memory' &&
        other.access.kind === 'fixed' &&
        binding.access.kind === 'fixed' &&
        other.access.data === binding.access.data &&
        other.access.validity === null,
    );
  }

  /** A column that lies in memory as it is, or null. */
  memoryColumn(index: number): ColumnAccess | null {
    const binding = resolveBinding(this.bindings[index] as Binding);
    return binding.kind === 'memory' ? binding.access : null;
  }

  /**
   * Declares the function. In the scope of `tail`: `rows`, the number of rows in the batch; `from` and `to`, usize addresses of
   * the u16 numbers of the rows that are left, in order; addresses of the inputs. Columns and weight are read at the row number.
   */
  finish(tail: readonly string[], result: 'void' | 'u32' = 'void'): void {
    this.module.add(generatedFunction(`function ${this.name}(rows: u32): ${result}`, withInputs([...this.selection.lines, ...tail])));
  }
}

/** i64 expression: how many rows are left. */
export const selectedRows = '<i64>((to - from) >> 1)';
