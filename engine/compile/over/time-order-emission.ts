import { PassedColumns } from '../passed-columns.ts';
import { addReach } from '../reach-log.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import type { OverNode } from './evaluate-calls.ts';
import { timeMicros } from './over-mode.ts';
import { pool, queue, reachLog, state, type TimeParts } from './time-order-parts.ts';

const batchRows = 8192;
/** Positions beyond this are moved down. */
const positionMax = 2 ** 30;
/** Partitions of fewer bytes in all are in the cache anyway; of each so many bytes are read. */
const touchBytesMin = 1 << 19;
const touchedBytes = 512;
const touchedRows = 32;

/** `takeInK(row, time)`: a waiting row that is due becomes the last of its partition, which is returned. */
export function generateTakeIn({ module, number, node, waitingAt, entry, table, ring, fields, mode, evaluator }: TimeParts): void {
  const find = new RowScope(module, node.id, waitingAt('row'), 'row');
  find.emit(`const partition = ${table.find(find)};`);
  module.add(generatedFunction(`function partitionOf${number}(row: usize): usize`, [...find.lines, 'return partition;']));
  const scope = new RowScope(module, node.id, waitingAt('row'), 'row');
  const closing = mode.closing === null ? null : timeMicros(scope, mode.closing.expression);
  const stores = entry.bytes === 0 ? [] : entry.write(scope, 'kept');
  const lines = [
    `const partition = partitionOf${number}(row);`,
    `const head = load<u32>(partition, ${fields.head});`,
    ...ring.ensure(number),
    ...scope.lines,
    ...(entry.bytes === 0 ? [] : [`const kept = ${ring.at('head')};`]),
    ...stores,
    `if (head == 0 && load<i64>(partition, ${fields.before}) == 0) {`,
    `  store<i64>(partition, time, ${fields.since});`,
    `  store<i64>(partition, time, ${fields.next});`,
    ...(closing === null ? [] : [`  store<i64>(partition, ${closing}, ${fields.closing});`]),
    ...(evaluator.remembers
      ? ['}']
      : [
          `} else if (load<u32>(partition, ${fields.first}) >= load<u32>(partition, ${fields.nextAt})) {`,
          `  store<i64>(partition, load<i64>(partition, ${fields.next}), ${fields.since});`,
          `  store<i64>(partition, time, ${fields.next});`,
          `  store<u32>(partition, head, ${fields.nextAt});`,
          '}',
        ]),
    `store<i64>(partition, time, ${fields.last});`,
    `store<u32>(partition, head + 1, ${fields.head});`,
    'return partition;',
  ];
  module.add(generatedFunction(`function takeIn${number}(row: usize, time: i64): usize`, lines));
}

/** `emitK()`: rows that are due, in order, with their results. */
export function generateEmit(parts: TimeParts): PassedColumns {
  const { module, number, node, waitingAt, needed, entry, ring, evaluator, fields } = parts;
  const columns = new PassedColumns(module, `over${number}_`, false);
  const results = new RowScope(module, node.id, entry.bindings('entry'), 'row');
  const values = evaluator.evaluate(results);
  const written = new RowScope(module, node.id, waitingAt('row'), 'row');
  for (const line of columns.pass(written, node.input.schema, needed)) written.emit(line);
  for (const value of values) for (const line of columns.add(value)) written.emit(line);
  const s = state(number);
  const lines = [
    ...columns.clear(),
    'let o: u32 = 0;',
    'let p: usize = 0;',
    'let q: usize = 0;',
    `const due = ${module.import('reorder', 'dueEntries')}(${queue(number)});`,
    `const count = ${module.import('reorder', 'dueCount')}(${queue(number)});`,
    `const resumed = load<i64>(${s}, 8);`,
    `let cursor = load<u32>(${s}, 16);`,
    'let touched = cursor;',
    'let reached = i64.MAX_VALUE;',
    'let last = i64.MIN_VALUE;',
    `while (o < ${batchRows} && cursor < count) {`,
    '  if (cursor == touched) {',
    `    touched = min<u32>(cursor + ${touchedRows}, count);`,
    `    touch${number}(due + (<usize>cursor << 4), due + (<usize>touched << 4));`,
    '  }',
    '  const at = due + (<usize>cursor << 4);',
    '  const time = load<i64>(at);',
    ...indent(rowPlace(parts)),
    '  if (time != i64.MAX_VALUE) {',
    `    reached = min<i64>(reached, load<i64>(partition, ${fields.since}));`,
    '    last = time;',
    '  }',
    `  const end = load<u32>(partition, ${fields.head});`,
    ...(results.lines.some((line) => /\bentry\b/.test(line)) ? [`  const entry = ${ring.at('position')};`] : []),
    ...indent(results.lines),
    `  store<u32>(partition, keep, ${fields.first});`,
    `  if (end >= ${positionMax} && position + 1 == end) rebase${number}(partition);`,
    '  if (time > resumed) {',
    ...indent(written.lines, 2),
    '    o++;',
    '  }',
    `  ${module.import('record-pool', 'giveRecord')}(${pool(number)}, row);`,
    '  cursor++;',
    '}',
    `store<u32>(${s}, cursor, 16);`,
    `if (last != i64.MIN_VALUE) ${addReach(module, reachLog(number), 'reached', 'last')}`,
    `if (cursor == count) sweep${number}();`,
    'return o;',
  ];
  module.add(generatedFunction(`function emit${number}(): u32`, lines));
  module.add(
    generatedFunction(`export function rebase${number}(partition: usize): void`, [
      `const by = load<u32>(partition, ${fields.first}) & ~<u32>0xffff;`,
      `store<i64>(partition, load<i64>(partition, ${fields.before}) + <i64>by, ${fields.before});`,
      ...[fields.head, fields.first].map((at) => `store<u32>(partition, load<u32>(partition, ${at}) - by, ${at});`),
      `store<u32>(partition, max<u32>(load<u32>(partition, ${fields.nextAt}), by) - by, ${fields.nextAt});`,
      ...evaluator.rebase(),
    ]),
  );
  return columns;
}

