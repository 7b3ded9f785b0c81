import type { AggregateStage } from './aggregate-stage.ts';
import { generatedFunction, indent } from './text.ts';

/** Longer probes mean that someone has guessed the multiplier, or bad luck: the table gets another. */
const probesMax = 256;
/** Slots that go into a growing table's successor with each new one. */
const movedPerSlot = 4;

/** Words of a key as they lie in slot `slot`. */
export function storedWords(stage: AggregateStage, slot: string): string[] {
  return Array.from({ length: stage.layout.keys.words }, (_, k) => `load<u64>(${slot}, ${k * 8})`);
}

export function hashOf(stage: AggregateStage, words: readonly string[], mark: string, multiplier: string): string {
  const word = stage.module.import('hash', 'hashWord');
  const more = words.length > 1 ? stage.module.import('hash', 'hashMore') : '';
  return stage.layout.hash(word, more, words, mark, multiplier);
}

/** Locals for probing a pane's table; read again after it has grown. */
export function tableLocals(stage: AggregateStage, keyword: 'let' | 'const' | ''): string[] {
  const panes = (name: string) => stage.module.import('pane-table', name);
  const declare = (name: string, type: string) => (keyword === '' ? name : `${keyword} ${name}: ${type}`);
  return [
    `${declare('table', 'usize')} = ${panes('paneTable')}(pane);`,
    `${declare('multiplier', 'u64')} = ${panes('paneMultiplier')}(pane);`,
    `${declare('shift', 'u64')} = 64 - <u64>${panes('paneBits')}(pane);`,
    `${declare('mask', 'usize')} = (<usize>4 << ${panes('paneBits')}(pane)) - 4;`,
  ];
}

function parameters(stage: AggregateStage): { list: string; key: string; words: string[]; mark: string } {
  const words = Array.from({ length: stage.layout.keys.words }, (_, k) => `word${k}`);
  const mark = stage.layout.keys.nullable ? 'mark' : '1';
  const key = [...words.map((word) => `${word}: u64`), ...(mark === 'mark' ? ['mark: u32'] : [])];
  return {
    list: ['pane: usize', 'entry: usize', ...key].join(', '),
    key: ['pane: usize', ...key].join(', '),
    words,
    mark,
  };
}

/** Byte offset of a key's first entry in its pane's table. */
export function entryOf(stage: AggregateStage, words: readonly string[], mark: string): string {
  return `<usize>(${hashOf(stage, words, mark, 'multiplier')} >> shift) << 2`;
}

/**
 * `insertK(pane, entry, words.., mark)`: the slot of a key that the table does not hold: the old table does, or it is new.
 * `growK(pane, bits)`: another table, which all slots enter, little by little when they are many.
 */
export function generateTable(stage: AggregateStage): string[] {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const { list, key, words, mark } = parameters(stage);
  const named = ['pane', ...words, ...(layout.keys.nullable ? ['mark'] : [])].join(', ');
  const insert = [
    `if (${panes('paneFull')}(pane)) {`,
    `  const known = room${number}(${named});`,
    ...indent(tableLocals(stage, 'const')),
    `  entry = ${entryOf(stage, words, mark)};`,
    ...indent(toEntry('known')),
    '  if (known != 0) {',
    '    store<u32>(table + entry, <u32>known);',
    '    return known;',
    '  }',
    '}',
    `const p = ${panes('addSlot')}(pane, ${layout.bytes});`,
    `store<u32>(${panes('paneTable')}(pane) + entry, <u32>p);`,
    ...layout.writeKey(words, mark),
    ...stage.accumulators.flatMap(({ accumulator }) => accumulator.initialise?.() ?? []),
    'return p;',
  ];
  const room = [
    `if (${panes('oldTable')}(pane) != 0) {`,
    `  const known = old${number}(${named});`,
    `  move${number}(pane, ${movedPerSlot});`,
    '  if (known != 0) return known;',
    '}',
    `${panes('preparePane')}(pane);`,
    `if (${panes('paneExhausted')}(pane)) grow${number}(pane, ${panes('paneBits')}(pane) + 1);`,
    'return 0;',
  ];
  // Exported, so that binaryen leaves them out of the row loop, which needs its registers.
  return [
    ...generateGrowth(stage),
    generatedFunction(`function room${number}(${key}): usize`, room),
    generatedFunction(`export function insert${number}(${list}): usize`, insert),
  ];
}

