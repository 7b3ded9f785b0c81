import type { AggregateStage } from '../aggregate-stage.ts';
import { WrittenColumns } from '../column-memory.ts';
import { writeRow } from '../generate-emission.ts';
import { generatedFunction, indent } from '../text.ts';
import { type SliceGroups, stripeGroups } from './slice-groups.ts';
import type { SliceUnits } from './slice-units.ts';

const rowsMax = 8192;
/** A call that has moved as many records to the fronts puts out what it has (some milliseconds). */
const movedMax = 1 << 19;

/**
 * The stage's state: watermark i64, first open slice i64, slices before it are ignored i64, rows so far i64, next window i64, last slice
 * of the fronts i64, sweeping u32 (2: the fronts are made anew), chunk u32, slot u32, touched u32.
 */
export const stateBytes = 64;
export const closedAt = 8;
export const ignoredAt = 16;
export const sequenceAt = 24;
export const windowAt = 32;
export const frontLastAt = 40;
const sweepingAt = 48;
const chunkAt = 52;
const slotAt = 56;
export const touchedAt = 60;

/** `emitK()`: window after window, sweeps over the groups, stripe by stripe. */
export function generateSliceEmission(stage: AggregateStage, groups: SliceGroups, units: SliceUnits): WrittenColumns {
  const { module, number, state, window } = stage;
  const columns = new WrittenColumns(module, `emitted${number}_`);
  const row = writeRow(stage, columns);
  const { groupBytes } = groups;
  module.add(generateClose(groups));
  module.add(generateExpire(groups));
  module.add(generateFlip(groups));
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      ...columns.clear(),
      'let o: u32 = 0;',
      'let moved: u32 = 0;',
      `while (o < ${rowsMax}) {`,
      `  if (load<u32>(${state}, ${sweepingAt}) == 0) {`,
      ...indent(nextWindow(stage, groups, units), 2),
      '  }',
      `  const windowStart = load<i64>(${state}, ${windowAt}) * ${window.slide};`,
      `  const windowEnd = windowStart + ${window.size};`,
      `  const first = load<i64>(${state}, ${windowAt}) * ${units.perSlide};`,
      `  const beyond = first + ${units.perSize};`,
      `  const flips = load<u32>(${state}, ${sweepingAt}) == 2;`,
      `  let chunk = <usize>load<u32>(${state}, ${chunkAt});`,
      `  let slot = <usize>load<u32>(${state}, ${slotAt});`,
      `  while (chunk != 0 && o < ${rowsMax} && moved < ${movedMax}) {`,
      `    const last = ${groups.pool('chunkEnd')}(${groups.groups}, chunk);`,
      `    while (slot < last && o < ${rowsMax} && moved < ${movedMax}) {`,
      `      const end = min<usize>(last, slot + <usize>min<u32>(${stripeGroups}, ${rowsMax} - o) * ${groupBytes});`,
      `      closeStripe${number}(slot, end, first, beyond);`,
      `      if (flips) moved += flip${number}(slot, end, first);`,
      `      else expire${number}(slot, end, first);`,
      `      for (; slot < end; slot += ${groupBytes}) {`,
      ...indent(putOut(groups, row), 4),
      '      }',
      '    }',
      '    if (slot < last) break;',
      `    chunk = ${groups.pool('nextChunk')}(chunk);`,
      `    if (chunk != 0) slot = ${groups.pool('chunkRecords')}(chunk);`,
      '  }',
      `  store<u32>(${state}, <u32>chunk, ${chunkAt});`,
      `  store<u32>(${state}, <u32>slot, ${slotAt});`,
      '  if (chunk != 0) {',
      '    if (o > 0) break;',
      '    moved = 0;',
      '    continue;',
      '  }',
      `  if (flips) store<i64>(${state}, beyond - 1, ${frontLastAt});`,
      `  store<u32>(${state}, 0, ${sweepingAt});`,
      `  ${groups.arena('dropSlices')}(${groups.arenas}, first);`,
      `  ${groups.arena('dropSlices')}(${groups.opened}, beyond);`,
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
    `if (${pool('liveRecords')}(${groups.groups}) == 0) break;`,
    `const least = ${groups.least};`,
    `const next = max<i64>(load<i64>(${state}, ${windowAt}), ${floor}(least - ${units.perSize}, ${units.perSlide}) + 1);`,
    `if (next * ${window.slide} + ${window.close} > load<i64>(${state})) break;`,
    `store<i64>(${state}, next, ${windowAt});`,
    `store<u32>(${state}, next * ${units.perSlide} > load<i64>(${state}, ${frontLastAt}) ? 2 : 1, ${sweepingAt});`,
    `store<u32>(${state}, <u32>${pool('firstChunk')}(${groups.groups}), ${chunkAt});`,
    `store<u32>(${state}, <u32>${pool('chunkRecords')}(${pool('firstChunk')}(${groups.groups})), ${slotAt});`,
    `${groups.arena('rewindSlices')}(${groups.arenas});`,
  ];
}

