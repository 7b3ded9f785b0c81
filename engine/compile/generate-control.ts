import type { ModuleBuilder } from './module-builder.ts';
import type { Stage } from './stage.ts';
import { generatedFunction, indent } from './text.ts';

/** A function that takes rows on, and where they come to rest: a stage, by number, or the query's output (null). */
export interface FlowEnd {
  readonly process: string;
  readonly target: number | null;
}

export interface PlacedStage {
  readonly stage: Stage;
  readonly consumer: FlowEnd;
}

/** State of the control: query's watermark, next stage to close (0: none), input whose rows are still to be put out (from 1), its rows. */
const control = 'control';
const closingAt = 8;
const pendingAt = 12;
const pendingRowsAt = 16;
const dueAt = 24;
/** i64: the watermark that follows the one at hand. */
const following = 'followingWatermark';

/**
 * What drives a query's flows and stages: push, advance, step, resume, and questions about state. After each push and advance `step`
 * goes on until there are output rows (returned) or nothing is left to do (0). The last stage goes first, so that nothing piles up;
 * a stage closes only after all stages before it have closed and been drained. `reachMicros`: how long before an output row's times
 * the source rows that made it may lie, as far as stages do not tell it themselves. `earlyMicros`: the watermark stops at the last
 * multiple that it passes, where early results are due; null: there are none.
 */
export function generateControl(
  module: ModuleBuilder,
  inputs: readonly FlowEnd[],
  stages: readonly PlacedStage[],
  reachMicros: bigint,
  earlyMicros: bigint | null,
): void {
  module.reserve(control, dueAt + 4 * (stages.length + 1));
  if (earlyMicros !== null) module.reserve(following, 8);
  module.add(generatePush(inputs, stages));
  module.add(
    generatedFunction('export function advance(watermark: i64): void', [
      `if (watermark <= load<i64>(${control})) return;`,
      ...(earlyMicros === null ? [] : stopAtMultiple(module, earlyMicros)),
      `store<i64>(${control}, watermark);`,
      ...(stages.length > 0 ? closeFirst(stages) : []),
    ]),
  );
  module.add(generateStep(module, inputs, stages, earlyMicros !== null));
  module.add(generateResume(stages));
  module.add(generateClear(inputs, stages));
  const oldest = stages
    .toReversed()
    .flatMap(({ stage: { number, reaches = false } }) => [
      ...(reaches ? [`oldest = reach${number}(oldest);`] : []),
      `oldest = min<i64>(oldest, oldest${number}());`,
    ]);
  const asked =
    reachMicros === 0n ? 'asked' : `asked == i64.MAX_VALUE ? asked : max<i64>(asked, i64.MIN_VALUE + ${reachMicros}) - ${reachMicros}`;
  module.add(generatedFunction('export function oldestOpen(asked: i64): i64', [`let oldest = ${asked};`, ...oldest, 'return oldest;']));
  for (const name of ['stateRows', 'stateBytes']) {
    const cases = [...new Set(stages.map(({ stage }) => stage.node.id))].map((node) => {
      const own = stages.filter(({ stage }) => stage.node.id === node);
      return `if (node == ${node}) return ${own.map(({ stage }) => `${name}${stage.number}()`).join(' + ')};`;
    });
    module.add(generatedFunction(`export function ${name}(node: i32): f64`, [...cases, 'return 0;']));
  }
  module.add(generatedFunction('export function unlearntRows(): f64', [`return ${module.unlearntRows()};`]));
  generateStart(module, stages, earlyMicros !== null);
}

function due(stage: number): string {
  return `${dueAt + 4 * stage}`;
}

/** Statements after rows went to a stage: it has to be asked for rows. */
function wake(target: number | null, stages: readonly PlacedStage[]): string[] {
  const placed = stages.find(({ stage }) => stage.number === target);
  return placed?.stage.emits === 'always' ? [`store<u32>(${control}, 1, ${due(placed.stage.number)});`] : [];
}

