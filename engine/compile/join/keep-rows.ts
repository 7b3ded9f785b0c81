import { RowScope } from '../row-scope.ts';
import { indent } from '../text.ts';
import { isCheap, isKeyOperator } from './join-keys.ts';
import type { JoinSide } from './join-side.ts';
import type { JoinStage } from './join-stage.ts';

/** Item of the list of rows that have come: the row's slot and flags (u32), its key's chunk (u32), that of its partners (u32), its key's tag (u32). */
export const itemBytes = 16;
/** Flags in the low bits of an item's slot. */
export const takesBack = 1;
export const isLone = 2;

/** Rows whose keys are looked at together, and the table (bytes) that makes it worth it. */
const touchRows = 64;
export const touchBytesMin = 1 << 16;

/** Places of the stage's control block. */
export const control = {
  side: 0,
  cursor: 4,
  count: 8,
  chunk: 12,
  at: 16,
  resumed: 20,
  watermark: 24,
  resume: 32,
  multiplier: 40,
  touched: 48,
  bytes: 56,
};

/** The function of a flow that ends in the join: keeps its rows by key and lists them for `emitK`. */
export function finishKeeping(stage: JoinStage, side: JoinSide): void {
  const { module } = stage;
  const { flow, address } = side;
  const kernel = (name: string) => module.import('join-side', name);
  const rows = rowLines(stage, side);
  flow.finish([
    `${module.import('join-sweep', 'sweepSide')}(${address}, <u32>((to - from) >> 1));`,
    `const watermark = load<i64>(${stage.control}, ${control.watermark});`,
    `const multiplier = load<u64>(${stage.control}, ${control.multiplier});`,
    `let table = ${kernel('sideTable')}(${address});`,
    `let shift = ${kernel('sideShift')}(${address});`,
    `let mask = ${kernel('sideMask')}(${address});`,
    `let item = ${stage.items};`,
    `let soonest = ${kernel('sideSoonest')}(${address});`,
    'while (from < to) {',
    `  const end = min<usize>(from + ${touchRows * 2}, to);`,
    ...indent(touchLines(stage, side)),
    '  for (let r = from; r < end; r += 2) {',
    '    const row = <usize>load<u16>(r);',
    ...indent(rows, 2),
    '  }',
    '  from = end;',
    '}',
    `${kernel('setSideSoonest')}(${address}, soonest);`,
    `store<u32>(${stage.control}, ${side.name === 'left' ? 1 : 2}, ${control.side});`,
    `store<u32>(${stage.control}, 0, ${control.cursor});`,
    `store<u32>(${stage.control}, <u32>(item - ${stage.items}) >> ${Math.log2(itemBytes)}, ${control.count});`,
    `store<u32>(${stage.control}, 0, ${control.resumed});`,
  ]);
}

/** Looks at the places of some rows' keys first, when the table is large, so that their cache misses overlap. */
function touchLines(stage: JoinStage, side: JoinSide): string[] {
  const { module, node } = stage;
  const plain = side.flow.bindings;
  const keys = node.conditions.filter(({ operator }) => isKeyOperator(operator)).map((condition) => condition[side.name]);
  if (keys.length === 0 || !keys.every((key) => isCheap(key, plain))) return [];
  const scope = new RowScope(module, node.id, plain, 'row');
  const { words, mark } = stage.keys.pack(
    scope,
    keys.map((key) => scope.compile(key)),
  );
  const touched = `load<u64>(${stage.control}, ${control.touched})`;
  return [
    `if (mask > ${touchBytesMin}) {`,
    `  let touched = ${touched};`,
    '  for (let r = from; r < end; r += 2) {',
    '    const row = <usize>load<u16>(r);',
    ...indent(scope.lines, 2),
    `    const head = <usize>load<u32>(table + (<usize>(${stage.keys.tag(words, mark)} >> shift) << 3));`,
    '    touched ^= load<u64>(head);',
    '  }',
    `  store<u64>(${stage.control}, touched, ${control.touched});`,
    '}',
  ];
}

function rowLines(stage: JoinStage, side: JoinSide): string[] {
  const { scope, flow, tracked, matchable } = side;
  const conditions = matchable.join(' && ');
  if (!tracked && matchable.length > 0) scope.emit(`if (!(${conditions})) continue;`);
  const { words, mark } = stage.keys.pack(scope, side.keys);
  if (flow.weight !== null) scope.emit(`const sign = load<i32>(${flow.weight} + (row << 2));`);
  const lines = [...scope.lines, 'let slot: usize = 0;', 'let chunk: usize = 0;', 'let flags: u32 = 0;', 'let tag: u32 = 0;'];
  const keep = keepLines(stage, side, words, mark);
  if (tracked && matchable.length > 0)
    lines.push(`if (${conditions}) {`, ...indent(keep), '} else {', ...indent(loneLines(stage, side)), '}');
  else lines.push(...keep);
  if (flow.weight !== null) lines.push(`if (sign < 0) flags |= ${takesBack};`);
  lines.push(
    'store<u32>(item, <u32>slot | flags);',
    'store<u32>(item, <u32>chunk, 4);',
    'store<u32>(item, tag, 12);',
    `item += ${itemBytes};`,
  );
  return lines;
}

