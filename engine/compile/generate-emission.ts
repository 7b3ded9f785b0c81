import type { AggregateStage } from './aggregate-stage.ts';
import { WrittenColumns } from './column-memory.ts';
import type { Value } from './expression/contract.ts';
import { findSlot, storedWords, tableLocals } from './generate-table.ts';
import { RowScope } from './row-scope.ts';
import { generatedFunction, indent } from './text.ts';

const rowsMax = 8192;
/** The pane that slices are merged in lies in the stage's state. */
const mergedAt = 72;
/** State: watermark, first open pane, pane to ignore before, sequence, next window, active, cursor, end, draining, merging, touched, merged pane. */
export const stateBytes = 112;

/**
 * `emitK()`: groups of closed windows, oldest window first, at most a batch of them, as columns; returns the rows, 0 when no window
 * is left to close. The pane goes when its last group has been put out.
 */
export function generateEmission(stage: AggregateStage): { functions: string[]; columns: WrittenColumns } {
  const { module, number, layout } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const columns = new WrittenColumns(module, `emitted${number}_`);
  const row = writeRow(stage, columns);
  const slices = stage.window.mode === 'slices';
  const lines = [
    ...columns.clear(),
    'let o: u32 = 0;',
    `while (o < ${rowsMax}) {`,
    `  if (load<u32>(${stage.state}, 40) == 0) {`,
    ...indent(slices ? nextSlices(stage) : nextPane(stage), 2),
    `    store<u32>(${stage.state}, 1, 40);`,
    '  }',
    `  const windowStart = ${slices ? `load<i64>(${stage.state}, 32)` : `${panes('paneIndex')}(${panes('paneAt')}(${stage.panes}, 0))`} * ${stage.window.slide};`,
    `  const windowEnd = windowStart + ${stage.window.size};`,
    `  const end = <usize>load<u32>(${stage.state}, 48);`,
    `  let p = <usize>load<u32>(${stage.state}, 44);`,
    `  for (; p < end && o < ${rowsMax}; p += ${layout.bytes}) {`,
    ...indent(row, 2),
    '    o++;',
    '  }',
    `  store<u32>(${stage.state}, <u32>p, 44);`,
    '  if (p < end) continue;',
    `  store<u32>(${stage.state}, 0, 40);`,
    ...indent(slices ? afterSlices(stage) : [`${panes('dropPanes')}(${stage.panes}, 1);`]),
    '}',
    `${module.import('counters', 'countOut')}(counters, ${stage.node.id}, o);`,
    'return o;',
  ];
  const functions = [generatedFunction(`function emit${number}(): u32`, lines)];
  if (slices) functions.unshift(generateMerge(stage));
  return { functions, columns };
}

function writeRow(stage: AggregateStage, columns: WrittenColumns): string[] {
  const scope = new RowScope(stage.module, stage.node.id, [], 'row');
  const mark = scope.name('mark');
  if (stage.layout.keys.nullable) scope.emit(`const ${mark} = ${stage.layout.mark('p')};`);
  let key = 0;
  stage.node.groups.forEach((group, k) => {
    const bound = stage.windowKeys[k];
    const value: Value =
      bound === null || bound === undefined
        ? stage.layout.keys.unpack(key++, mark)
        : { type: group.type, machine: 'i64', parts: [bound === 'start' ? 'windowStart' : 'windowEnd'], valid: 'true' };
    for (const line of columns.add(value)) scope.emit(line);
  });
  for (const aggregate of stage.aggregates) {
    const value = aggregate.finish(scope);
    for (const line of columns.add(value)) scope.emit(line);
  }
  return scope.lines;
}

function nextPane(stage: AggregateStage): string[] {
  const panes = (name: string) => stage.module.import('pane-table', name);
  return [
    `if (${panes('paneCount')}(${stage.panes}) == 0) break;`,
    `const pane = ${panes('paneAt')}(${stage.panes}, 0);`,
    `if (${panes('paneIndex')}(pane) >= load<i64>(${stage.state}, 8)) break;`,
    ...setCursor(stage),
  ];
}

function setCursor(stage: AggregateStage): string[] {
  const panes = (name: string) => stage.module.import('pane-table', name);
  return [
    `store<u32>(${stage.state}, <u32>${panes('paneSlots')}(pane), 44);`,
    `store<u32>(${stage.state}, <u32>${panes('paneEndOfSlots')}(pane, ${stage.layout.bytes}), 48);`,
  ];
}

