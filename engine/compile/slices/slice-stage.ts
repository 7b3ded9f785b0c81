import type { AggregateStage } from '../aggregate-stage.ts';
import type { WrittenColumns } from '../column-memory.ts';
import type { Flow } from '../flow.ts';
import { addSliceFunctions } from './slice-functions.ts';
import { updates } from '../generate-aggregate.ts';
import { generateClosing, generateResume } from '../generate-panes.ts';
import { partitionRows } from '../generate-partition.ts';
import { withInputs } from '../generate-selection.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { loopTouching } from '../touch-groups.ts';
import { closedAt, frontLastAt, generateSliceEmission, ignoredAt, sequenceAt, stateBytes, touchedAt, windowAt } from './slice-emission.ts';
import { never, SliceGroups } from './slice-groups.ts';
import { type SliceUnits, unitsOf } from './slice-units.ts';

/** Whether two stacks serve: an accumulator that owns memory would have to be copied with each merge. */
export function slicesServe(stage: AggregateStage): boolean {
  return stage.window.mode === 'slices' && stage.accumulators.every(({ accumulator }) => accumulator.release === undefined);
}

/** The functions of a stage that aggregates by hop() windows in slices. */
export function generateSlices(stage: AggregateStage, flow: Flow): { columns: WrittenColumns; marks: boolean } {
  const { module, number } = stage;
  const units = unitsOf(stage.window);
  const groups = new SliceGroups(stage);
  module.reserve(stage.state, stateBytes);
  flow.finish(partitionRows(stage, flow.rowTimes(stage.window), units.micros));
  module.add(generateRows(stage, groups));
  addSliceFunctions(groups);
  const columns = generateSliceEmission(stage, groups, units);
  generateControl(stage, groups, units);
  const marks = markLines(stage, groups);
  if (marks.length > 0) module.add(generatedFunction(`function mark${number}(): void`, marks));
  return { columns, marks: marks.length > 0 };
}

/** `aggregateK(index, from, to)`: rows of one slice into its nodes. */
function generateRows(stage: AggregateStage, groups: SliceGroups): string {
  const { module, number, state, layout } = stage;
  const scope = new RowScope(module, stage.node.id, stage.bindings, 'row');
  const { words, mark } = layout.keys.pack(
    scope,
    module,
    stage.keyExpressions.map((key) => scope.compile(key)),
  );
  scope.lines.push(...groups.find(words, mark));
  updates(stage, scope);
  return generatedFunction(
    `function aggregate${number}(index: i64, from: usize, to: usize): void`,
    withInputs([
      `if (index < load<i64>(${state}, ${ignoredAt})) return;`,
      `if (index < load<i64>(${state}, ${closedAt})) ${module.import('failure', 'lateRow')}(${stage.node.id});`,
      `const sequence = load<i64>(${state}, ${sequenceAt});`,
      `const multiplier = ${groups.group('groupMultiplier')}(${groups.groups});`,
      ...groups.tableLocals('let '),
      ...loopTouching(
        {
          module,
          node: stage.node.id,
          bindings: stage.bindings,
          keys: stage.keyExpressions,
          layout,
          groups: groups.groups,
          slotBytes: groups.groupBytes,
          hash: (each, bits) => groups.hash(each, bits),
        },
        scope.lines,
        `${state} + ${touchedAt}`,
      ),
    ]),
  );
}

function generateControl(stage: AggregateStage, groups: SliceGroups, units: SliceUnits): void {
  const { module, number, state } = stage;
  module.add(
    generatedFunction(`function start${number}(): void`, [
      `${groups.group('initialiseGroups')}(${groups.groups}, ${groups.groupBytes});`,
      `${groups.arena('initialiseArenas')}(${groups.opened}, ${groups.nodeBytes});`,
      `${groups.arena('initialiseArenas')}(${groups.arenas}, ${groups.recordBytes});`,
      ...[0, closedAt, ignoredAt, windowAt, frontLastAt].map((at) => `store<i64>(${state}, ${never}, ${at});`),
      `const p = ${groups.neutralContent};`,
      ...stage.accumulators.flatMap(({ accumulator }) => [...(accumulator.initialise?.() ?? [])]),
    ]),
  );
  module.add(generateClosing(stage));
  module.add(generateResume(stage));
  module.add(
    generatedFunction(`function oldest${number}(): i64`, [
      `const oldest = ${groups.least};`,
      `return oldest == i64.MAX_VALUE ? oldest : oldest * ${units.micros} - ${stage.backMicros};`,
    ]),
  );
  module.add(generatedFunction(`function stateRows${number}(): f64`, [`return ${groups.group('groupsLive')}(${groups.groups});`]));
  module.add(
    generatedFunction(`function stateBytes${number}(): f64`, [
      `return ${groups.group('groupsStateBytes')}(${groups.groups}) + ${groups.arena('arenaBytes')}(${groups.opened}) + ${groups.arena('arenaBytes')}(${groups.arenas});`,
    ]),
  );
}

/** Statements that mark the strings of all groups and of all slices. */
function markLines(stage: AggregateStage, groups: SliceGroups): string[] {
  const mark = stage.module.import('string-table', 'markString');
  const keys = stage.layout.keys.strings().map((offset) => `${mark}(load<u32>(${groups.groupContent('slot')}, ${offset}));`);
  const pieces = stage.accumulators.flatMap(({ accumulator }) => [...(accumulator.mark?.() ?? [])]);
  if (pieces.length === 0) return keys.length === 0 ? [] : groups.each(keys);
  const content = (address: string) => ['{', `  const p: usize = ${address};`, ...indent(pieces), '}'];
  return [
    ...groups.each([
      ...keys,
      `for (let node = ${groups.open('slot')}; node != 0; node = ${groups.next('node')}) {`,
      ...indent(content(groups.nodeContent('node'))),
      '}',
      ...content(groups.groupContent('slot')),
      ...content(groups.frontContent('slot')),
    ]),
    `for (let k: u32 = 0; k < ${groups.arena('sliceCount')}(${groups.arenas}); k++) {`,
    `  const slice = ${groups.arena('slicePool')}(${groups.arena('sliceAt')}(${groups.arenas}, k));`,
    `  for (let chunk = ${groups.pool('firstChunk')}(slice); chunk != 0; chunk = ${groups.pool('nextChunk')}(chunk)) {`,
    `    const end = ${groups.pool('chunkEnd')}(slice, chunk);`,
    `    for (let record = ${groups.pool('chunkRecords')}(chunk); record < end; record += ${groups.recordBytes}) {`,
    ...indent(content(groups.recordContent('record')), 3),
    '    }',
    '  }',
    '}',
  ];
}
