import { addReach } from '../reach-log.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { generateSame } from './compare-rows.ts';
import { timeMicros } from './over-mode.ts';
import { changedOf, dueOf, earlyMicros, type PartitionParts, poolOf, reachLogOf, rowPutOut, stateOf } from './partition-parts.ts';

/** Rows beyond the limit by which a partition may grow before they go. */
const slackRows = 64;

/** The flow's tail: each row goes to its partition, or out of it. */
export function takePartitionRows(parts: PartitionParts): void {
  const { module, number, node, flow, mode, row, table, fields, time } = parts;
  const records = (name: string) => module.import('record-pool', name);
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  if (time !== null) scope.emit(`const time: i64 = ${timeMicros(scope, time.expression)};`);
  if (mode.kind === 'final' && mode.closing !== null) scope.emit(`if (time <= load<i64>(${stateOf(number)}, 8)) continue;`);
  scope.emit(`const kept = ${records('takeRecord')}(${poolOf(number)});`);
  scope.emit('store<u64>(kept, 0);');
  for (const line of row.write(scope, 'kept')) scope.emit(line);
  scope.emit(`const partition = ${table.find(scope)};`);
  if (flow.weight === null) scope.emit(`addRow${number}(partition, kept);`);
  else {
    scope.emit(`if (load<i32>(${flow.weight} + (row << 2)) < 0) removeRow${number}(partition, kept);`);
    scope.emit(`else addRow${number}(partition, kept);`);
    generateRemove(parts);
  }
  if (time !== null) {
    // Without a time it came no earlier than the watermark.
    scope.emit(`const since = time == i64.MAX_VALUE ? load<i64>(${stateOf(number)}) : time;`);
    scope.emit(`if (since < load<i64>(partition, ${fields.since})) store<i64>(partition, since, ${fields.since});`);
    if (mode.closing !== null) {
      scope.emit(`store<i64>(partition, time, ${fields.closing});`);
      scope.emit(`if (time < load<i64>(${stateOf(number)}, 16)) store<i64>(${stateOf(number)}, time, 16);`);
    }
  }
  flow.finish(['for (let r = from; r < to; r += 2) {', '  const row = <usize>load<u16>(r);', ...indent(scope.lines), '}']);
  generateAdd(parts);
  generateArrange(parts);
}

/** Statements for a partition that has to be put out again. */
function wake(parts: PartitionParts): string[] {
  const { module, number, mode, fields } = parts;
  if (mode.kind === 'final') return [];
  const list = earlyMicros(parts) === null ? dueOf(number) : changedOf(number);
  return [
    `if (load<u32>(partition, ${fields.due}) == 0) {`,
    `  store<u32>(partition, 1, ${fields.due});`,
    `  ${module.import('row-list', 'appendRow')}(${list}, partition);`,
    '}',
  ];
}

function generateAdd(parts: PartitionParts): void {
  const { module, number, fields, limit, node } = parts;
  const list = (name: string) => module.import('row-list', name);
  const rows = `partition + ${fields.rows}`;
  const call = limit === null ? undefined : node.calls[limit?.call ?? 0];
  const after = call?.name === 'row_number' ? '>= 0' : '> 0';
  const refuse = [
    `if (load<u32>(partition, ${fields.full}) != 0 && compareRows${number}(row, ${list('listAt')}(${rows}, load<u32>(partition, ${fields.sorted}) - 1)) ${after}) {`,
    `  ${module.import('record-pool', 'giveRecord')}(${poolOf(number)}, row);`,
    '  return;',
    '}',
  ];
  const shorten = limit ? [`if (${list('listCount')}(${rows}) >= ${limit.rows * 2 + slackRows}) arrange${number}(partition);`] : [];
  module.add(
    generatedFunction(`function addRow${number}(partition: usize, row: usize): void`, [
      `store<i64>(partition, load<i64>(${stateOf(number)}), ${fields.last});`,
      ...(limit ? refuse : []),
      `${list('appendRow')}(${rows}, row);`,
      ...shorten,
      ...wake(parts),
    ]),
  );
}

/** Statements for a `row` that leaves its partition: one that was put out has to be taken back first. */
function leave({ module, number, mode, fields }: PartitionParts, row: string): string[] {
  const give = `${module.import('record-pool', 'giveRecord')}(${poolOf(number)}, ${row});`;
  if (mode.kind === 'final') return [give];
  return [
    `if (load<u32>(${row}) & ${rowPutOut}) {`,
    `  store<u32>(${row}, load<u32>(partition, ${fields.gone}), 4);`,
    `  store<u32>(partition, <u32>${row}, ${fields.gone});`,
    `} else ${give}`,
  ];
}