function generatePush(inputs: readonly FlowEnd[], stages: readonly PlacedStage[]): string {
  const bodies = inputs.map(({ process, target }, k) =>
    target === null
      ? [`store<u32>(${control}, ${k + 1}, ${pendingAt});`, `store<u32>(${control}, rows, ${pendingRowsAt});`]
      : [`${process}(rows);`, ...wake(target, stages)],
  );
  return generatedFunction('export function push(input: u32, rows: u32): void', choose('input', bodies, 0));
}

/** Runs the body of the number that a local holds. */
function choose(local: string, bodies: readonly (readonly string[])[], first: number): string[] {
  if (bodies.length === 1) return [...(bodies[0] as readonly string[])];
  return bodies
    .flatMap((body, k) => [`${k === 0 ? '' : '} else '}if (${local} == ${k + first}) {`, ...indent(body)])
    .concat(bodies.length === 0 ? [] : ['}']);
}

function generateStep(module: ModuleBuilder, inputs: readonly FlowEnd[], stages: readonly PlacedStage[], stops: boolean): string {
  const draining = stages.toReversed().flatMap(({ stage, consumer }) => {
    const count = stage.counts === false ? [] : [`${module.import('counters', 'countOut')}(counters, ${stage.node.id}, rows);`];
    const handOn =
      consumer.target === null
        ? [`const out = ${consumer.process}(rows);`, 'if (out != 0) return out;', 'continue;']
        : [`${consumer.process}(rows);`, ...wake(consumer.target, stages), 'continue;'];
    return [
      `if (load<u32>(${control}, ${due(stage.number)}) != 0) {`,
      `  const rows = emit${stage.number}();`,
      '  if (rows != 0) {',
      ...indent([...count, ...handOn], 2),
      '  }',
      `  store<u32>(${control}, 0, ${due(stage.number)});`,
      '}',
    ];
  });
  const lines = [
    'while (true) {',
    ...indent([...draining, ...putOutPending(inputs), ...closeNext(stages), ...(stops ? goOn(stages) : []), 'return 0;']),
    '}',
  ];
  return generatedFunction('export function step(): u32', lines);
}

/** Statements of `advance`: the watermark goes first to the last multiple on its way, and on from there when all is put out. */
function stopAtMultiple(module: ModuleBuilder, micros: bigint): string[] {
  const floor = module.import('selection', 'floorDivide');
  return [
    `store<i64>(${following}, watermark);`,
    `const multiple = watermark == i64.MAX_VALUE ? watermark : ${floor}(watermark, ${micros}) * ${micros};`,
    `if (multiple > load<i64>(${control})) watermark = multiple;`,
  ];
}

function goOn(stages: readonly PlacedStage[]): string[] {
  return [
    `const next = load<i64>(${following});`,
    `if (next > load<i64>(${control})) {`,
    `  store<i64>(${control}, next);`,
    ...indent(closeFirst(stages, 'next')),
    '  continue;',
    '}',
  ];
}

/** Rows of an input that go to the output without a stage between: here, so that `step` can return them. */
function putOutPending(inputs: readonly FlowEnd[]): string[] {
  const direct = inputs.flatMap(({ process, target }, k) => (target === null ? [{ process, k }] : []));
  if (direct.length === 0) return [];
  const calls = direct.map(({ process, k }) => `if (pending == ${k + 1}) out = ${process}(load<u32>(${control}, ${pendingRowsAt}));`);
  return [
    `const pending = load<u32>(${control}, ${pendingAt});`,
    'if (pending != 0) {',
    `  store<u32>(${control}, 0, ${pendingAt});`,
    '  let out: u32 = 0;',
    ...indent(calls),
    '  if (out != 0) return out;',
    '}',
  ];
}

