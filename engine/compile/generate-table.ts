import type { AggregateStage } from './aggregate-stage.ts';
import { generatedFunction, indent } from './text.ts';

/** Longer probes mean that someone has guessed the multiplier, or bad luck: the table gets another. */
const probesMax = 256;

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

function parameters(stage: AggregateStage): { list: string; words: string[]; mark: string } {
  const words = Array.from({ length: stage.layout.keys.words }, (_, k) => `word${k}`);
  const mark = stage.layout.keys.nullable ? 'mark' : '1';
  return {
    list: ['pane: usize', 'entry: usize', ...words.map((word) => `${word}: u64`), ...(mark === 'mark' ? ['mark: u32'] : [])].join(', '),
    words,
    mark,
  };
}

/** Byte offset of a key's first entry in its pane's table. */
export function entryOf(stage: AggregateStage, words: readonly string[], mark: string): string {
  return `<usize>(${hashOf(stage, words, mark, 'multiplier')} >> shift) << 2`;
}

/** `insertK(pane, entry, words.., mark)`: a new slot for a key that has none. `growK(pane, bits)`: enters all slots into another table. */
export function generateTable(stage: AggregateStage): string[] {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const { list, words, mark } = parameters(stage);
  const toEmpty = 'while (load<u32>(table + entry) != 0) entry = (entry + 4) & mask;';
  const grow = [
    `${panes('resizeTable')}(pane, bits, ${layout.bytes});`,
    ...tableLocals(stage, 'const'),
    `const end = ${panes('paneEndOfSlots')}(pane, ${layout.bytes});`,
    `for (let p = ${panes('paneSlots')}(pane); p < end; p += ${layout.bytes}) {`,
    `  let entry = ${entryOf(stage, storedWords(stage, 'p'), layout.mark('p'))};`,
    `  ${toEmpty}`,
    '  store<u32>(table + entry, <u32>p);',
    '}',
  ];
  const insert = [
    `if (${panes('paneFull')}(pane)) {`,
    `  grow${number}(pane, ${panes('paneBits')}(pane) + 1);`,
    ...indent(tableLocals(stage, 'const')),
    `  entry = ${entryOf(stage, words, mark)};`,
    `  ${toEmpty}`,
    '}',
    `const p = ${panes('addSlot')}(pane, ${layout.bytes});`,
    `store<u32>(${panes('paneTable')}(pane) + entry, <u32>p);`,
    ...layout.writeKey(words, mark),
    ...stage.accumulators.flatMap(({ accumulator }) => accumulator.initialise?.() ?? []),
    'return p;',
  ];
  // Exported, so that binaryen leaves them out of the row loop, which needs its registers.
  return [
    generatedFunction(`export function grow${number}(pane: usize, bits: u32): void`, grow),
    generatedFunction(`export function insert${number}(${list}): usize`, insert),
  ];
}

/** Sets `p` to the key's slot, made if need be; `p` and the table's locals are declared with `let`. */
export function findSlot(stage: AggregateStage, words: readonly string[], mark: string, onInsert: readonly string[] = []): string[] {
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
    ...indent(onInsert, 2),
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
