import { generatedFunction, indent } from '../text.ts';
import { never, openAt, type SliceGroups } from './slice-groups.ts';

/** Adds what each row and each closed slice of a group calls. */
export function addSliceFunctions(groups: SliceGroups): void {
  for (const write of [addGroup, addNode, closeNodes]) groups.stage.module.add(write(groups));
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
    groups.setNewest('slot', never),
    `const p = ${groups.groupContent('slot')};`,
    ...layout.writeKey(groups.words, mark),
    ...groups.clear('slot'),
    'return slot;',
  ]);
}

/** `nodeK(slot, index)`: the group's node of a slice that is not its newest, or has none yet. */
function addNode(groups: SliceGroups): string {
  return generatedFunction(`export function node${groups.stage.number}(slot: usize, index: i64): usize`, [
    'let before: usize = 0;',
    `let after = ${groups.open('slot')};`,
    `while (after != 0 && ${groups.slice('after')} > index) {`,
    '  before = after;',
    `  after = ${groups.next('after')};`,
    '}',
    `if (after != 0 && ${groups.slice('after')} == index) return after;`,
    `const node = ${groups.arena('takeOfSlice')}(${groups.opened}, index);`,
    'store<i64>(node, index);',
    groups.setNext('node', 'after'),
    `if (before == 0) ${groups.setOpen('slot', 'node')}`,
    `else ${groups.setNext('before', 'node')}`,
    ...groups.copy(groups.nodeContent('node'), groups.neutralContent),
    'return node;',
  ]);
}

/** `closeNodesK(slot, first, beyond)`: the open nodes of slices before `beyond` go into their arenas and the back, oldest first. */
function closeNodes(groups: SliceGroups): string {
  return generatedFunction(`function closeNodes${groups.stage.number}(slot: usize, first: i64, beyond: i64): void`, [
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
    // No window holds it, where there is time between windows.
    '  if (index >= first) {',
    `    const kept = ${groups.arena('takeOfSlice')}(${groups.arenas}, index);`,
    '    store<u32>(kept, <u32>slot);',
    `    ${groups.setNewest('slot', 'index')}`,
    ...indent(groups.copy(groups.recordContent('kept'), groups.nodeContent('closing')), 2),
    ...indent(groups.merge(groups.groupContent('slot'), groups.nodeContent('closing')), 2),
    '  }',
    `  closing = ${groups.next('closing')};`,
    '}',
  ]);
}