/** The first stage closes at once, so that rows that come too late are noticed whether or not the caller has drained. */
function closeFirst(stages: readonly PlacedStage[], watermark = 'watermark'): string[] {
  return [
    `close1(${watermark});`,
    `store<u32>(${control}, 1, ${due(1)});`,
    ...(stages.length > 1 ? [`store<u32>(${control}, 2, ${closingAt});`] : []),
  ];
}

function closeNext(stages: readonly PlacedStage[]): string[] {
  if (stages.length < 2) return [];
  const closing = stages
    .slice(1)
    .map(({ stage }) => [`close${stage.number}(load<i64>(${control}));`, `store<u32>(${control}, 1, ${due(stage.number)});`]);
  const last = stages.length;
  return [
    `const closing = load<u32>(${control}, ${closingAt});`,
    'if (closing != 0) {',
    `  store<u32>(${control}, closing == ${last} ? 0 : closing + 1, ${closingAt});`,
    ...indent(choose('closing', closing, 2)),
    '  continue;',
    '}',
  ];
}

/** Rows of an input that is a table are forgotten: others take their place. */
function generateClear(inputs: readonly FlowEnd[], stages: readonly PlacedStage[]): string {
  const lines = inputs.flatMap(({ target }, k) => {
    const placed = stages.find(({ stage }) => stage.number === target && stage.clears === true);
    return placed === undefined ? [] : [`if (input == ${k}) clear${placed.stage.number}();`];
  });
  return generatedFunction('export function clear(input: u32): void', lines);
}

/** What has been put out before comes from the stages that feed the output, through such that keep nothing: those forget it. */
function generateResume(stages: readonly PlacedStage[]): string {
  const feeding = new Set<number | null>([null]);
  const lines: string[] = [];
  for (const { stage, consumer } of stages.toReversed()) {
    if (!feeding.has(consumer.target)) continue;
    if (stage.resumes) lines.push(`resume${stage.number}(watermark);`);
    else feeding.add(stage.number);
  }
  return generatedFunction('export function resumeFrom(watermark: i64): void', lines);
}

/** Constant rows are there before any other. */
function putConstants(module: ModuleBuilder, { stage, consumer }: PlacedStage, stages: readonly PlacedStage[]): string[] {
  if (consumer.target === null) return [`store<u32>(${control}, 1, ${due(stage.number)});`];
  const count = `${module.import('counters', 'countOut')}(counters, ${stage.node.id}, constants);`;
  return [
    '{',
    `  const constants = emit${stage.number}();`,
    `  ${count}`,
    `  if (constants != 0) ${consumer.process}(constants);`,
    '}',
    ...wake(consumer.target, stages),
  ];
}

/** `start(seed, seed)`: once, before anything else. */
function generateStart(module: ModuleBuilder, stages: readonly PlacedStage[], stops: boolean): void {
  const strings = (name: string) => module.import('string-table', name);
  const lines = [
    `${module.import('memory', 'limitMemory')}(pagesMax);`,
    `${module.import('hash', 'seedHashes')}(first, second);`,
    `${module.import('selection', 'initialiseSelection')}();`,
    `${module.import('input', 'initialiseInput')}();`,
    `${strings('initialiseStrings')}();`,
    ...module.constantStatements(),
    `${strings('pinStrings')}();`,
    `store<i64>(${control}, i64.MIN_VALUE);`,
    ...(stops ? [`store<i64>(${following}, i64.MIN_VALUE);`] : []),
    ...stages.map(({ stage }) => `start${stage.number}();`),
    ...stages.flatMap((placed) => (placed.stage.node.kind === 'values' ? putConstants(module, placed, stages) : [])),
  ];
  module.add(generatedFunction('export function start(first: u64, second: u64, pagesMax: u32): void', lines));
  const marks = stages.flatMap(({ stage }) => (stage.marks ? [`mark${stage.number}();`] : []));
  module.add(generatedFunction('export function markStrings(): void', [`${strings('beginMarking')}();`, ...marks]));
}
