import type { AggregateStage } from './aggregate-stage.ts';
import { stateBytes } from './generate-emission.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { generatedFunction, indent } from './text.ts';

/** What drives the stages of a query with aggregates: start, advance, step, resume, and questions about state. */
export function generateControl(module: ModuleBuilder, stages: readonly AggregateStage[]): void {
  if (stages.length > 0) module.reserve('queryWatermark', 16);
  for (const stage of stages) {
    module.reserve(stage.panes, 24);
    module.reserve(stage.state, stateBytes);
    module.add(generateClosing(stage));
  }
  module.add(
    generatedFunction('export function advance(watermark: i64): void', [
      ...(stages.length > 0
        ? [
            'if (watermark <= load<i64>(queryWatermark)) return;',
            'store<i64>(queryWatermark, watermark);',
            `close1(${stageWatermark(stages, stages[0] as AggregateStage, 'watermark', '')});`,
          ]
        : []),
    ]),
  );
  if (stages.length > 0) module.add(generateStep(stages));
  module.add(generateResume(stages));
  module.add(generateOldest(module, stages));
  module.add(generateSizes(module, stages));
}

/** First window that is open at `watermark`. */
function firstOpen(stage: AggregateStage, watermark: string): string {
  const floor = stage.module.import('selection', 'floorDivide');
  return `${floor}(${watermark} - ${stage.window.close}, ${stage.window.slide}) + 1`;
}

/** `closeK(watermark)`: windows that end by then are due; `emitK` puts them out. */
function generateClosing(stage: AggregateStage): string {
  const { window } = stage;
  const boundary = window.mode === 'slices' ? `open - 1 + ${window.size / window.slide}` : 'open';
  return generatedFunction(`function close${stage.number}(watermark: i64): void`, [
    `const open = ${firstOpen(stage, 'watermark')};`,
    `store<i64>(${stage.state}, watermark);`,
    `store<i64>(${stage.state}, ${boundary}, 8);`,
    `store<u32>(${stage.state}, 1, 52);`,
  ]);
}

/**
 * Watermark of a stage, in the time that it windows by: no row with an earlier one can come any more. `query`: the query's own;
 * `before`: that of the stage before, which has put out all that it closes.
 */
function stageWatermark(stages: readonly AggregateStage[], stage: AggregateStage, query: string, before: string): string {
  const { follows } = stage.window;
  if (follows.kind === 'query') return follows.delay === 0n ? query : unlessEnded(query, `${query} - ${follows.delay}`);
  const previous = stages[stage.number - 2] as AggregateStage;
  const start = `(${firstOpen(previous, before)}) * ${previous.window.slide}`;
  return unlessEnded(before, endsCount(stage) ? `${start} + ${previous.window.size}` : start);
}

/** An input that has ended is at the largest watermark there is, and so is what follows it: arithmetic would wrap. */
function unlessEnded(watermark: string, following: string): string {
  return `select<i64>(i64.MAX_VALUE, ${following}, ${watermark} == i64.MAX_VALUE)`;
}

function endsCount(stage: AggregateStage): boolean {
  const { follows, shift } = stage.window;
  return follows.kind === 'window' && follows.column.part === 'end' && shift === 0n;
}

/**
 * Goes on until there are output rows (returned) or nothing is left to do (0). The last stage goes first, so that nothing piles up;
 * a stage closes only after the one before it has put out all it had.
 */
function generateStep(stages: readonly AggregateStage[]): string {
  const blocks = [...stages].reverse().map((stage) => {
    const next = stages[stage.number];
    const after =
      next === undefined
        ? ['continue;']
        : [`close${next.number}(${stageWatermark(stages, next, 'load<i64>(queryWatermark)', `load<i64>(${stage.state})`)});`, 'continue;'];
    const handOn =
      next === undefined
        ? [`const out = process${stage.number}(rows);`, 'if (out != 0) return out;', 'continue;']
        : [`process${stage.number}(rows);`, 'continue;'];
    return [
      `if (load<u32>(${stage.state}, 52) != 0) {`,
      `  const rows = emit${stage.number}();`,
      '  if (rows != 0) {',
      ...indent(handOn, 2),
      '  }',
      `  store<u32>(${stage.state}, 0, 52);`,
      ...indent(after),
      '}',
    ];
  });
  return generatedFunction('export function step(): u32', ['while (true) {', ...indent([...blocks.flat(), 'return 0;']), '}']);
}

