import type { Value } from '../expression/contract.ts';
import { writeUpdates } from '../generate-aggregate.ts';
import { RowScope } from '../row-scope.ts';
import { indent } from '../text.ts';
import { timelessMicros } from '../time-key-window.ts';
import { changedFlag, type ChangingGroups, field, header } from './changing-groups.ts';
import { keyArguments } from './group-functions.ts';
import type { KeptGroupRows } from './kept-group-rows.ts';

/** Statements at the end of the flow: each row into its group. */
export function groupRows(groups: ChangingGroups, kept: KeptGroupRows | null): string[] {
  const { module, state, weight, node, number, layout } = groups;
  const scope = new RowScope(module, node.id, groups.bindings, 'row');
  if (weight !== null) {
    scope.emit(`const weight = load<i32>(${weight} + (row << 2));`);
    scope.emit('if (weight == 0) continue;');
  }
  if (groups.single) scope.emit(`const p = <usize>load<u32>(${state}, ${field.single});`);
  else {
    const values = groups.keyExpressions.map((key) => scope.compile(key));
    const { words, mark } = layout.keys.pack(scope, module, values);
    const args = keyArguments(layout, words, mark);
    scope.emit(`let p = find${number}(${args});`);
    scope.inner('if (p == 0)', (inner) => {
      newGroup(groups, inner, args);
      if (groups.schedule.kind === 'once') for (const line of markChanged(groups)) inner.emit(line);
    });
  }
  if (groups.expiry.kind === 'ttl') scope.emit(`store<i64>(p - ${header.due}, ${touched(groups.expiry.micros)});`);
  if (groups.countsRows) {
    const added = weight === null ? '1' : '<i64>weight';
    scope.emit(`store<i64>(p - ${header.rows}, load<i64>(p - ${header.rows}) + ${added});`);
  }
  const { kind } = groups.schedule;
  if (kind === 'push' || kind === 'early') for (const line of markChanged(groups)) scope.emit(line);
  if (kind === 'once') scope.inner('if (fresh)', (inner) => accumulate(groups, inner));
  else accumulate(groups, scope);
  kept?.keep(scope);
  const fresh = kind === 'once' ? ['let fresh = false;'] : [];
  return [
    `const watermark = load<i64>(${state});`,
    'for (let r = from; r < to; r += 2) {',
    '  const row = <usize>load<u16>(r);',
    ...indent([...fresh, ...scope.lines]),
    '}',
  ];
}

function newGroup(groups: ChangingGroups, scope: RowScope, args: string): void {
  const { expiry, module, state, number, node } = groups;
  if (expiry.kind === 'time') {
    const time = scope.with(node.id, expiry.bindings).compile(expiry.time);
    const at = time.parts[0] as string;
    const none = `${time.valid === 'true' ? '' : `!${time.valid} || `}${module.import('selection', 'isInfinite')}(${at})`;
    scope.emit(`const due = select<i64>(${timelessMicros}, ${at}, ${none}) + ${expiry.afterMicros};`);
    scope.emit(`if (due <= load<i64>(${state}, ${field.resumed})) continue;`);
    scope.emit(`if (due <= watermark) ${module.import('failure', 'lateRow')}(${node.id});`);
  }
  const live = module.import('record-pool', 'liveRecords');
  // It stays to the end: its rows are needed from here on.
  if (expiry.kind === 'time') {
    const since = `load<i64>(${state}, ${field.timeless})`;
    scope.emit(`if (due >= ${timelessMicros} && watermark < ${since}) store<i64>(${state}, watermark, ${field.timeless});`);
  }
  scope.emit(`if (${live}(${groups.table}) == 0) store<i64>(${state}, watermark, ${field.born});`);
  scope.emit(`p = insert${number}(${args});`);
  if (groups.schedule.kind === 'once') scope.emit('fresh = true;');
  if (expiry.kind === 'never') return;
  scope.emit(`store<i64>(p - ${header.due}, ${expiry.kind === 'time' ? 'due' : touched(expiry.micros)});`);
  scope.emit(`${module.import('timer-wheel', 'armTimer')}(${groups.wheel}, p - ${header.timer});`);
}

/** Before the first watermark there is none to count from: the timer finds such a group, and gives it its time. */
function touched(micros: bigint): string {
  return `watermark + ${micros}`;
}

function markChanged({ module, changedList }: ChangingGroups): string[] {
  return [
    `if ((load<u32>(p - ${header.flags}) & ${changedFlag}) == 0) {`,
    `  store<u32>(p - ${header.flags}, load<u32>(p - ${header.flags}) | ${changedFlag});`,
    `  ${module.import('changed-list', 'linkChanged')}(${changedList}, p);`,
    '}',
  ];
}

function accumulate(groups: ChangingGroups, scope: RowScope): void {
  const { accumulators, weight } = groups;
  if (weight === null) {
    writeUpdates(accumulators, scope, (accumulator, args, inner) => accumulator.update(args, inner, '<i64>0'));
    return;
  }
  const invertible = accumulators.filter(({ accumulator }) => accumulator.retract !== undefined);
  if (invertible.length === 0) return;
  scope.inner('for (let n = weight; n > 0; n--)', (inner) => {
    writeUpdates(invertible, inner, (accumulator, args: readonly Value[], deep) => accumulator.update(args, deep, '<i64>0'));
  });
  scope.inner('for (let n = weight; n < 0; n++)', (inner) => {
    writeUpdates(invertible, inner, (accumulator, args: readonly Value[], deep) => accumulator.retract?.(args, deep) ?? []);
  });
}
