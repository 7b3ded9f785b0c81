import type { QueryDefinition } from '../plan/catalog.ts';
import type { Expression } from '../plan/expression.ts';
import { AggregateStage, type AggregateNode, type LateFilter, type WindowKey } from './aggregate-stage.ts';
import { InputColumns, WrittenColumns } from './column-memory.ts';
import type { Value } from './expression/contract.ts';
import { generateAggregate } from './generate-aggregate.ts';
import { generateControl, generateStart } from './generate-control.ts';
import { generateEmission, generateMark } from './generate-emission.ts';
import { generateFold, partitionRows } from './generate-partition.ts';
import { narrowed, Selection, truth, withInputs } from './generate-selection.ts';
import { generateTable } from './generate-table.ts';
import { linearPlan, type StepNode } from './linear-plan.ts';
import { QueryError } from '../diagnostic.ts';
import { machineOf } from './machine-type.ts';
import { ModuleBuilder } from './module-builder.ts';
import { notSupported } from './refuse.ts';
import { type Binding, resolveBinding, RowScope } from './row-scope.ts';
import { inheritedWindow, readsWindow, type StageWindow, type WindowColumn, type WindowNode, windowOfNode } from './stage-window.ts';
import { generatedFunction, indent } from './text.ts';

interface OpenWindow {
  readonly node: WindowNode;
  readonly bindings: readonly Binding[];
  readonly start: Binding;
  readonly end: Binding;
}

/** Writes the source of one query's module, stage by stage: a stage takes rows from columns in memory to an aggregate or the output. */
export class QueryGenerator {
  readonly module = new ModuleBuilder();
  readonly stages: AggregateStage[] = [];
  readonly #query: QueryDefinition;
  readonly #marks: number[] = [];
  #bindings: readonly Binding[];
  /** Columns that hold bounds of windows closed by the stage before. */
  #windowColumns = new Map<Binding, WindowColumn>();
  #selection: Selection;
  #window: OpenWindow | null = null;
  #lateFilters: LateFilter[] = [];
  #filtered = false;

  constructor(query: QueryDefinition) {
    this.#query = query;
    const { scan, steps } = linearPlan(query.plan, query.bodySpan);
    const inputs = new InputColumns(scan.schema);
    this.module.reserve('inputs', Math.max(8, inputs.buffers * 8));
    this.module.reserve('counters', 16 * (query.plan.id + 1));
    this.#bindings = inputs.accesses.map((access) => ({ kind: 'memory', access }));
    this.#selection = new Selection(this.module);
    this.#count(scan.id, 'rows', 'rows');
    for (const step of steps) this.#step(step);
    this.#output();
    generateControl(this.module, this.stages);
    generateStart(this.module, this.stages, this.#marks);
  }

  text(): string {
    const what = this.#query.id;
    const exports = [
      'export { allValid, ensureBuffer, growTranslation, internScratch, missingRows, releaseTranslation, scratchFor, translate } from "./kernels/input";',
      'export { collectionDue, liveStrings, stringLength, stringPointer, sweepGeneration, sweepStrings, sweepTranslation } from "./kernels/string-table";',
      'export { inputs, counters };',
    ].join('\n');
    this.module.import('input', 'initialiseInput');
    return this.module.text(`// ${what}\n${exports}`);
  }

  #step(step: StepNode): void {
    if (step.kind === 'filter') this.#filter(step.id, step.predicate);
    else if (step.kind === 'project') {
      this.#passThrough(step.id);
      const bindings = this.#bindings;
      this.#bindings = step.expressions.map((expression) => ({ kind: 'expression', expression, bindings, node: step.id }));
    } else if (step.kind === 'window') this.#openWindow(step);
    else this.#aggregate(step);
  }