/** To the slot's own entry, or an empty one. */
function toEntry(slot: string): string[] {
  return [
    'let other = load<u32>(table + entry);',
    `while (other != 0 && other != <u32>${slot}) {`,
    '  entry = (entry + 4) & mask;',
    '  other = load<u32>(table + entry);',
    '}',
  ];
}

/** `moveK(pane, count)`: slots of the old table into the new one. `oldK(pane, words.., mark)`: the key's slot in the old one, or 0. */
function generateGrowth(stage: AggregateStage): string[] {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const { key, words, mark } = parameters(stage);
  const move = [
    ...tableLocals(stage, 'const'),
    'for (; count > 0; count--) {',
    `  const p = ${panes('nextMoving')}(pane, ${layout.bytes});`,
    '  if (p == 0) return;',
    `  let entry = ${entryOf(stage, storedWords(stage, 'p'), layout.mark('p'))};`,
    ...indent(toEntry('p')),
    '  store<u32>(table + entry, <u32>p);',
    '}',
  ];
  const grow = [
    `if (${panes('oldTable')}(pane) != 0) move${number}(pane, u32.MAX_VALUE);`,
    `const now = ${panes('resizeTable')}(pane, bits, ${layout.bytes});`,
    `if (now != 0) move${number}(pane, now);`,
  ];
  const look = [
    `const old = ${panes('oldTable')}(pane);`,
    `const multiplier = ${panes('oldMultiplier')}(pane);`,
    `const shift = 64 - <u64>${panes('oldBits')}(pane);`,
    `const mask = (<usize>4 << ${panes('oldBits')}(pane)) - 4;`,
    `let entry = ${entryOf(stage, words, mark)};`,
    'while (true) {',
    '  const p = <usize>load<u32>(old + entry);',
    `  if (p == 0 || (${layout.matches(words, mark)})) return p;`,
    '  entry = (entry + 4) & mask;',
    '}',
    'return 0;',
  ];
  return [
    generatedFunction(`function move${number}(pane: usize, count: u32): void`, move),
    generatedFunction(`export function grow${number}(pane: usize, bits: u32): void`, grow),
    generatedFunction(`function old${number}(${key}): usize`, look),
  ];
}

/** Runs statements for each slot of a pane, whose address is in `name`. */
export function eachSlot(stage: AggregateStage, pane: string, name: string, lines: readonly string[]): string[] {
  const panes = (each: string) => stage.module.import('pane-table', each);
  return [
    `for (let chunk = ${panes('sealedSlots')}(${pane}); chunk != 0; chunk = ${panes('nextSlots')}(chunk)) {`,
    `  const end = ${panes('endOfSlots')}(chunk);`,
    `  for (let ${name} = ${panes('slotsOf')}(chunk); ${name} < end; ${name} += ${stage.layout.bytes}) {`,
    ...indent(lines, 2),
    '  }',
    '}',
  ];
}

/** Sets `p` to the key's slot, made if need be; `p` and the table's locals are declared with `let`. */
export function findSlot(stage: AggregateStage, words: readonly string[], mark: string): string[] {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const entry = entryOf(stage, words, mark);
  const args = ['pane', 'entry', ...words, ...(layout.keys.nullable ? [mark] : [])].join(', ');
  return [
    `let entry = ${entry};`,
    'let probes = 0;',
    'while (true) {',
    '  p = <usize>load<u32>(table + entry);',
    '  if (p == 0) {',
    `    p = insert${number}(${args});`,
    ...indent(tableLocals(stage, ''), 2),
    '    break;',
    '  }',
    `  if (${layout.matches(words, mark)}) break;`,
    '  entry = (entry + 4) & mask;',
    `  if (++probes == ${probesMax}) {`,
    `    grow${number}(pane, ${panes('paneBits')}(pane) + <u32>(<usize>${panes('paneUsed')}(pane) > mask >> 4));`,
    ...indent(tableLocals(stage, ''), 2),
    `    entry = ${entry};`,
    '    probes = 0;',
    '  }',
    '}',
  ];
}
