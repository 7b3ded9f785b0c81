import type { Flow } from '../flow.ts';
import { reachLogBytes } from '../reach-log.ts';
import type { Stage, StageContext } from '../stage.ts';
import { indent } from '../text.ts';
import { bind } from '../expression/value.ts';
import { RowScope } from '../row-scope.ts';
import type { OverNode } from './evaluate-calls.ts';
import { generateControl, generateMark, generateSweep } from './time-order-control.ts';
import { generateEmit, generateTakeIn, generateTouch } from './time-order-emission.ts';
import {
  pool,
  queue,
  reachLog,
  state,
  type TimeMode,
  timelessAt,
  timeOrderParts,
  type TimeParts,
  timeStateBytes,
} from './time-order-parts.ts';

/** OVER in the order of event time: rows wait until the watermark has passed their time, then each is added to its partition and put out. */
export function buildTimeOrderStage(context: StageContext, node: OverNode, flow: Flow, mode: TimeMode): Stage {
  const parts = timeOrderParts(context, node, flow, mode);
  const { module, number } = parts;
  module.reserve(state(number), timeStateBytes);
  module.reserve(queue(number), 672);
  module.reserve(pool(number), 32);
  module.reserve(reachLog(number), reachLogBytes);
  takeRows(parts);
  generateTakeIn(parts);
  generateTouch(parts);
  const columns = generateEmit(parts);
  generateSweep(parts);
  generateControl(parts);
  return {
    number,
    node,
    columns: columns.accesses,
    weight: null,
    emits: 'closing',
    marks: generateMark(parts),
    resumes: true,
    reachMicros: flow.reachMicros,
    reaches: true,
  };
}

/** The flow's tail: each row is kept, and queued by its time; those without one come last of all. */
function takeRows({ module, number, node, flow, mode, waiting }: TimeParts): void {
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  const value = scope.compile(mode.order.expression);
  const time = bind(
    scope,
    value.valid === 'true' ? (value.parts[0] as string) : `${value.valid} ? ${value.parts[0]} : i64.MAX_VALUE`,
    'i64',
    'time',
  );
  // Nobody knows where in time it came: not before the watermark, of its partition's rows.
  const s = state(number);
  scope.emit(
    `if (${time} == i64.MAX_VALUE) store<i64>(${s}, min<i64>(load<i64>(${s}, ${timelessAt}), load<i64>(${s}, 32)), ${timelessAt});`,
  );
  scope.emit(`const kept = ${module.import('record-pool', 'takeRecord')}(${pool(number)});`);
  const stores = waiting.write(scope, 'kept');
  scope.lines.push(...stores, `${module.import('reorder', 'addWaiting')}(${queue(number)}, ${time}, kept);`);
  flow.finish(['for (let r = from; r < to; r += 2) {', '  const row = <usize>load<u16>(r);', ...indent(scope.lines), '}']);
}