/** `touchK(from, to)`: reads what the rows of these entries will need, so that their cache misses overlap. */
export function generateTouch({ module, number, node, waitingAt, table }: TimeParts): void {
  const scope = new RowScope(module, node.id, waitingAt('row'), 'row');
  scope.emit(`const slot = ${table.likely(scope)};`);
  const { bytes } = table.record;
  const lines = Array.from(
    { length: Math.ceil(Math.min(bytes, touchedBytes) / 64) },
    (_, k) => `load<u64>(slot, ${Math.min(k * 64, bytes - 8)})`,
  );
  module.add(
    generatedFunction(`function touch${number}(from: usize, to: usize): void`, [
      `if (load<u32>(${table.directory}, 40) * ${bytes} < ${touchBytesMin}) return;`,
      'let touched: u64 = 0;',
      'for (let at = from; at < to; at += 16) {',
      '  const row = <usize>load<u32>(at, 8);',
      ...indent(scope.lines),
      `  touched ^= ${lines.join(' ^ ')};`,
      '}',
      `store<u64>(${state(number)}, touched, 48);`,
    ]),
  );
}

/** Sets `partition` and `position` of the row at hand. Rows that are equal in the order are all taken in before the first is put out. */
function rowPlace({ module, number, node, evaluator, fields }: TimeParts): string[] {
  const s = state(number);
  const call = node.calls[0] as OverNode['calls'][number];
  const compare = `compareWaiting${number}`;
  const ties = call.orderBy.length > 1 || call.orderBy[0]?.expression.nullable === true;
  const sort = [
    `if (cursor >= load<u32>(${s}, 20)) {`,
    '  let equal = cursor + 1;',
    '  while (equal < count && load<i64>(due + (<usize>equal << 4)) == time) equal++;',
    `  if (equal - cursor > 1) ${module.import('reorder', 'sortTies')}(at, equal - cursor, ${compare});`,
    `  store<u32>(${s}, equal, 20);`,
    '}',
  ];
  const row = 'const row = <usize>load<u32>(at, 8);';
  const sorted = ties ? [...sort, 'const first = <usize>load<u32>(at, 8);'] : [];
  if (!evaluator.needsPeers) {
    return [
      ...(ties ? sort : []),
      row,
      `const partition = takeIn${number}(row, time);`,
      `const position = load<u32>(partition, ${fields.head}) - 1;`,
    ];
  }
  const isPeer = `load<i64>(due + (<usize>peers << 4)) == time${ties ? ` && ${compare}(first, <usize>load<u32>(due + (<usize>peers << 4), 8)) == 0` : ''}`;
  return [
    `if (cursor >= load<u32>(${s}, 24)) {`,
    ...indent(sorted),
    '  let peers = cursor + 1;',
    `  while (peers < count && ${isPeer}) peers++;`,
    `  store<u32>(${s}, peers, 24);`,
    `  store<u32>(${s}, <u32>(peers - cursor > 1), 28);`,
    '  if (peers - cursor > 1) {',
    '    for (let k = cursor; k < peers; k++) {',
    '      const peer = due + (<usize>k << 4);',
    `      const taken = takeIn${number}(<usize>load<u32>(peer, 8), time);`,
    `      store<u32>(peer, load<u32>(taken, ${fields.head}) - 1, 12);`,
    '    }',
    '  }',
    '}',
    row,
    'let partition: usize;',
    'let position: u32;',
    `if (load<u32>(${s}, 28) != 0) {`,
    `  partition = partitionOf${number}(row);`,
    '  position = load<u32>(at, 12);',
    '} else {',
    `  partition = takeIn${number}(row, time);`,
    `  position = load<u32>(partition, ${fields.head}) - 1;`,
    '}',
  ];
}
