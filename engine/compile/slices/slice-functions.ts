import { generatedFunction, indent } from '../text.ts';
import { backAt, frontSliceAt, none, openAt, type SliceGroups } from './slice-groups.ts';

/** Adds what each row, each closed slice and each used-up front of a group calls. */
export function addSliceFunctions(groups: SliceGroups): void {
  for (const write of [addGroup, addNode, closeNodes, flip]) groups.stage.module.add(write(groups));
}

/** `groupK(hash, key)`: the group of a key that the table does not hold: the table that is being left has it, or it is new. */
function addGroup(groups: SliceGroups): string {
  const { layout, number } = groups.stage;
  const mark = layout.keys.nullable ? 'mark' : '1';
  const parameters = ['hash: u32', ...groups.words.map((word) => `${word}: u64`), ...(layout.keys.nullable ? ['mark: u32'] : [])];
  return generatedFunction(`export function group${number}(${parameters.join(', ')}): usize`, [
    `const old = ${groups.group('oldEntries')}(${groups.groups});`,
    'if (old != 0) {',
    `  const bits = ${groups.group('oldBits')}(${groups.groups});`,
    '  const mask = (<usize>4 << bits) - 4;',
    `  let entry = ${groups.group('groupEntry')}(hash, bits);`,
    '  while (true) {',
    '    const slot = <usize>load<u32>(old + entry);',
    '    if (slot == 0) break;',
    `    const p = ${groups.groupContent('slot')};`,
    `    if (load<u32>(slot) == hash && ${layout.matches(groups.words, mark)}) {`,
    `      ${groups.group('enterGroup')}(${groups.groups}, slot);`,
    '      return slot;',
    '    }',
    '    entry = (entry + 4) & mask;',
    '  }',
    '}',
    `const slot = ${groups.group('addGroup')}(${groups.groups}, hash);`,
    `store<u64>(slot, 0, ${openAt});`,
    `store<u64>(slot, 0, ${backAt});`,
    `store<i64>(slot, ${none}, ${frontSliceAt});`,
    groups.setOldest('slot', none),
    `const p = ${groups.groupContent('slot')};`,
    ...layout.writeKey(groups.words, mark),
    'return slot;',
  ]);
}

/** `nodeK(slot, index)`: the group's node of a slice that is not its newest, or has none yet. */
function addNode(groups: SliceGroups): string {
  const { accumulators, layout, number } = groups.stage;
  // Copied with the accumulators, so that a node's must be its group's.
  const mark =
    layout.markAt === null ? [] : [`store<u32>(p, load<u32>(${groups.groupContent('slot')}, ${layout.markAt}), ${layout.markAt});`];
  const zeros = Array.from({ length: groups.accumulatorBytes / 8 }, (_, k) => `store<u64>(p, 0, ${groups.keyBytes + k * 8});`);
  return generatedFunction(`export function node${number}(slot: usize, index: i64): usize`, [
    'let before: usize = 0;',
    `let after = ${groups.open('slot')};`,
    `while (after != 0 && ${groups.slice('after')} > index) {`,
    '  before = after;',
    `  after = ${groups.next('after')};`,
    '}',
    `if (after != 0 && ${groups.slice('after')} == index) return after;`,
    `const node = ${groups.pool('takeRecord')}(${groups.nodes});`,
    'store<i64>(node, index);',
    groups.setNext('node', 'after'),
    `if (before == 0) ${groups.setOpen('slot', 'node')}`,
    `else ${groups.setNext('before', 'node')}`,
    `const p = ${groups.nodeContent('node')};`,
    ...zeros,
    ...mark,
    ...accumulators.flatMap(({ accumulator }) => [...(accumulator.initialise?.() ?? [])]),
    'return node;',
  ]);
}

/** `closeNodesK(slot, beyond)`: the open nodes of slices before `beyond` go into the back, oldest first. */
function closeNodes(groups: SliceGroups): string {
  return generatedFunction(`function closeNodes${groups.stage.number}(slot: usize, beyond: i64): void`, [
    'let later: usize = 0;',
    `let node = ${groups.open('slot')};`,
    `while (node != 0 && ${groups.slice('node')} >= beyond) {`,
    '  later = node;',
    `  node = ${groups.next('node')};`,
    '}',
    'if (node == 0) return;',
    `if (later == 0) ${groups.setOpen('slot', '0')}`,
    `else ${groups.setNext('later', '0')}`,
    'let closing: usize = 0;',
    'while (node != 0) {',
    `  const older = ${groups.next('node')};`,
    `  ${groups.setNext('node', 'closing')}`,
    '  closing = node;',
    '  node = older;',
    '}',
    'while (closing != 0) {',
    `  const index = ${groups.slice('closing')};`,
    `  const kept = ${groups.arena('takeOfSlice')}(${groups.arenas}, index);`,
    '  store<i64>(kept, index);',
    `  ${groups.setNext('kept', groups.back('slot'))}`,
    `  ${groups.setBack('slot', 'kept')}`,
    ...indent(groups.copy(groups.nodeContent('kept'), groups.nodeContent('closing'))),
    `  if (${groups.oldest('slot')} == ${none}) {`,
    `    ${groups.setOldest('slot', 'index')}`,
    ...indent(groups.copy(groups.groupContent('slot'), groups.nodeContent('closing')), 2),
    '  } else {',
    ...indent(groups.merge(groups.groupContent('slot'), groups.nodeContent('closing')), 2),
    '  }',
    `  const following = ${groups.next('closing')};`,
    `  ${groups.pool('giveRecord')}(${groups.nodes}, closing);`,
    '  closing = following;',
    '}',
  ]);
}

/** `flipK(slot, first)`: the nodes of the back become the front, less those of slices before `first`, whose arenas go. */
function flip(groups: SliceGroups): string {
  return generatedFunction(`function flip${groups.stage.number}(slot: usize, first: i64): void`, [
    'let newer: usize = 0;',
    `let node = ${groups.back('slot')};`,
    `while (node != 0 && ${groups.slice('node')} >= first) {`,
    `  const older = ${groups.next('node')};`,
    '  if (newer != 0) {',
    ...indent(groups.merge(groups.nodeContent('node'), groups.nodeContent('newer')), 2),
    '  }',
    `  ${groups.setNext('node', 'newer')}`,
    '  newer = node;',
    '  node = older;',
    '}',
    groups.setBack('slot', '0'),
    groups.setOldest('slot', none),
    ...groups.setFront('slot', 'newer'),
  ]);
}
