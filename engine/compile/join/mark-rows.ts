import type { ModuleBuilder } from '../module-builder.ts';
import { indent } from '../text.ts';
import type { JoinKeys } from './join-keys.ts';
import type { JoinSide } from './join-side.ts';

/** Statements that mark the strings of a side's keys and rows; with `expire` only of rows that have not expired. */
export function markRows(module: ModuleBuilder, keys: JoinKeys, side: JoinSide, expire: boolean): string[] {
  const kernel = (name: string) => module.import('join-side', name);
  const mark = (at: string) => `${module.import('string-table', 'markString')}(${at});`;
  const ofKey = keys.strings().map((offset) => mark(`load<u32>(chunk, ${8 + offset})`));
  const ofRow = side.layout.mark(module, 'row');
  if (ofKey.length + ofRow.length === 0) return [];
  const rows = [
    `let row = chunk + ${keys.chunkHeaderBytes};`,
    `for (let k: u32 = load<u8>(chunk, 4); k != 0; k--, row += ${side.layout.bytes}) {`,
    ...(expire ? [`  if (load<i64>(row) <= ${kernel('sideWatermark')}(${side.address})) continue;`] : []),
    ...indent(ofRow),
    '}',
  ];
  const [table, end] = [module.name('table'), module.name('end')];
  return [
    `const ${table} = ${kernel('sideTable')}(${side.address});`,
    `const ${end} = ${table} + ${kernel('sideMask')}(${side.address});`,
    `for (let entry = ${table}; entry <= ${end}; entry += 8) {`,
    '  for (let chunk = <usize>load<u32>(entry); chunk != 0; chunk = <usize>load<u32>(chunk)) {',
    ...indent(ofKey, 2),
    ...indent(ofRow.length === 0 ? [] : rows, 2),
    '  }',
    '}',
  ];
}