/** The next window that holds a slice: one slice is put out as it is, several are merged first. */
function nextSlices(stage: AggregateStage): string[] {
  const { window, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const floor = module.import('selection', 'floorDivide');
  return [
    `if (${panes('paneCount')}(${stage.panes}) == 0) break;`,
    `const oldest = ${panes('paneIndex')}(${panes('paneAt')}(${stage.panes}, 0)) * ${window.slide};`,
    `const next = max<i64>(load<i64>(${stage.state}, 32), ${floor}(oldest - ${window.size}, ${window.slide}) + 1);`,
    `if (next * ${window.slide} + ${window.close} > load<i64>(${stage.state})) break;`,
    `store<i64>(${stage.state}, next, 32);`,
    `const first = ${panes('panePosition')}(${stage.panes}, next);`,
    `const beyond = ${panes('panePosition')}(${stage.panes}, next + ${window.size / window.slide});`,
    `let pane = ${panes('paneAt')}(${stage.panes}, first);`,
    `store<u32>(${stage.state}, <u32>(beyond - first != 1), 56);`,
    'if (beyond - first != 1) {',
    `  pane = ${stage.state} + ${mergedAt};`,
    `  ${panes('initialisePane')}(pane, next, load<u32>(${stage.state}, 60), ${stage.layout.bytes});`,
    `  for (let k = first; k < beyond; k++) merge${number}(pane, ${panes('paneAt')}(${stage.panes}, k));`,
    `  store<u32>(${stage.state}, ${panes('bitsFor')}(${panes('paneUsed')}(pane)), 60);`,
    '}',
    ...setCursor(stage),
  ];
}

/** Slices that no later window holds go. */
function afterSlices(stage: AggregateStage): string[] {
  const panes = (name: string) => stage.module.import('pane-table', name);
  const merged = `${stage.state} + ${mergedAt}`;
  return [
    `if (load<u32>(${stage.state}, 56) != 0) ${panes('releasePane')}(${merged}, ${stage.layout.bytes});`,
    `const following = load<i64>(${stage.state}, 32) + 1;`,
    `store<i64>(${stage.state}, following, 32);`,
    `${panes('dropPanes')}(${stage.panes}, ${panes('panePosition')}(${stage.panes}, following));`,
  ];
}

/** `mergeK(pane, from)`: every group of one slice into the pane. */
function generateMerge(stage: AggregateStage): string {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const words = storedWords(stage, 'q');
  const locals = words.map((_, k) => `word${k}`);
  const mark = layout.keys.nullable ? 'mark' : '1';
  const body = [
    ...tableLocals(stage, 'let'),
    `const end = ${panes('paneEndOfSlots')}(from, ${layout.bytes});`,
    `for (let q = ${panes('paneSlots')}(from); q < end; q += ${layout.bytes}) {`,
    ...locals.map((local, k) => `  const ${local} = ${words[k]};`),
    ...(layout.keys.nullable ? [`  const mark = ${layout.mark('q')};`] : []),
    '  let p: usize = 0;',
    '  let fresh = false;',
    ...indent(findSlot(stage, locals, mark, ['fresh = true;'])),
    `  if (fresh) { ${layout.copy()} continue; }`,
    ...indent(stage.accumulators.flatMap(({ accumulator }) => [...accumulator.merge()])),
    '}',
  ];
  return generatedFunction(`function merge${number}(pane: usize, from: usize): void`, body);
}

/** `markK()`: marks the strings that open groups refer to; null when there are none. */
export function generateMark(stage: AggregateStage): string | null {
  const mark = stage.module.import('string-table', 'markString');
  const lines = [
    ...stage.layout.keys.strings().map((offset) => `${mark}(load<u32>(p, ${offset}));`),
    ...stage.accumulators.flatMap(({ accumulator }) => [...(accumulator.mark?.() ?? [])]),
  ];
  if (lines.length === 0) return null;
  const panes = (name: string) => stage.module.import('pane-table', name);
  const visit = [
    `const end = ${panes('paneEndOfSlots')}(pane, ${stage.layout.bytes});`,
    `for (let p = ${panes('paneSlots')}(pane); p < end; p += ${stage.layout.bytes}) {`,
    ...indent(lines),
    '}',
  ];
  const merged = `if (load<u32>(${stage.state}, 40) != 0 && load<u32>(${stage.state}, 56) != 0) markPane${stage.number}(${stage.state} + ${mergedAt});`;
  return [
    generatedFunction(`function markPane${stage.number}(pane: usize): void`, visit),
    generatedFunction(`function mark${stage.number}(): void`, [
      `for (let k: u32 = 0; k < ${panes('paneCount')}(${stage.panes}); k++) markPane${stage.number}(${panes('paneAt')}(${stage.panes}, k));`,
      ...(stage.window.mode === 'slices' ? [merged] : []),
    ]),
  ].join('\n\n');
}
