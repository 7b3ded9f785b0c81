import type { AggregateStage } from './aggregate-stage.ts';
import { WrittenColumns } from './column-memory.ts';
import type { Value } from './expression/contract.ts';
import { eachSlot, findSlot, storedWords, tableLocals } from './generate-table.ts';
import { RowScope } from './row-scope.ts';
import { generatedFunction, indent } from './text.ts';

const rowsMax = 8192;
/** The pane that slices are merged in lies in the stage's state. */
const mergedAt = 72;
/** State: watermark, first open pane, pane to ignore before, sequence, next window, active, cursor, chunk, draining, merging, touched, merged pane. */
export const stateBytes = 144;

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
    `  const chunk = <usize>load<u32>(${stage.state}, 48);`,
    `  const end = ${panes('endOfSlots')}(chunk);`,
    `  let p = <usize>load<u32>(${stage.state}, 44);`,
    `  for (; p < end && o < ${rowsMax}; p += ${layout.bytes}) {`,
    ...indent(row, 2),
    '    o++;',
    '  }',
    `  store<u32>(${stage.state}, <u32>p, 44);`,
    '  if (p < end) continue;',
    `  const following = ${panes('nextSlots')}(chunk);`,
    '  if (following != 0) {',
    `    store<u32>(${stage.state}, <u32>${panes('slotsOf')}(following), 44);`,
    `    store<u32>(${stage.state}, <u32>following, 48);`,
    '    continue;',
    '  }',
    `  store<u32>(${stage.state}, 0, 40);`,
    ...indent(slices ? afterSlices(stage) : [...releaseFirst(stage, '1'), `${panes('dropPanes')}(${stage.panes}, 1);`]),
    '}',
    'return o;',
  ];
  const functions = [generatedFunction(`function emit${number}(): u32`, lines)];
  if (slices) functions.unshift(generateMerge(stage));
  if (ownsMemory(stage)) functions.unshift(generateRelease(stage));
  return { functions, columns };
}

/** Statements that write the group at `p` as row `o`; `windowStart` and `windowEnd` are its bounds. */
export function writeRow(stage: AggregateStage, columns: WrittenColumns): string[] {
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
    `const slots = ${panes('sealedSlots')}(pane);`,
    `store<u32>(${stage.state}, <u32>${panes('slotsOf')}(slots), 44);`,
    `store<u32>(${stage.state}, <u32>slots, 48);`,
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
    `if (load<u32>(${stage.state}, 56) != 0) {`,
    ...(ownsMemory(stage) ? [`  release${stage.number}(${merged});`] : []),
    `  ${panes('releasePane')}(${merged});`,
    '}',
    `const nextWindow = load<i64>(${stage.state}, 32) + 1;`,
    `store<i64>(${stage.state}, nextWindow, 32);`,
    `const closing = ${panes('panePosition')}(${stage.panes}, nextWindow);`,
    ...releaseFirst(stage, 'closing'),
    `${panes('dropPanes')}(${stage.panes}, closing);`,
  ];
}

function ownsMemory(stage: AggregateStage): boolean {
  return stage.accumulators.some(({ accumulator }) => accumulator.release !== undefined);
}

/** Frees what the groups of the first `count` panes own. */
function releaseFirst(stage: AggregateStage, count: string): string[] {
  const paneAt = stage.module.import('pane-table', 'paneAt');
  return ownsMemory(stage) ? [`for (let k: u32 = 0; k < ${count}; k++) release${stage.number}(${paneAt}(${stage.panes}, k));`] : [];
}

/** `releaseK(pane)`: frees what the pane's groups own beyond their slots. */
function generateRelease(stage: AggregateStage): string {
  const lines = stage.accumulators.flatMap(({ accumulator }) => [...(accumulator.release?.() ?? [])]);
  return generatedFunction(`function release${stage.number}(pane: usize): void`, eachSlot(stage, 'pane', 'p', lines));
}

/** `mergeK(pane, from)`: every group of one slice into the pane. */
function generateMerge(stage: AggregateStage): string {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const words = storedWords(stage, 'q');
  const locals = words.map((_, k) => `word${k}`);
  const mark = layout.keys.nullable ? 'mark' : '1';
  const clone = stage.accumulators.flatMap(({ accumulator }) => [...(accumulator.clone?.() ?? [])]);
  const body = [
    ...tableLocals(stage, 'let'),
    ...eachSlot(stage, 'from', 'q', [
      ...locals.map((local, k) => `const ${local} = ${words[k]};`),
      ...(layout.keys.nullable ? [`const mark = ${layout.mark('q')};`] : []),
      `const before = ${panes('paneUsed')}(pane);`,
      'let p: usize = 0;',
      ...findSlot(stage, locals, mark),
      `if (${panes('paneUsed')}(pane) != before) {`,
      `  ${layout.copy()}`,
      ...indent(clone),
      '  continue;',
      '}',
      ...stage.accumulators.flatMap(({ accumulator }) => [...accumulator.merge()]),
    ]),
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
  const visit = eachSlot(stage, 'pane', 'p', lines);
  const merged = `if (load<u32>(${stage.state}, 40) != 0 && load<u32>(${stage.state}, 56) != 0) markPane${stage.number}(${stage.state} + ${mergedAt});`;
  return [
    generatedFunction(`function markPane${stage.number}(pane: usize): void`, visit),
    generatedFunction(`function mark${stage.number}(): void`, [
      `for (let k: u32 = 0; k < ${panes('paneCount')}(${stage.panes}); k++) markPane${stage.number}(${panes('paneAt')}(${stage.panes}, k));`,
      ...(stage.window.mode === 'slices' ? [merged] : []),
    ]),
  ].join('\n\n');
}
