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
    `${declare('slots', 'u32')} = <u32>((<u64>1 << (64 - shift)) - 1);`,
  ];
}

function parameters(stage: AggregateStage): { list: string; words: string[]; mark: string } {
  const words = Array.from({ length: stage.layout.keys.words }, (_, k) => `word${k}`);
  const mark = stage.layout.keys.nullable ? 'mark' : '1';
  return {
    list: ['pane: usize', ...words.map((word) => `${word}: u64`), ...(mark === 'mark' ? ['mark: u32'] : [])].join(', '),
    words,
    mark,
  };
}

/** `insertK(pane, words.., mark)`: a new slot for a key that has none. `growK(pane, bits)`: moves all slots to another table. */
export function generateTable(stage: AggregateStage): string[] {
  const { layout, module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  const { list, words, mark } = parameters(stage);
  const step = [`while (!(${layout.isEmpty('p')})) {`, '  s = (s + 1) & slots;', `  p = table + <usize>s * ${layout.bytes};`, '}'];
  const grow = [
    `const old = ${panes('paneTable')}(pane);`,
    `const oldEnd = old + (<usize>${layout.bytes} << ${panes('paneBits')}(pane));`,
    `const oldBits = ${panes('paneBits')}(pane);`,
    `${panes('setTable')}(pane, bits, ${layout.bytes});`,
    ...tableLocals(stage, 'const'),
    `for (let q = old; q < oldEnd; q += ${layout.bytes}) {`,
    `  if (${layout.isEmpty('q')}) continue;`,
    `  let s = <u32>(${hashOf(stage, storedWords(stage, 'q'), layout.mark.replace('(p,', '(q,'), 'multiplier')} >> shift);`,
    `  let p = table + <usize>s * ${layout.bytes};`,
    ...indent(step),
    `  ${layout.copy()}`,
    '}',
    `${panes('releaseTable')}(old, oldBits, ${layout.bytes});`,
  ];
  const insert = [
    `if (${panes('paneFull')}(pane)) grow${number}(pane, ${panes('paneBits')}(pane) + 1);`,
    ...tableLocals(stage, 'const'),
    `let s = <u32>(${hashOf(stage, words, mark, 'multiplier')} >> shift);`,
    `let p = table + <usize>s * ${layout.bytes};`,
    ...step,
    ...layout.writeKey(words, mark),
    ...stage.accumulators.flatMap(({ accumulator }) => accumulator.initialise?.() ?? []),
    `${panes('countSlot')}(pane);`,
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
  const { layout, number } = stage;
  const hash = hashOf(stage, words, mark, 'multiplier');
  const args = ['pane', ...words, ...(layout.keys.nullable ? [mark] : [])].join(', ');
  const used = `${stage.module.import('pane-table', 'paneUsed')}(pane)`;
  return [
    `let s = <u32>(${hash} >> shift);`,
    'let probes = 0;',
    'while (true) {',
    `  p = table + <usize>s * ${layout.bytes};`,
    `  if (${layout.matches(words, mark)}) break;`,
    `  if (${layout.isEmpty('p')}) {`,
    `    p = insert${number}(${args});`,
    ...indent(tableLocals(stage, ''), 2),
    ...indent(onInsert, 2),
    '    break;',
    '  }',
    '  s = (s + 1) & slots;',
    `  if (++probes == ${probesMax}) {`,
    `    grow${number}(pane, ${stage.module.import('pane-table', 'paneBits')}(pane) + <u32>(${used} > slots >> 2));`,
    ...indent(tableLocals(stage, ''), 2),
    `    s = <u32>(${hash} >> shift);`,
    '    probes = 0;',
    '  }',
    '}',
  ];
}
