import type { Flow } from '../flow.ts';
import { closeReach, generateReach, reachLogBytes } from '../reach-log.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import type { OverNode } from './evaluate-calls.ts';
import { passedTime, timeAhead } from './over-mode.ts';
import { generateChanges } from './partition-changes.ts';
import { generateFinal } from './partition-final.ts';
import {
  changedOf,
  dueOf,
  earlyMicros,
  type PartitionMode,
  type PartitionParts,
  partitionParts,
  partitionStateBytes,
  poolOf,
  reachLogOf,
  rowPutOut,
  stateOf,
} from './partition-parts.ts';
import { forget, takePartitionRows } from './partition-rows.ts';

/** OVER of whole partitions: their rows are kept, and each is sorted and evaluated when it is final, or again when it has changed. */
export function buildPartitionStage(context: StageContext, node: OverNode, flow: Flow, mode: PartitionMode): Stage {
  const parts = partitionParts(context, node, flow, mode);
  const { module, number } = parts;
  module.reserve(stateOf(number), partitionStateBytes);
  module.reserve(poolOf(number), 32);
  module.reserve(dueOf(number), 16);
  if (earlyMicros(parts) !== null) module.reserve(changedOf(number), 16);
  if (parts.time !== null) module.reserve(reachLogOf(number), reachLogBytes);
  takePartitionRows(parts);
  const { columns, weight } = mode.kind === 'final' ? { columns: generateFinal(parts), weight: null } : generateChanges(parts);
  generateControl(parts);
  return {
    number,
    node,
    columns: columns.accesses,
    weight,
    emits: mode.kind === 'final' ? 'closing' : 'always',
    marks: generateMark(parts),
    resumes: mode.kind === 'final' && mode.closing !== null,
    reachMicros: flow.reachMicros,
    reaches: parts.time !== null,
  };
}

function generateControl(parts: PartitionParts): void {
  const { module, number, mode, table, row, results, fields, time, flow, evaluator } = parts;
  const s = stateOf(number);
  const add = (signature: string, lines: readonly string[]) => module.add(generatedFunction(`function ${signature}`, lines));
  const records = (name: string) => module.import('record-pool', name);
  const list = (name: string) => module.import('row-list', name);
  const rowBytes = mode.kind === 'final' ? row.layout.bytes : results.bytes;
  add(`start${number}(): void`, [
    `${records('initialisePool')}(${poolOf(number)}, ${rowBytes});`,
    table.start(),
    ...[0, 8, 24].map((at) => `store<i64>(${s}, i64.MIN_VALUE, ${at});`),
    `store<i64>(${s}, i64.MAX_VALUE, 16);`,
  ]);
  const early = earlyMicros(parts);
  if (mode.kind === 'changes') add(`forget${number}(): void`, [`const watermark = load<i64>(${s});`, ...closing(parts)]);
  add(`close${number}(watermark: i64): void`, [
    ...(early === null ? [`store<i64>(${s}, watermark);`] : []),
    ...(time === null ? [] : [closeReach(module, reachLogOf(number))]),
    ...(early === null ? [] : dueEarly(parts, early)),
    ...(mode.kind === 'final' ? closing(parts) : early === null ? [`forget${number}();`] : []),
  ]);
  if (mode.kind === 'final' && mode.closing !== null)
    add(`resume${number}(watermark: i64): void`, [`store<i64>(${s}, ${passedTime(mode.closing, 'watermark')}, 8);`]);
  const back = flow.reachMicros + (time === null ? 0n : timeAhead(time));
  if (time !== null) generateReach(module, number, reachLogOf(number), back);
  add(
    `oldest${number}(): i64`,
    time === null
      ? [`return ${module.import('group-table', 'groupsLive')}(${table.directory}) == 0 ? i64.MAX_VALUE : i64.MIN_VALUE;`]
      : [
          'let oldest = i64.MAX_VALUE;',
          ...table.each([`oldest = min<i64>(oldest, load<i64>(partition, ${fields.since}));`]),
          `return oldest == i64.MAX_VALUE || oldest < i64.MIN_VALUE + ${back} ? oldest : oldest - ${back};`,
        ],
  );
  add(`stateRows${number}(): f64`, [`return <f64>${records('liveRecords')}(${poolOf(number)});`]);
  const lists = evaluator.bytes().map((each) => `bytes += <f64>(${each});`);
  add(`stateBytes${number}(): f64`, [
    `let bytes = ${module.import('group-table', 'groupsStateBytes')}(${table.directory}) + <f64>${records('poolBytes')}(${poolOf(number)}) + <f64>${list('listBytes')}(${dueOf(number)});`,
    ...(early === null ? [] : [`bytes += <f64>${list('listBytes')}(${changedOf(number)});`]),
    ...lists,
    ...table.each([`bytes += <f64>${list('listBytes')}(partition + ${fields.rows});`]),
    'return bytes;',
  ]);
}

/**
 * Partitions that have changed are put out when the watermark passes a multiple of the period, each of the others when it is over: what
 * has been put out at a watermark does not depend on the steps in which it came there.
 */