function keepLines(stage: JoinStage, side: JoinSide, words: readonly string[], mark: string): string[] {
  const { module } = stage;
  const kernel = (name: string) => module.import('join-side', name);
  const add = [
    `slot = ${kernel('addRow')}(${side.address}, table + entry, chunk, tag);`,
    'if (chunk == 0) {',
    '  chunk = <usize>load<u32>(table + entry);',
    ...indent(stage.keys.store('chunk', words, mark, 8)),
    `  ${kernel('countKey')}(${side.address});`,
    `  table = ${kernel('sideTable')}(${side.address});`,
    `  shift = ${kernel('sideShift')}(${side.address});`,
    `  mask = ${kernel('sideMask')}(${side.address});`,
    '}',
    ...writeLines(stage, side),
  ];
  const find = [`tag = ${stage.keys.tag(words, mark)};`, ...stage.keys.findTagged(words, mark, 'chunk')];
  if (side.flow.weight === null) return [...find, ...add];
  return [...find, 'if (sign > 0) {', ...indent(add), '} else {', ...indent(takeBackLines(stage, side)), '}'];
}

/** A row that has no partner: it is only put out. */
function loneLines(stage: JoinStage, side: JoinSide): string[] {
  return [`slot = ${stage.module.import('join-side', 'addLoneRow')}(${side.address});`, `flags = ${isLone};`, ...writeLines(stage, side)];
}

function writeLines(stage: JoinStage, side: JoinSide): string[] {
  const floorOf = stage.module.import('join-floor', 'floorOf');
  const note = stage.module.import('join-floor', 'noteFloor');
  const arrival = `${floorOf}(${stage.arrival(side)})`;
  // A row at infinity is no row of the ranges that reach so far: it stands where it came, as one without a time.
  const dated =
    side.floor === null ? [] : [...(side.floor.valid === 'true' ? [] : [side.floor.valid]), `${side.floor.time} != i64.MAX_VALUE`];
  const floor = side.floor === null ? arrival : `(${dated.join(' && ')} ? ${floorOf}(${side.floor.time}) : ${arrival})`;
  const name = stage.module.name('floor');
  const expiry = stage.module.name('expiry');
  // What comes may still meet rows that are kept, however old it is: it dies with the next watermark at the soonest.
  const living = 'watermark == i64.MAX_VALUE ? watermark : watermark + 1';
  return [
    `const ${expiry} = max<i64>(${side.expiry ?? stage.timeToLive()}, ${living});`,
    `soonest = min<i64>(soonest, ${expiry});`,
    `store<i64>(slot, ${expiry});`,
    'store<u32>(slot, 0, 8);',
    `const ${name} = ${floor};`,
    `store<u32>(slot, ${name}, 12);`,
    `${note}(${side.address}, ${name});`,
    ...side.layout.write(side.kept, 'slot'),
  ];
}

/** Finds a living row that is the same in all columns; one that has expired stays as it was put out. */
function takeBackLines(stage: JoinStage, side: JoinSide): string[] {
  const { module } = stage;
  const takenBack = module.import('join-side', 'takenBack');
  const scope = new RowScope(module, stage.node.id, [], 'row');
  const same = side.kept.map((value, k) => {
    const other = side.layout.read(scope, k, 'other');
    const equal = value.parts.map((part, j) => sameBits(value.machine, part, other.parts[j] as string)).join(' && ') || 'true';
    if (value.valid === 'true' && other.valid === 'true') return equal;
    return `${value.valid} == ${other.valid} && (!${value.valid} || (${equal}))`;
  });
  return [
    'for (let at = chunk; at != 0 && slot == 0; at = <usize>load<u32>(at)) {',
    `  let other = at + ${stage.keys.chunkHeaderBytes};`,
    `  for (let k: u32 = load<u8>(at, 4); k != 0; k--, other += ${side.layout.bytes}) {`,
    `    if (load<i64>(other) <= watermark || (load<u32>(other, 8) & ${takenBack}) != 0) continue;`,
    ...indent(scope.lines, 2),
    `    if (!(${same.join(' && ') || 'true'})) continue;`,
    '    slot = other;',
    '    break;',
    '  }',
    '}',
    'if (slot == 0) continue;',
    `store<u32>(slot, load<u32>(slot, 8) | ${takenBack}, 8);`,
    'if (watermark != i64.MAX_VALUE) {',
    '  store<i64>(slot, watermark + 1);',
    '  soonest = min<i64>(soonest, watermark + 1);',
    '}',
  ];
}

function sameBits(machine: string, a: string, b: string): string {
  if (machine === 'f64') return `(reinterpret<u64>(${a}) == reinterpret<u64>(${b}))`;
  if (machine === 'f32') return `(reinterpret<u32>(${a}) == reinterpret<u32>(${b}))`;
  return `${a} == ${b}`;
}