  #count(node: number, rowsIn: string, rowsOut: string): void {
    this.#selection.lines.push(`${this.module.import('counters', 'countRows')}(counters, ${node}, ${rowsIn}, ${rowsOut});`);
  }

  #passThrough(node: number): void {
    this.#count(node, selectedRows, selectedRows);
  }

  #filter(node: number, predicate: Expression): void {
    if (this.#window !== null && readsWindow(predicate, this.#bindings)) {
      this.#lateFilters.push({ node, predicate, bindings: this.#bindings });
      this.#count(node, selectedRows, '0');
      return;
    }
    const before = this.module.name('before');
    this.#selection.lines.push(`const ${before} = ${selectedRows};`);
    this.#selection.filter(node, predicate, this.#bindings, null);
    this.#count(node, before, selectedRows);
    this.#filtered = true;
    if (this.#window === null) this.#bindings = narrowed(predicate, this.#bindings);
  }

  #openWindow(node: WindowNode): void {
    if (this.#window !== null) throw notSupported('a window over a window without an aggregate between', node.span);
    if (node.window.kind === 'session') throw notSupported('a session window', node.span);
    this.#passThrough(node.id);
    const bound = (name: string): Binding => ({
      kind: 'window',
      value: { type: { kind: 'timestamp' }, machine: 'i64', parts: [name], valid: 'true' },
    });
    this.#window = { node, bindings: this.#bindings, start: bound('windowStart'), end: bound('windowEnd') };
    this.#bindings = [...this.#bindings, this.#window.start, this.#window.end];
  }

  #aggregate(node: AggregateNode): void {
    const { window, keys } = this.#windowOf(node);
    const stage = new AggregateStage(this.stages.length + 1, node, window, keys, this.module, this.#bindings, this.#lateFilters);
    const times = this.#times(window);
    this.#count(node.id, selectedRows, '0');
    this.#finishStage(partitionRows(stage, times), 'void');
    for (const text of [...generateTable(stage), generateAggregate(stage), generateFold(stage)]) if (text !== null) this.module.add(text);
    const { functions, columns } = generateEmission(stage);
    for (const text of functions) this.module.add(text);
    const mark = generateMark(stage);
    if (mark !== null) {
      this.module.add(mark);
      this.#marks.push(stage.number);
    }
    this.stages.push(stage);
    this.#bindings = columns.accesses.map((access) => ({ kind: 'memory', access }));
    this.#windowColumns = new Map();
    keys.forEach((key, k) => {
      if (key !== null) this.#windowColumns.set(this.#bindings[k] as Binding, { part: key, slide: window.slide, size: window.size });
    });
  }

  /** Which window an aggregate's groups live in: one of its own stage, or the ones that its input's rows already carry. */
  #windowOf(node: AggregateNode): { window: StageWindow; keys: (WindowKey | null)[] } {
    const resolved = node.groups.map((group) => (group.kind === 'column' ? resolveBinding(this.#bindings[group.index] as Binding) : null));
    if (this.#window !== null) {
      const own = this.#window;
      const keys = resolved.map((binding): WindowKey | null => (binding === own.start ? 'start' : binding === own.end ? 'end' : null));
      if (keys.some((key) => key !== null)) {
        const reads = [
          ...node.groups.filter((_, k) => keys[k] === null),
          ...node.aggregates.flatMap((call) => [...call.args, ...(call.filter === null ? [] : [call.filter])]),
        ];
        const folded = this.#lateFilters.length > 0 || reads.some((expression) => readsWindow(expression, this.#bindings));
        return { window: windowOfNode(own.node, own.bindings, this.#windowColumns, this.stages.length === 0, folded), keys };
      }
    }
    const inherited = resolved.map((binding) => (binding === null ? undefined : this.#windowColumns.get(binding)));
    const at = inherited.findIndex((column) => column !== undefined);
    if (at < 0 || this.#window !== null) throw unbounded(node);
    const column = inherited[at] as WindowColumn;
    const keys = inherited.map((other): WindowKey | null => other?.part ?? null);
    return { window: inheritedWindow(node.id, node.groups[at] as Expression, this.#bindings, column), keys };
  }

  /** Where the rows' times lie, after rows without one are gone. */
  #times(window: StageWindow): string {
    const { time, bindings } = window;
    if (time.kind === 'column' && window.shift === 0n) {
      const binding = resolveBinding(bindings[time.index] as Binding);
      if (binding.kind === 'memory' && binding.access.kind === 'fixed' && binding.access.machine === 'i64') {
        if (binding.access.validity !== null && !this.#provedPresent(binding)) this.#selection.present(binding.access.validity);
        return binding.access.data;
      }
    }
    this.#selection.times(window.node, time, bindings, window.shift);
    return this.module.import('selection', 'rowTimes');
  }

  #provedPresent(binding: Binding): boolean {
    return this.#bindings.some(
      (other) =>
        other.kind === 'memory' &&
        binding.kind === 'memory' &&
        other.access.kind === 'fixed' &&
        binding.access.kind === 'fixed' &&
        other.access.data === binding.access.data &&
        other.access.validity === null,
    );
  }

  #finishStage(tail: readonly string[], result: string): void {
    const name = `process${this.stages.length}`;
    const fold = result === 'u32' && this.stages.length === 0 ? ', fold: i64' : '';
    const lines = withInputs([...this.#selection.lines, ...tail]);
    this.module.add(generatedFunction(`function ${name}(rows: u32${fold}): ${result}`, lines));
    this.#selection = new Selection(this.module);
    this.#window = null;
    this.#lateFilters = [];
    this.#filtered = false;
  }

  /** The last stage writes the query's columns. */
  #output(): void {
    const plain = this.#plainColumns();
    if (plain !== null) {
      this.#finishStage(['return rows;'], 'u32');
      this.#addresses(plain);
      this.module.add(generatedFunction('export function push(rows: u32): void', ['process0(rows);']));
      return;
    }
    const columns = new WrittenColumns(this.module, 'output');
    const { lines: times, folds } = this.#window === null ? { lines: [], folds: 1 } : this.#outputTimes(this.#window);
    const scope = new RowScope(this.module, this.#query.plan.id, this.#bindings, 'row');
    for (const filter of this.#lateFilters) {
      scope.emit(`if (!${truth(scope.with(filter.node, filter.bindings).compile(filter.predicate))}) continue;`);
      scope.emit(`${this.module.import('counters', 'countOut')}(counters, ${filter.node}, 1);`);
    }
    const stores = this.#query.schema.flatMap((spec, k) => columns.add(this.#outputValue(scope, spec.name, k)));
    const row = ['const row = <usize>load<u16>(r);', ...times, ...scope.lines, ...stores, 'o++;'];
    const loop = ['for (let r = from; r < to; r += 2) {', ...indent(row), '}'];
    this.#finishStage([...columns.clear(), 'let o: u32 = 0;', ...loop, 'return o;'], 'u32');
    this.#addresses(columns.accesses);
    if (this.stages.length === 0) this.#statelessStep(folds);
    else this.module.add(generatedFunction('export function push(rows: u32): void', ['process0(rows);']));
  }

  #outputValue(scope: RowScope, name: string, index: number): Value {
    const value = scope.nested(index) === null ? scope.column(index) : null;
    const type = this.#query.schema[index]?.type;
    if (value === null || (type !== undefined && machineOf(type) === 'nested')) {
      throw notSupported(
        `a result column of type ${type?.kind.toUpperCase()} (${name})`,
        this.#query.bodySpan,
        'take its parts as columns of their own',
      );
    }
    return value;
  }

  /** The aggregate's own columns, when the output only names them: then nothing is copied. */
  #plainColumns(): readonly { data: string; validity: string | null }[] | null {
    if (this.#filtered || this.#window !== null || this.stages.length === 0) return null;
    const resolved = this.#bindings.map(resolveBinding);
    const accesses = resolved.flatMap((binding) => (binding.kind === 'memory' && binding.access.kind === 'fixed' ? [binding.access] : []));
    return accesses.length === resolved.length ? accesses : null;
  }

  #outputTimes(window: OpenWindow): { lines: string[]; folds: number } {
    const stage = windowOfNode(window.node, window.bindings, this.#windowColumns, this.stages.length === 0, true);
    if (stage.folds > 1 && this.stages.length > 0) throw notSupported('hop over an aggregate without another aggregate', window.node.span);
    const times = this.#times(stage);
    const floor = this.module.import('selection', 'floorDivide');
    const fold = this.stages.length === 0 ? ' - fold' : '';
    const lines = [
      `const time = load<i64>(${times} + (row << 3));`,
      `if (${this.module.import('selection', 'isInfinite')}(time)) continue;`,
      `const windowStart = (${floor}(time, ${stage.slide})${fold}) * ${stage.slide};`,
      `const windowEnd = windowStart + ${stage.size};`,
    ];
    return { lines, folds: stage.folds };
  }

  #statelessStep(folds: number): void {
    this.module.reserve('pending', 16);
    this.module.add(
      generatedFunction('export function push(rows: u32): void', ['store<u32>(pending, rows);', 'store<i64>(pending, 0, 8);']),
    );
    this.module.add(
      generatedFunction('export function step(): u32', [
        `while (load<u32>(pending) != 0 && load<i64>(pending, 8) < ${folds}) {`,
        '  const fold = load<i64>(pending, 8);',
        '  store<i64>(pending, fold + 1, 8);',
        '  const out = process0(load<u32>(pending), fold);',
        '  if (out != 0) return out;',
        '}',
        'return 0;',
      ]),
    );
  }

  #addresses(columns: readonly { data: string; validity: string | null }[]): void {
    const cases = columns.flatMap(({ data, validity }, k) => [
      `if (k == ${k * 2}) return ${data};`,
      ...(validity === null ? [] : [`if (k == ${k * 2 + 1}) return ${validity};`]),
    ]);
    this.module.add(generatedFunction('export function outputAddress(k: i32): usize', [...cases, 'return 0;']));
  }
}

const selectedRows = '<i64>((to - from) >> 1)';

function unbounded(node: AggregateNode): QueryError {
  return new QueryError(
    'E0404',
    node.groups.length === 0 ? 'an aggregate without a window never ends' : 'GROUP BY without a window never ends',
    {
      ...(node.span === undefined ? {} : { span: node.span }),
      hint: 'aggregate over tumble(...) or hop(...) and group by window_start, window_end; running results (emit = changes) are not supported yet',
    },
  );
}
