import type { Expression } from '../plan/expression.ts';
import type { GroupLayout } from './group-layout.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { type Binding, resolveBinding, RowScope } from './row-scope.ts';
import { indent } from './text.ts';

const chunkRows = 64;
/** Groups beyond this (bytes) have the slots of a chunk of rows touched first, so that their cache misses overlap. */
const touchBytesMin = 1 << 19;

/** Whether the groups take so much. */
export function manyGroups(module: ModuleBuilder, groups: string, slotBytes: number): string {
  return `<usize>${module.import('record-pool', 'liveRecords')}(${groups}) * ${slotBytes} > ${touchBytesMin}`;
}

export interface TouchedGroups {
  readonly module: ModuleBuilder;
  readonly node: number;
  readonly bindings: readonly Binding[];
  readonly keys: readonly Expression[];
  readonly layout: GroupLayout;
  /** Address of the groups' directory. */
  readonly groups: string;
  readonly slotBytes: number;
  /** A row reads all of the slot, not just its first cache line. */
  readonly touchesEnd?: boolean;
  hash(words: readonly string[], mark: string): string;
}

/**
 * A loop over the rows `from`..`to` in chunks, whose slots in a group table are touched before the rows go in. In the scope: `table` and
 * `bits` of the table, `multiplier`. `state`: an address where what was touched is stored, so that the loads stay.
 */
export function loopTouching(touched: TouchedGroups, row: readonly string[], state: string): string[] {
  const plain = touched.keys.every((key) => {
    const binding = key.kind === 'column' ? resolveBinding(touched.bindings[key.index] as Binding) : null;
    return binding?.kind === 'memory' && binding.access.kind === 'fixed';
  });
  const rows = ['for (let r = from; r < end; r += 2) {', '  const row = <usize>load<u16>(r);', ...indent(row), '}'];
  if (!plain || touched.keys.length === 0) return ['const end = to;', ...rows];
  const { module, node, bindings, keys, layout, groups, slotBytes, touchesEnd = false } = touched;
  const scope = new RowScope(module, node, bindings, 'row');
  const { words, mark } = layout.keys.pack(
    scope,
    module,
    keys.map((key) => scope.compile(key)),
  );
  const entry = `${module.import('group-table', 'groupEntry')}(${touched.hash(words, mark)}, bits)`;
  return [
    'let touched: u32 = 0;',
    'while (from < to) {',
    `  const end = min<usize>(from + ${chunkRows * 2}, to);`,
    `  if (${manyGroups(module, groups, slotBytes)}) {`,
    '    for (let r = from; r < end; r += 2) {',
    '      const row = <usize>load<u16>(r);',
    ...indent(scope.lines, 3),
    `      const slot = <usize>load<u32>(table + ${entry});`,
    `      touched ^= load<u32>(slot)${touchesEnd ? ` ^ load<u32>(slot, ${slotBytes - 4})` : ''};`,
    '    }',
    '  }',
    ...indent(rows),
    '  from = end;',
    '}',
    `store<u32>(${state}, touched);`,
  ];
}
