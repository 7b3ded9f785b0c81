import type { Expression } from '../plan/expression.ts';
import type { AggregateStage, SharedAccumulator } from './aggregate-stage.ts';
import { type Accumulator, expressionKey } from './aggregates/accumulator.ts';
import type { Value } from './expression/contract.ts';
import { truth, withInputs } from './generate-selection.ts';
import { entryOf, findSlot, tableLocals } from './generate-table.ts';
import { resolveBinding, RowScope } from './row-scope.ts';
import { generatedFunction, indent } from './text.ts';

const chunkRows = 64;
/** Tables beyond this (bytes, slots included) have the slots of a chunk of rows touched first, so that their cache misses overlap. */
const touchBytesMin = 1 << 19;

/** `aggregateK(index, from, to)`: the rows of one pane into its table. */
export function generateAggregate(stage: AggregateStage): string {
  const { module, number, window } = stage;
  const fail = module.import('failure', 'lateRow');
  const loop = rowLoop(stage);
  const touch = touchLoop(stage);
  const lines = [
    `if (index < load<i64>(${stage.state}, 16)) return;`,
    `if (index < load<i64>(${stage.state}, 8)) ${fail}(${stage.node.id});`,
    `const pane = ${module.import('pane-table', 'openPane')}(${stage.panes}, index);`,
    `const windowStart = index * ${window.slide};`,
    `const windowEnd = windowStart + ${window.size};`,
    `const sequence = load<i64>(${stage.state}, 24);`,
    ...tableLocals(stage, 'let'),
    ...stage.lateFilters.map((_, k) => `let passed${k}: i64 = 0;`),
    ...(touch === null ? [] : ['let touched: u64 = 0;']),
    'while (from < to) {',
    `  const end = min<usize>(from + ${chunkRows * 2}, to);`,
    ...indent(touch ?? []),
    '  for (let r = from; r < end; r += 2) {',
    '    const row = <usize>load<u16>(r);',
    ...indent(loop, 2),
    '  }',
    '  from = end;',
    '}',
    ...(touch === null ? [] : [`store<u64>(${stage.state}, touched, 64);`]),
    ...stage.lateFilters.map((filter, k) => `${module.import('counters', 'countOut')}(counters, ${filter.node}, passed${k});`),
  ];
  return generatedFunction(`function aggregate${number}(index: i64, from: usize, to: usize): void`, withInputs(withoutUnused(lines)));
}

/** Leaves out constants of the window that nothing reads. */
function withoutUnused(lines: readonly string[]): readonly string[] {
  const text = lines.join('\n');
  const unused = lines.findIndex((line) => {
    const name = /^const (windowStart|windowEnd|sequence) /.exec(line)?.[1];
    return name !== undefined && text.split(new RegExp(`\\b${name}\\b`)).length === 2;
  });
  return unused < 0 ? lines : withoutUnused(lines.toSpliced(unused, 1));
}

function rowLoop(stage: AggregateStage): string[] {
  const { module, layout } = stage;
  const scope = new RowScope(module, stage.node.id, stage.bindings, 'row');
  stage.lateFilters.forEach((filter, k) => {
    const condition = truth(scope.with(filter.node, filter.bindings).compile(filter.predicate));
    scope.emit(`if (!${condition}) continue;`);
    scope.emit(`passed${k}++;`);
  });
  const values = stage.keyExpressions.map((key) => scope.compile(key));
  const { words, mark } = layout.keys.pack(scope, module, values);
  scope.lines.push('let p: usize = 0;', ...findSlot(stage, words, mark));
  updates(stage, scope);
  return scope.lines;
}

/** Statements that bring the row into the group at `p`. */
export function updates(
  stage: { readonly accumulators: readonly SharedAccumulator[] },
  scope: RowScope,
  sequence = '(sequence + <i64>row)',
): void {
  writeUpdates(stage.accumulators, scope, (accumulator, args, inner) => accumulator.update(args, inner, sequence));
}

/** Statements that change the accumulators for a row: those of one FILTER under one condition, each argument computed once. */
export function writeUpdates(accumulators: readonly SharedAccumulator[], scope: RowScope, change: Change): void {
  const byFilter = new Map<string, { filter: Expression | null; members: Accumulator[] }>();
  for (const { filter, accumulator } of accumulators) {
    const key = filter === null ? '' : expressionKey(filter);
    const group = byFilter.get(key) ?? { filter, members: [] };
    group.members.push(accumulator);
    byFilter.set(key, group);
  }
  for (const { filter, members } of byFilter.values()) {
    const write = (inner: RowScope) => {
      const known = new Map<string, Value>();
      for (const accumulator of members) {
        const args = accumulator.args.map((argument) => {
          const key = expressionKey(argument);
          const value = known.get(key) ?? inner.compile(argument);
          known.set(key, value);
          return value;
        });
        for (const line of change(accumulator, args, inner)) inner.emit(line);
      }
    };
    if (filter === null) write(scope);
    else {
      const condition = truth(scope.compile(filter));
      scope.inner(`if (${condition})`, write);
    }
  }
}

type Change = (accumulator: Accumulator, args: readonly Value[], scope: RowScope) => readonly string[];

/** Touches the slots of the chunk's rows; null when keys are not plain columns, or rows may still drop out. */
function touchLoop(stage: AggregateStage): string[] | null {
  const plain = stage.keyExpressions.every((key) => {
    if (key.kind !== 'column') return false;
    const binding = resolveBinding(stage.bindings[key.index] as (typeof stage.bindings)[number]);
    return binding.kind === 'memory' && binding.access.kind === 'fixed';
  });
  if (!plain || stage.keyExpressions.length === 0 || stage.lateFilters.length > 0) return null;
  const scope = new RowScope(stage.module, stage.node.id, stage.bindings, 'row');
  const { words, mark } = stage.layout.keys.pack(
    scope,
    stage.module,
    stage.keyExpressions.map((key) => scope.compile(key)),
  );
  // A slot may lie on two cache lines.
  const ends = ['load<u64>(slot)', `load<u64>(slot, ${stage.layout.bytes - 8})`].slice(0, stage.layout.bytes > 8 ? 2 : 1).join(' ^ ');
  return [
    `if (mask + <usize>${stage.module.import('pane-table', 'paneUsed')}(pane) * ${stage.layout.bytes} > ${touchBytesMin}) {`,
    '  for (let r = from; r < end; r += 2) {',
    '    const row = <usize>load<u16>(r);',
    ...indent(scope.lines, 2),
    `    const slot = <usize>load<u32>(table + (${entryOf(stage, words, mark)}));`,
    `    touched ^= ${ends};`,
    '  }',
    '}',
  ];
}