/** `closeStripeK(from, to, first, beyond)`: slices before `beyond` have closed. */
function generateClose(groups: SliceGroups): string {
  const { number, state } = groups.stage;
  return generatedFunction(`function closeStripe${number}(from: usize, to: usize, first: i64, beyond: i64): void`, [
    'let count: usize = 0;',
    `for (let slot = from; slot < to; slot += ${groups.groupBytes}) {`,
    `  store<u32>(${groups.closing} + (count << 2), <u32>slot);`,
    `  count += <usize>(${groups.open('slot')} != 0);`,
    '}',
    'let touched: u32 = 0;',
    'for (let k: usize = 0; k < count; k++) {',
    `  const slot = <usize>load<u32>(${groups.closing} + (k << 2));`,
    `  touched ^= load<u32>(${groups.open('slot')});`,
    '}',
    `store<u32>(${state}, touched, ${touchedAt});`,
    'for (let k: usize = 0; k < count; k++) {',
    `  const slot = <usize>load<u32>(${groups.closing} + (k << 2));`,
    `  closeNodes${number}(slot, first, beyond);`,
    '}',
  ]);
}

/** Runs statements for the records of `slice` whose groups lie in the stripe: `record`, `slot`. */
function eachRecord(groups: SliceGroups, lines: readonly string[]): string[] {
  return [
    `let record = ${groups.arena('beginRun')}(slice);`,
    'while (record != 0) {',
    `  const end = ${groups.arena('endOfRun')}(slice);`,
    `  for (; record < end; record += ${groups.recordBytes}) {`,
    '    const slot = <usize>load<u32>(record);',
    '    if (slot - from >= to - from) break;',
    ...indent(lines, 2),
    '  }',
    '  const ended = record == end;',
    `  record = ${groups.arena('endRun')}(slice, record);`,
    '  if (!ended) break;',
    '}',
  ];
}

/** `expireK(from, to, first)`: slices before `first` have passed. Their records hold what is left of the fronts. */
function generateExpire(groups: SliceGroups): string {
  return generatedFunction(`function expire${groups.stage.number}(from: usize, to: usize, first: i64): void`, [
    `for (let k: u32 = 0; k < ${groups.arena('sliceCount')}(${groups.arenas}); k++) {`,
    `  const slice = ${groups.arena('sliceAt')}(${groups.arenas}, k);`,
    `  if (${groups.arena('sliceIndex')}(slice) >= first) break;`,
    ...indent(eachRecord(groups, groups.copy(groups.frontContent('slot'), groups.recordContent('record')))),
    '}',
  ]);
}

/** `flipK(from, to, first)`: the fronts are made from all records of slices from `first` on, newest first; gives their number. */
function generateFlip(groups: SliceGroups): string {
  const front = groups.frontContent('slot');
  const record = groups.recordContent('record');
  const words = Array.from({ length: groups.accumulatorBytes / 8 }, (_, k) => groups.keyBytes + k * 8);
  return generatedFunction(`function flip${groups.stage.number}(from: usize, to: usize, first: i64): u32`, [
    `for (let slot = from; slot < to; slot += ${groups.groupBytes}) {`,
    ...indent(groups.clear('slot')),
    '}',
    'let moved: u32 = 0;',
    `for (let k = ${groups.arena('sliceCount')}(${groups.arenas}); k > 0; k--) {`,
    `  const slice = ${groups.arena('sliceAt')}(${groups.arenas}, k - 1);`,
    `  if (${groups.arena('sliceIndex')}(slice) < first) break;`,
    ...indent(
      eachRecord(groups, [
        ...groups.merge(record, front),
        ...words.map((at, k) => `const merged${k} = load<u64>(${record}, ${at});`),
        ...groups.copy(record, front),
        ...words.map((at, k) => `store<u64>(${front}, merged${k}, ${at});`),
        'moved++;',
      ]),
    ),
    '}',
    'return moved;',
  ]);
}

/** One group: its row, if the window holds a slice of it. */
function putOut(groups: SliceGroups, row: readonly string[]): string[] {
  return [
    `if (${groups.newest('slot')} < first) {`,
    `  if (load<u32>(slot, 4) != 0 && ${groups.open('slot')} == 0) ${groups.group('removeGroup')}(${groups.groups}, slot, 0);`,
    '  continue;',
    '}',
    `const p: usize = ${groups.merged};`,
    ...groups.copy('p', groups.frontContent('slot')),
    ...groups.copyKeys('p', groups.groupContent('slot')),
    ...groups.merge(groups.merged, groups.groupContent('slot')),
    ...row,
    'o++;',
  ];
}
