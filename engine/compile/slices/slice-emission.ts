import type { AggregateStage } from '../aggregate-stage.ts';
import { WrittenColumns } from '../column-memory.ts';
import { writeRow } from '../generate-emission.ts';
import { generatedFunction, indent } from '../text.ts';
import { none, type SliceGroups } from './slice-groups.ts';
import type { SliceUnits } from './slice-units.ts';

const rowsMax = 8192;

/**
 * The stage's state: watermark i64, first open slice i64, slices before it are ignored i64, rows so far i64, next window i64, least slice that a
 * sweep has left i64, sweeping u32, chunk u32, slot u32, touched u32.
 */
export const stateBytes = 64;
export const closedAt = 8;
export const ignoredAt = 16;
export const sequenceAt = 24;
export const windowAt = 32;
export const leastAt = 40;
const sweepingAt = 48;
const chunkAt = 52;
const slotAt = 56;
export const touchedAt = 60;

/** `emitK()`: window after window, sweeps over the groups: slices that have closed go into the backs, slices that have passed leave the fronts. */
export function generateSliceEmission(stage: AggregateStage, groups: SliceGroups, units: SliceUnits): WrittenColumns {
  const { module, number, state, window } = stage;
  const columns = new WrittenColumns(module, `emitted${number}_`);
  const row = writeRow(stage, columns);
  const pool = (name: string) => module.import('record-pool', name);
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      ...columns.clear(),
      'let o: u32 = 0;',
      `while (o < ${rowsMax}) {`,
      `  if (load<u32>(${state}, ${sweepingAt}) == 0) {`,
      ...indent(nextWindow(stage, groups, units), 2),
      '  }',
      `  const windowStart = load<i64>(${state}, ${windowAt}) * ${window.slide};`,
      `  const windowEnd = windowStart + ${window.size};`,
      `  const first = load<i64>(${state}, ${windowAt}) * ${units.perSlide};`,
      `  const beyond = first + ${units.perSize};`,
      `  let least = load<i64>(${state}, ${leastAt});`,
      `  let chunk = <usize>load<u32>(${state}, ${chunkAt});`,
      `  let slot = <usize>load<u32>(${state}, ${slotAt});`,
      `  while (chunk != 0 && o < ${rowsMax}) {`,
      `    const end = ${pool('chunkEnd')}(${groups.groups}, chunk);`,
      `    for (; slot < end && o < ${rowsMax}; slot += ${groups.groupBytes}) {`,
      '      if (load<u32>(slot, 4) == 0) continue;',
      ...indent(visit(groups, row), 3),
      '    }',
      '    if (slot < end) break;',
      `    chunk = ${pool('nextChunk')}(chunk);`,
      `    if (chunk != 0) slot = ${pool('chunkRecords')}(chunk);`,
      '  }',
      `  store<i64>(${state}, least, ${leastAt});`,
      `  store<u32>(${state}, <u32>chunk, ${chunkAt});`,
      `  store<u32>(${state}, <u32>slot, ${slotAt});`,
      '  if (chunk != 0) break;',
      `  store<u32>(${state}, 0, ${sweepingAt});`,
      `  ${module.import('slice-arena', 'dropSlices')}(${groups.arenas}, first);`,
      `  store<i64>(${state}, load<i64>(${state}, ${windowAt}) + 1, ${windowAt});`,
      '}',
      'return o;',
    ]),
  );
  return columns;
}

/** Begins the sweep of the next window that holds a slice, if it has ended. */
function nextWindow(stage: AggregateStage, groups: SliceGroups, units: SliceUnits): string[] {
  const { module, state, window } = stage;
  const floor = module.import('selection', 'floorDivide');
  const pool = (name: string) => module.import('record-pool', name);
  return [
    `if (${pool('liveRecords')}(${groups.groups}) == 0) {`,
    `  store<i64>(${state}, ${none}, ${leastAt});`,
    '  break;',
    '}',
    `const least = load<i64>(${state}, ${leastAt});`,
    `const next = max<i64>(load<i64>(${state}, ${windowAt}), ${floor}(least - ${units.perSize}, ${units.perSlide}) + 1);`,
    `if (next * ${window.slide} + ${window.close} > load<i64>(${state})) break;`,
    `store<i64>(${state}, next, ${windowAt});`,
    `store<i64>(${state}, ${none}, ${leastAt});`,
    `store<u32>(${state}, 1, ${sweepingAt});`,
    `store<u32>(${state}, <u32>${pool('firstChunk')}(${groups.groups}), ${chunkAt});`,
    `store<u32>(${state}, <u32>${pool('chunkRecords')}(${pool('firstChunk')}(${groups.groups})), ${slotAt});`,
  ];
}

/** One group in the sweep of the window of slices [first, beyond). */
function visit(groups: SliceGroups, row: readonly string[]): string[] {
  const { number } = groups.stage;
  return [
    `if (${groups.open('slot')} != 0) closeNodes${number}(slot, beyond);`,
    `if (${groups.frontSlice('slot')} < first) {`,
    `  let front = ${groups.front('slot')};`,
    `  while (front != 0 && ${groups.slice('front')} < first) front = ${groups.next('front')};`,
    ...indent(groups.setFront('slot', 'front')),
    '}',
    `if (${groups.oldest('slot')} < first && ${groups.front('slot')} == 0) flip${number}(slot, first);`,
    `const oldest = ${groups.oldest('slot')};`,
    'let p: usize = 0;',
    `if (${groups.front('slot')} != 0) {`,
    `  least = min<i64>(least, ${groups.frontSlice('slot')});`,
    `  p = ${groups.merged};`,
    ...indent(groups.copyKeys(groups.merged, groups.groupContent('slot'))),
    ...indent(groups.copy(groups.merged, groups.frontContent('slot'))),
    `  if (oldest != ${none}) {`,
    ...indent(groups.merge(groups.merged, groups.groupContent('slot')), 2),
    '  }',
    `} else if (oldest != ${none}) {`,
    '  least = min<i64>(least, oldest);',
    `  p = ${groups.groupContent('slot')};`,
    '} else {',
    `  let node = ${groups.open('slot')};`,
    '  if (node == 0) {',
    `    ${groups.group('removeGroup')}(${groups.groups}, slot, 0);`,
    '    continue;',
    '  }',
    `  while (${groups.next('node')} != 0) node = ${groups.next('node')};`,
    `  least = min<i64>(least, ${groups.slice('node')});`,
    '  continue;',
    '}',
    ...row,
    'o++;',
  ];
}
