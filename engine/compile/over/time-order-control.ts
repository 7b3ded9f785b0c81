import { closeReach, generateReach } from '../reach-log.ts';
import { generatedFunction, indent } from '../text.ts';
import { idlePartitions } from './idle-partitions.ts';
import { passedTime, timeAhead } from './over-mode.ts';
import { pool, queue, reachLog, state, timelessAt, type TimeMode, type TimeParts } from './time-order-parts.ts';

/** `sweepK()`: partitions that no row to come can ask for go. */
export function generateSweep(parts: TimeParts): void {
  const { module, number, table, ring, evaluator, fields, mode, node, stateTtlMs } = parts;
  const s = state(number);
  const idle = idlePartitions(node, mode, stateTtlMs);
  const gone: string[] = [];
  if (mode.closing !== null) gone.push(`load<i64>(partition, ${fields.closing}) <= closed`);
  if (idle !== null) gone.push(`load<i64>(partition, ${fields.last}) < limit - ${idle}`);
  const lines =
    gone.length === 0
      ? []
      : [
          'let p: usize = 0;',
          `const limit = load<i64>(${s});`,
          `const watermark = load<i64>(${s}, 32);`,
          `if (watermark < load<i64>(${s}, 40) || watermark == i64.MAX_VALUE) return;`,
          ...(mode.closing === null ? [] : [`const closed = ${passedTime(mode.closing, 'watermark')};`]),
          `store<i64>(${s}, watermark + ${sweepEvery(idle, mode)}, 40);`,
          ...table.each([
            `if (${gone.join(' || ')}) {`,
            ...indent([...ring.release(), ...evaluator.release(), ...evaluator.releaseState(), table.remove()]),
            '}',
          ]),
        ];
  module.add(generatedFunction(`function sweep${number}(): void`, lines));
}

function sweepEvery(idle: bigint | null, { closing }: TimeMode): bigint {
  const span = idle ?? closing?.fact.delayMicros ?? 0n;
  return span / 4n > 1_000_000n ? span / 4n : 1_000_000n;
}

export function generateControl({ module, number, table, ring, evaluator, waiting, fields, mode, flow }: TimeParts): void {
  const s = state(number);
  const add = (signature: string, lines: readonly string[]) => module.add(generatedFunction(`function ${signature}`, lines));
  const reorder = (name: string) => module.import('reorder', name);
  const records = (name: string) => module.import('record-pool', name);
  add(`start${number}(): void`, [
    `${records('initialisePool')}(${pool(number)}, ${Math.max(8, waiting.bytes)});`,
    table.start(),
    ...[0, 8, 32, 40].map((at) => `store<i64>(${s}, i64.MIN_VALUE, ${at});`),
    `store<i64>(${s}, i64.MAX_VALUE, ${timelessAt});`,
  ]);
  add(`close${number}(watermark: i64): void`, [
    `store<i64>(${s}, watermark, 32);`,
    closeReach(module, reachLog(number)),
    `store<i64>(${s}, ${passedTime(mode.order, 'watermark')});`,
    `${reorder('takeDue')}(${queue(number)}, load<i64>(${s}));`,
    ...[16, 20, 24, 28].map((at) => `store<u32>(${s}, 0, ${at});`),
  ]);
  add(`resume${number}(watermark: i64): void`, [`store<i64>(${s}, ${passedTime(mode.order, 'watermark')}, 8);`]);
  const back = flow.reachMicros + timeAhead(mode.order);
  generateReach(module, number, reachLog(number), back);
  add(`oldest${number}(): i64`, [
    `let oldest = ${reorder('oldestWaiting')}(${queue(number)});`,
    `if (${reorder('waitingRows')}(${queue(number)}) != 0) oldest = min<i64>(oldest, load<i64>(${s}, ${timelessAt}));`,
    ...table.each([`oldest = min<i64>(oldest, load<i64>(partition, ${fields.since}));`]),
    `return oldest == i64.MAX_VALUE || oldest < i64.MIN_VALUE + ${back} ? oldest : oldest - ${back};`,
  ]);
  add(`stateRows${number}(): f64`, [
    `let rows = <f64>${reorder('waitingRows')}(${queue(number)});`,
    ...table.each([`rows += <f64>(load<u32>(partition, ${fields.head}) - load<u32>(partition, ${fields.first}));`]),
    'return rows;',
  ]);
  const beside = [...ring.bytes(), ...evaluator.bytes()];
  add(`stateBytes${number}(): f64`, [
    `let bytes = ${module.import('group-table', 'groupsStateBytes')}(${table.directory}) + <f64>${records('poolBytes')}(${pool(number)}) + ${reorder('waitingListBytes')}(${queue(number)});`,
    ...(beside.length === 0 ? [] : table.each(beside.map((each) => `bytes += <f64>(${each});`))),
    'return bytes;',
  ]);
}

export function generateMark({ module, number, table, waiting, entry, ring, evaluator, fields }: TimeParts): boolean {
  const row = waiting.mark(module, 'row');
  const kept = entry.mark(module, 'entry');
  const own = [...table.mark(), ...evaluator.mark()];
  if (row.length + kept.length + own.length === 0) return false;
  const entries =
    kept.length === 0
      ? []
      : [
          `const head = load<u32>(partition, ${fields.head});`,
          `for (let k = load<u32>(partition, ${fields.first}); k < head; k++) {`,
          `  const entry = ${ring.at('k')};`,
          ...indent(kept),
          '}',
        ];
  const reorder = (name: string) => module.import('reorder', name);
  const lists = [
    `for (let list: u32 = 0; list < ${reorder('waitingLists')}(${queue(number)}); list++) {`,
    `  const at = ${reorder('waitingList')}(${queue(number)}, list);`,
    `  const end = at + (<usize>${reorder('waitingListLength')}(${queue(number)}, list) << 4);`,
    '  for (let waiting = at; waiting < end; waiting += 16) {',
    '    const row = <usize>load<u32>(waiting, 8);',
    ...indent(row, 2),
    '  }',
    '}',
  ];
  module.add(
    generatedFunction(`function mark${number}(): void`, [
      'let p: usize = 0;',
      ...(row.length === 0 ? [] : lists),
      ...(own.length + kept.length === 0 ? [] : table.each([...own, ...entries])),
    ]),
  );
  return true;
}