/** `removeRowK(partition, row)`: takes one row with the same values out of the partition. */
function generateRemove(parts: PartitionParts): void {
  const { module, number, node, row, fields } = parts;
  const list = (name: string) => module.import('row-list', name);
  const rows = `partition + ${fields.rows}`;
  const columns = row.expressions.map((each) => row.over(each));
  generateSame(module, `sameRow${number}`, node.id, columns, (slot) => row.bindings(slot));
  module.add(
    generatedFunction(`function removeRow${number}(partition: usize, row: usize): void`, [
      `const count = ${list('listCount')}(${rows});`,
      'for (let k = count; k > 0; k--) {',
      `  const other = ${list('listAt')}(${rows}, k - 1);`,
      `  if (!sameRow${number}(other, row)) continue;`,
      `  ${list('removeRow')}(${rows}, k - 1);`,
      `  if (k <= load<u32>(partition, ${fields.sorted})) store<u32>(partition, load<u32>(partition, ${fields.sorted}) - 1, ${fields.sorted});`,
      ...indent(leave(parts, 'other')),
      '  break;',
      '}',
      `${module.import('record-pool', 'giveRecord')}(${poolOf(number)}, row);`,
      `store<i64>(partition, load<i64>(${stateOf(number)}), ${fields.last});`,
      ...wake(parts),
    ]),
  );
}

/** `arrangeK(partition)`: its rows in order; those beyond the limit go. */
function generateArrange(parts: PartitionParts): void {
  const { module, number, fields, limit, node } = parts;
  const list = (name: string) => module.import('row-list', name);
  const rows = `partition + ${fields.rows}`;
  const lines = [
    `${list('sortRows')}(${rows}, load<u32>(partition, ${fields.sorted}), compareRows${number});`,
    `let count = ${list('listCount')}(${rows});`,
  ];
  if (limit) {
    const rank = node.calls[limit.call]?.name ?? '';
    lines.push(
      ...keptRows(rank, limit.rows, (k) => `${list('listAt')}(${rows}, ${k})`, `sameOrder${number}`),
      `store<u32>(partition, <u32>reached, ${fields.full});`,
      'for (let k = end; k < count; k++) {',
      `  const beyond = ${list('listAt')}(${rows}, k);`,
      ...indent(leave(parts, 'beyond')),
      '}',
      `store<u32>(partition, end, ${fields.rows + 8});`,
      'count = end;',
    );
  }
  lines.push(`store<u32>(partition, count, ${fields.sorted});`);
  module.add(generatedFunction(`function arrange${number}(partition: usize): void`, lines));
}

/** `end`: how many of the first rows have a rank of at most `rows`; `reached`: whether there can be no others. */
function keptRows(rank: string, rows: number, at: (k: string) => string, same: string): string[] {
  if (rank === 'row_number') return [`const end = min<u32>(${rows}, count);`, `const reached = end == ${rows};`];
  if (rank === 'rank') {
    return [
      `let end = min<u32>(${rows}, count);`,
      `const reached = end == ${rows};`,
      `while (end > 0 && end < count && ${same}(${at('end - 1')}, ${at('end')})) end++;`,
    ];
  }
  return [
    'let end: u32 = 0;',
    'let groups: u32 = 0;',
    'for (; end < count; end++) {',
    `  if (end != 0 && ${same}(${at('end - 1')}, ${at('end')})) continue;`,
    `  if (groups == ${rows}) break;`,
    '  groups++;',
    '}',
    `const reached = groups == ${rows};`,
  ];
}

/** Statements that drop `partition` with all its rows. */
export function forget({ module, number, table, fields, time }: PartitionParts): string[] {
  const list = (name: string) => module.import('row-list', name);
  const rows = `partition + ${fields.rows}`;
  const since = `load<i64>(partition, ${fields.since})`;
  return [
    ...(time === null ? [] : [addReach(module, reachLogOf(number), since, `load<i64>(${stateOf(number)})`)]),
    `for (let k: u32 = 0; k < ${list('listCount')}(${rows}); k++) ${module.import('record-pool', 'giveRecord')}(${poolOf(number)}, ${list('listAt')}(${rows}, k));`,
    `${list('releaseList')}(${rows});`,
    table.remove(),
  ];
}