function dueEarly({ module, number, mode, fields }: PartitionParts, early: bigint): string[] {
  const s = stateOf(number);
  const floor = module.import('selection', 'floorDivide');
  const list = (name: string) => module.import('row-list', name);
  const changed = changedOf(number);
  const closed = mode.closing === null ? 'watermark' : passedTime(mode.closing, 'watermark');
  return [
    `const before = load<i64>(${s});`,
    `const passes = before == i64.MIN_VALUE || watermark == i64.MAX_VALUE || ${floor}(watermark, ${early}) > ${floor}(before, ${early});`,
    `store<i64>(${s}, watermark);`,
    `const closed = ${closed};`,
    `if (!passes && closed < load<i64>(${s}, 16)) return;`,
    'let kept: u32 = 0;',
    `for (let k: u32 = 0; k < ${list('listCount')}(${changed}); k++) {`,
    `  const partition = ${list('listAt')}(${changed}, k);`,
    `  if (passes || load<i64>(partition, ${fields.closing}) <= closed) ${list('appendRow')}(${dueOf(number)}, partition);`,
    '  else {',
    `    store<u32>(${list('listStart')}(${changed}) + (<usize>kept << 2), <u32>partition);`,
    '    kept++;',
    '  }',
    '}',
    `store<u32>(${changed}, kept, 8);`,
    `store<u32>(${s}, 1, 44);`,
  ];
}

/** What the watermark does: final partitions are put out; of changing ones those that are done with are forgotten. */
function closing(parts: PartitionParts): string[] {
  const { module, number, mode, table, fields, context } = parts;
  const s = stateOf(number);
  const append = module.import('row-list', 'appendRow');
  if (mode.kind === 'final') {
    if (mode.closing === null)
      return ['if (watermark != i64.MAX_VALUE) return;', ...table.each([`${append}(${dueOf(number)}, partition);`])];
    return [
      `const closed = ${passedTime(mode.closing, 'watermark')};`,
      `if (closed < load<i64>(${s}, 16)) return;`,
      'let first = i64.MAX_VALUE;',
      ...table.each([
        `const closing = load<i64>(partition, ${fields.closing});`,
        `if (closing <= closed) ${append}(${dueOf(number)}, partition);`,
        'else first = min<i64>(first, closing);',
      ]),
      `store<i64>(${s}, first, 16);`,
    ];
  }
  const { stateTtlMs } = context.query.options;
  const ttl = stateTtlMs === null ? null : BigInt(stateTtlMs) * 1000n;
  const done: string[] = [];
  if (mode.closing !== null) done.push(`load<i64>(partition, ${fields.closing}) <= closed`);
  if (ttl !== null) done.push(`load<i64>(partition, ${fields.last}) < watermark - ${ttl}`);
  if (done.length === 0) return [];
  const every = (ttl ?? 4_000_000n) / 4n;
  // One that has changed is put out first.
  const forgotten = earlyMicros(parts) === null ? done.join(' || ') : `load<u32>(partition, ${fields.due}) == 0 && (${done.join(' || ')})`;
  return [
    `if (watermark == i64.MAX_VALUE || watermark < load<i64>(${s}, 24)) return;`,
    `store<i64>(${s}, watermark + ${every > 1_000_000n ? every : 1_000_000n}, 24);`,
    ...(mode.closing === null ? [] : ['let first = i64.MAX_VALUE;']),
    ...(mode.closing === null ? [] : [`const closed = ${passedTime(mode.closing, 'watermark')};`]),
    ...table.each([
      // Rows that came before there was a watermark count from the first one on.
      ...(ttl === null
        ? []
        : [`if (load<i64>(partition, ${fields.last}) == i64.MIN_VALUE) store<i64>(partition, watermark, ${fields.last});`]),
      `if (${forgotten}) {`,
      ...indent(forget(parts)),
      '  continue;',
      '}',
      ...(mode.closing === null ? [] : [`first = min<i64>(first, load<i64>(partition, ${fields.closing}));`]),
    ]),
    ...(mode.closing === null ? [] : [`store<i64>(${s}, first, 16);`]),
  ];
}

function generateMark(parts: PartitionParts): boolean {
  const { module, number, mode, row, results, table, fields } = parts;
  const kept = row.mark(module, 'row');
  const given = mode.kind === 'final' ? [] : results.mark(module, 'row');
  const own = table.mark();
  if (kept.length + given.length + own.length === 0) return false;
  const list = (name: string) => module.import('row-list', name);
  const lines = [...kept, ...(given.length === 0 ? [] : [`if (load<u32>(row) & ${rowPutOut}) {`, ...indent(given), '}'])];
  const rows = `partition + ${fields.rows}`;
  module.add(
    generatedFunction(
      `function mark${number}(): void`,
      table.each([
        ...own,
        `for (let k: u32 = 0; k < ${list('listCount')}(${rows}); k++) {`,
        `  const row = ${list('listAt')}(${rows}, k);`,
        ...indent(lines),
        '}',
      ]),
    ),
  );
  return true;
}
