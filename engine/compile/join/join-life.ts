import type { Stage } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import type { JoinSide } from './join-side.ts';
import type { JoinStage } from './join-stage.ts';
import { markRows } from './mark-rows.ts';
import { control } from './keep-rows.ts';

/** The functions of the stage that drive it: start, emission, closing, and questions about its state. `waiting`: sides whose rows are put out when they expire. */
export function generateLife(
  stage: JoinStage,
  waiting: readonly JoinSide[],
  generateExpiry: (stage: JoinStage, side: JoinSide) => string,
): Stage {
  const { module, number } = stage;
  const sides = [stage.left, stage.right];
  for (const side of waiting) module.add(generateExpiry(stage, side));
  module.add(generateStart(stage, sides));
  module.add(generateEmission(stage, waiting));
  module.add(generateClosing(stage, sides));
  const kernel = (file: string, name: string) => module.import(file, name);
  const both = (name: string, file = 'join-side') => sides.map((side) => `${kernel(file, name)}(${side.address})`);
  const [oldestLeft, oldestRight] = both('sideOldest', 'join-sweep');
  module.add(generatedFunction(`function oldest${number}(): i64`, [`return min<i64>(${oldestLeft}, ${oldestRight});`]));
  module.add(generatedFunction(`function stateRows${number}(): f64`, [`return ${both('sideRows').join(' + ')};`]));
  module.add(generatedFunction(`function stateBytes${number}(): f64`, [`return ${both('sideBytesHeld').join(' + ')};`]));
  const marks = sides.flatMap((side) => markRows(module, stage.keys, side, true));
  if (marks.length > 0) module.add(generatedFunction(`function mark${number}(): void`, marks));
  const resumes = waiting.length > 0 || sides.some((side) => side.expiry === null);
  if (resumes) {
    module.add(
      generatedFunction(`function resume${number}(watermark: i64): void`, [`store<i64>(${stage.control}, watermark, ${control.resume});`]),
    );
  }
  return {
    number,
    node: stage.node,
    columns: stage.columns.accesses,
    weight: stage.weight,
    emits: 'always',
    marks: marks.length > 0,
    resumes,
    reachMicros: reachOf(stage),
  };
}

function generateStart(stage: JoinStage, sides: readonly JoinSide[]): string {
  const { module, number } = stage;
  return generatedFunction(`function start${number}(): void`, [
    `store<i64>(${stage.control}, i64.MIN_VALUE, ${control.watermark});`,
    `store<i64>(${stage.control}, i64.MIN_VALUE, ${control.resume});`,
    `store<u64>(${stage.control}, ${module.import('hash', 'nextMultiplier')}(), ${control.multiplier});`,
    ...sides.map((side) => `${module.import('join-side', 'initialiseSide')}(${side.address}, ${side.layout.bytes}, ${stage.keys.bytes});`),
  ]);
}

function generateEmission(stage: JoinStage, waiting: readonly JoinSide[]): string {
  const { number } = stage;
  const expire = waiting.map((side) => `o = expire${side.name === 'left' ? 'Left' : 'Right'}${number}(o);`);
  return generatedFunction(`function emit${number}(): u32`, [
    ...stage.columns.clear(),
    `const side = load<u32>(${stage.control}, ${control.side});`,
    'let o: u32 = 0;',
    `if (side == 1) o = matchLeft${number}();`,
    `else if (side == 2) o = matchRight${number}();`,
    ...(expire.length === 0 ? [] : ['if (o == 0) {', ...indent(expire), '}']),
    'return o;',
  ]);
}

function generateClosing(stage: JoinStage, sides: readonly JoinSide[]): string {
  const { module, number } = stage;
  const undated = sides.filter((side) => side.expiry === null);
  const later = `${module.import('join-floor', 'laterBy')}(watermark, ${stage.ttlMicros ?? 0n})`;
  const date = undated.map((side) => `  ${module.import('join-sweep', 'dateRows')}(${side.address}, ${later});`);
  return generatedFunction(`function close${number}(watermark: i64): void`, [
    ...(date.length === 0 ? [] : [`if (load<i64>(${stage.control}, ${control.watermark}) == i64.MIN_VALUE) {`, ...date, '}']),
    `store<i64>(${stage.control}, watermark, ${control.watermark});`,
    ...sides.map((side) => `${module.import('join-side', 'setSideWatermark')}(${side.address}, watermark);`),
  ]);
}

/** A pair holds rows that lie as far apart as the join allows. */
const farthestMicros = 100n * 366n * 86_400_000_000n;

function reachOf({ left, right, node, spanMicros }: JoinStage): bigint {
  const reach = left.flow.reachMicros > right.flow.reachMicros ? left.flow.reachMicros : right.flow.reachMicros;
  return node.type === 'semi' || node.type === 'anti' ? reach : reach + (spanMicros ?? farthestMicros);
}
