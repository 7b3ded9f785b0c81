import type { GroupLayout } from '../group-layout.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { generatedFunction } from '../text.ts';

/** A group table of kernels/assembly/group-table.ts: slots are a header of the owner's and then what the layout says, where `p` points. */
export interface SlotTable {
  readonly module: ModuleBuilder;
  /** Ends the names of its functions. */
  readonly name: string;
  readonly table: string;
  readonly layout: GroupLayout;
  readonly headerBytes: number;
  readonly slotBytes: number;
}

/**
 * `find<name>(words.., mark)`: payload of the key's slot, or 0. `insert<name>(words.., mark)`: a new one, header and state zeroed.
 * Exported, so that binaryen leaves them out of the row loop.
 */
export function generateGroupFunctions(
  { module, name, table, layout, headerBytes, slotBytes }: SlotTable,
  initialise: readonly string[],
): void {
  const groups = (call: string) => module.import('group-table', call);
  const { words, list, mark } = parameters(layout);
  const hashWord = module.import('hash', 'hashWord');
  const hashMore = words.length > 1 ? module.import('hash', 'hashMore') : '';
  const hash = [
    `const multiplier = ${groups('groupMultiplier')}(${table});`,
    `const hash = ${groups('groupHash')}(${layout.hash(hashWord, hashMore, words, mark, 'multiplier')}, multiplier);`,
  ];
  const search = (entries: string, bits: string) => [
    `  const table = ${entries};`,
    `  const bits = ${bits};`,
    '  const mask = (<usize>4 << bits) - 4;',
    `  let entry = ${groups('groupEntry')}(hash, bits);`,
    '  while (true) {',
    '    const slot = <usize>load<u32>(table + entry);',
    '    if (slot == 0) break;',
    '    if (load<u32>(slot) == hash) {',
    `      const p = slot + ${headerBytes};`,
    `      if (${layout.matches(words, mark)}) return p;`,
    '    }',
    '    entry = (entry + 4) & mask;',
    '  }',
  ];
  module.add(
    generatedFunction(`export function find${name}(${list}): usize`, [
      ...hash,
      '{',
      ...search(`${groups('groupEntries')}(${table})`, `${groups('groupBits')}(${table})`),
      '}',
      `if (${groups('oldEntries')}(${table}) != 0) {`,
      ...search(`${groups('oldEntries')}(${table})`, `${groups('oldBits')}(${table})`),
      '}',
      'return 0;',
    ]),
  );
  module.add(
    generatedFunction(`export function insert${name}(${list}): usize`, [
      ...hash,
      `const slot = ${groups('addGroup')}(${table}, hash);`,
      `memory.fill(slot + 8, 0, ${slotBytes - 8});`,
      `const p = slot + ${headerBytes};`,
      ...layout.writeKey(words, mark),
      ...initialise,
      'return p;',
    ]),
  );
}

/** Statements for each slot in use, whose payload is `p`. */
export function forEachSlot(
  { module, table, headerBytes, slotBytes }: Omit<SlotTable, 'name' | 'layout'>,
  body: readonly string[],
): string[] {
  const pool = (call: string) => module.import('record-pool', call);
  return [
    `for (let chunk = ${pool('firstChunk')}(${table}); chunk != 0; chunk = ${pool('nextChunk')}(chunk)) {`,
    `  const end = ${pool('chunkEnd')}(${table}, chunk);`,
    `  for (let slot = ${pool('chunkRecords')}(chunk); slot < end; slot += ${slotBytes}) {`,
    '    if (load<u32>(slot, 4) == 0) continue;',
    `    const p = slot + ${headerBytes};`,
    ...body.map((line) => `    ${line}`),
    '  }',
    '}',
  ];
}

function parameters(layout: GroupLayout): { list: string; words: string[]; mark: string } {
  const words = Array.from({ length: layout.keys.words }, (_, k) => `word${k}`);
  const mark = layout.keys.nullable ? 'mark' : '1';
  return { list: [...words.map((word) => `${word}: u64`), ...(mark === 'mark' ? ['mark: u32'] : [])].join(', '), words, mark };
}

/** Arguments of find and insert. */
export function keyArguments(layout: GroupLayout, words: readonly string[], mark: string): string {
  return [...words, ...(layout.keys.nullable ? [mark] : [])].join(', ');
}