/** Only what the last stage puts out is known to have been seen before: its closed windows take no rows. */
function generateResume(stages: readonly AggregateStage[]): string {
  const last = stages.at(-1);
  const lines: string[] = [];
  if (last !== undefined) {
    for (const stage of stages) {
      lines.push(`const watermark${stage.number} = ${stageWatermark(stages, stage, 'watermark', `watermark${stage.number - 1}`)};`);
    }
    lines.push(`const open = ${firstOpen(last, `watermark${last.number}`)};`);
    if (last.window.mode === 'slices') {
      lines.push(`store<i64>(${last.state}, open, 32);`);
      lines.push(`store<i64>(${last.state}, open, 16);`);
    } else lines.push(`store<i64>(${last.state}, open, 16);`);
  }
  return generatedFunction('export function resumeFrom(watermark: i64): void', lines);
}

/** Event time from which rows are needed to make the open windows again; i64.MAX_VALUE when none is open. */
function generateOldest(module: ModuleBuilder, stages: readonly AggregateStage[]): string {
  const lines = ['let oldest = i64.MAX_VALUE;'];
  for (const stage of stages) {
    const count = module.import('pane-table', 'paneCount');
    const index = `${module.import('pane-table', 'paneIndex')}(${module.import('pane-table', 'paneAt')}(${stage.panes}, 0))`;
    // A window needs the rows of windows below that lie before its own start, unless it goes by their starts.
    let back = 0n;
    for (let k = stage.number; k > 1; k--) {
      const upper = stages[k - 1] as AggregateStage;
      if (endsCount(upper) || upper.window.follows.kind === 'query') back += (stages[k - 2] as AggregateStage).window.size;
    }
    lines.push(`if (${count}(${stage.panes}) != 0) oldest = min<i64>(oldest, ${index} * ${stage.window.slide} - ${back});`);
  }
  return generatedFunction('export function oldestOpen(): i64', [...lines, 'return oldest;']);
}

function generateSizes(module: ModuleBuilder, stages: readonly AggregateStage[]): string {
  const of = (name: string) =>
    stages.map((stage) => `if (stage == ${stage.number}) return ${module.import('pane-table', name)}(${stage.panes});`);
  return [
    generatedFunction(
      'export function stateRows(stage: i32): f64',
      stages.length === 0 ? ['return 0;'] : [...of('groupsHeld'), 'return 0;'],
    ),
    generatedFunction(
      'export function stateBytes(stage: i32): f64',
      stages.length === 0 ? ['return 0;'] : [...of('tableBytes'), 'return 0;'],
    ),
  ].join('\n\n');
}

/** `start(seed, seed)`: once, before anything else. */
export function generateStart(module: ModuleBuilder, stages: readonly AggregateStage[], marks: readonly number[]): void {
  const strings = (name: string) => module.import('string-table', name);
  const lines = [
    `${module.import('memory', 'limitMemory')}(pagesMax);`,
    `${module.import('hash', 'seedHashes')}(first, second);`,
    `${module.import('selection', 'initialiseSelection')}();`,
    `${module.import('input', 'initialiseInput')}();`,
    `${strings('initialiseStrings')}();`,
    ...module.constantStatements(),
    `${strings('pinStrings')}();`,
    ...(stages.length > 0 ? ['store<i64>(queryWatermark, i64.MIN_VALUE);'] : []),
    ...stages.flatMap((stage) => [
      `${module.import('pane-table', 'initialisePanes')}(${stage.panes}, ${stage.layout.bytes});`,
      ...[0, 8, 16, 32].map((offset) => `store<i64>(${stage.state}, i64.MIN_VALUE, ${offset});`),
      `store<u32>(${stage.state}, 4, 60);`,
    ]),
  ];
  module.add(generatedFunction('export function start(first: u64, second: u64, pagesMax: u32): void', lines));
  module.add(
    generatedFunction('export function markStrings(): void', [
      `${strings('beginMarking')}();`,
      ...marks.map((number) => `mark${number}();`),
    ]),
  );
}
