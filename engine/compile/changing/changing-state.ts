import { generatedFunction, indent } from '../text.ts';
import { changedFlag, type ChangingGroups, field, header, headerBytes, shownFlag, stateBytes } from './changing-groups.ts';
import { forEachSlot, generateGroupFunctions, type SlotTable } from './group-functions.ts';
import type { KeptGroupRows } from './kept-group-rows.ts';

/** Buckets of the timer wheel that a group's time spans. */
const grainsPerSpan = 32n;
const grainMicrosMin = 1000n;
/** Before every event time: all that a source has is needed. */
const beginningMicros = -8_640_000_000_000_000_000n;

/** Start, close, resume, marks and sizes. Returns whether strings are kept. */
export function generateChangingState(groups: ChangingGroups, kept: KeptGroupRows | null, reachMicros: bigint): boolean {
  const { module, number, layout, table, wheel, state, expiry } = groups;
  const slots: SlotTable = { module, name: String(number), table, layout, headerBytes, slotBytes: groups.slotBytes };
  const initialise = groups.accumulators.flatMap(({ accumulator }) => accumulator.initialise?.() ?? []);
  generateGroupFunctions(slots, initialise);
  kept?.generate();
  // The size of group-table.ts's directory and of timer-wheel.ts's wheel.
  module.reserve(table, 96);
  module.reserve(wheel, 1088);
  module.reserve(state, stateBytes);
  if (kept !== null) module.reserve(kept.slots.table, 96);
  module.add(generatedFunction(`function start${number}(): void`, startLines(groups, kept)));
  module.add(generatedFunction(`function close${number}(watermark: i64): void`, closeLines(groups)));
  module.add(generatedFunction(`function resume${number}(watermark: i64): void`, [`store<i64>(${state}, watermark, ${field.resumed});`]));
  const live = module.import('record-pool', 'liveRecords');
  const since =
    expiry.kind === 'time'
      ? [
          `const watermark = load<i64>(${state});`,
          `const first = min<i64>(watermark, load<i64>(${state}, ${field.timeless}));`,
          `if (first != i64.MIN_VALUE) return first - ${expiry.afterMicros + expiry.reachMicros + reachMicros};`,
        ]
      : [`const born = load<i64>(${state}, ${field.born});`, `if (born != i64.MIN_VALUE) return born - ${reachMicros};`];
  module.add(
    generatedFunction(`function oldest${number}(): i64`, [
      `if (${live}(${table}) == 0) return i64.MAX_VALUE;`,
      ...since,
      `return ${beginningMicros};`,
    ]),
  );
  for (const [name, call] of [
    ['stateRows', 'groupsLive'],
    ['stateBytes', 'groupsStateBytes'],
  ] as const) {
    const of = (directory: string) => `${module.import('group-table', call)}(${directory})`;
    const held = name === 'stateBytes' && expiry.kind !== 'never' ? [`${module.import('timer-wheel', 'wheelBytesHeld')}(${wheel})`] : [];
    const sum = [of(table), ...(kept === null ? [] : [of(kept.slots.table)]), ...held].join(' + ');
    module.add(generatedFunction(`function ${name}${number}(): f64`, [`return ${sum};`]));
  }
  const marks = markLines(groups, kept, slots);
  if (marks.length > 0) module.add(generatedFunction(`function mark${number}(): void`, marks));
  return marks.length > 0;
}

function startLines(groups: ChangingGroups, kept: KeptGroupRows | null): string[] {
  const { module, number, table, wheel, state, expiry } = groups;
  const initialise = module.import('group-table', 'initialiseGroups');
  const span = expiry.kind === 'ttl' ? expiry.micros : expiry.kind === 'time' ? expiry.afterMicros : 0n;
  const grain = span / grainsPerSpan > grainMicrosMin ? span / grainsPerSpan : grainMicrosMin;
  return [
    `${initialise}(${table}, ${groups.slotBytes});`,
    ...(kept === null ? [] : [`${initialise}(${kept.slots.table}, ${kept.slots.slotBytes});`]),
    ...(expiry.kind === 'never' ? [] : [`${module.import('timer-wheel', 'initialiseWheel')}(${wheel}, ${grain});`]),
    ...[field.watermark, field.resumed, field.born, field.period].map((at) => `store<i64>(${state}, i64.MIN_VALUE, ${at});`),
    `store<i64>(${state}, i64.MAX_VALUE, ${field.timeless});`,
    ...(groups.single
      ? [
          `const p = insert${number}();`,
          `store<u32>(${state}, <u32>p, ${field.single});`,
          `store<u32>(p - ${header.flags}, ${changedFlag});`,
          `${module.import('changed-list', 'linkChanged')}(${groups.changedList}, p);`,
        ]
      : []),
  ];
}

function closeLines({ module, schedule, state }: ChangingGroups): string[] {
  const lines = [`store<i64>(${state}, watermark);`];
  if (schedule.kind !== 'early') return lines;
  const floor = module.import('selection', 'floorDivide');
  return [
    ...lines,
    `const period = watermark == i64.MAX_VALUE ? i64.MAX_VALUE : ${floor}(watermark, ${schedule.everyMicros});`,
    `if (period == load<i64>(${state}, ${field.period})) return;`,
    `store<i64>(${state}, period, ${field.period});`,
    `store<u32>(${state}, 1, ${field.emitting});`,
  ];
}

function markLines(groups: ChangingGroups, kept: KeptGroupRows | null, slots: SlotTable): string[] {
  const mark = groups.module.import('string-table', 'markString');
  const shown = groups.changes ? groups.shown.mark(groups.module, groups.shownAt) : [];
  const lines = [
    ...groups.layout.keys.strings().map((offset) => `${mark}(load<u32>(p, ${offset}));`),
    ...groups.accumulators.flatMap(({ accumulator }) => accumulator.mark?.() ?? []),
    ...(shown.length === 0 ? [] : [`if ((load<u32>(p - ${header.flags}) & ${shownFlag}) != 0) {`, ...indent(shown), '}']),
  ];
  return [...(lines.length === 0 ? [] : ['{', ...indent(forEachSlot(slots, lines)), '}']), ...(kept?.marks() ?? [])];
}
