import type { AggregateStage } from './aggregate-stage.ts';
import { stateBytes } from './generate-emission.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { unitsOf } from './slices/slice-units.ts';
import { followsEnds, type StageWindow } from './stage-window.ts';
import { generatedFunction } from './text.ts';

/** Start, closing, resume and sizes of an aggregate whose groups lie in panes. */
export function generatePanes(stage: AggregateStage): void {
  const { module, number } = stage;
  const panes = (name: string) => module.import('pane-table', name);
  module.reserve(stage.panes, 24);
  module.reserve(stage.state, stateBytes);
  module.add(
    generatedFunction(`function start${number}(): void`, [
      `${panes('initialisePanes')}(${stage.panes}, ${stage.layout.bytes});`,
      ...[0, 8, 16, 32].map((offset) => `store<i64>(${stage.state}, i64.MIN_VALUE, ${offset});`),
      `store<u32>(${stage.state}, 4, 60);`,
    ]),
  );
  module.add(generateClosing(stage));
  module.add(generateResume(stage));
  module.add(generateOldest(stage));
  module.add(generatedFunction(`function stateRows${number}(): f64`, [`return ${panes('groupsHeld')}(${stage.panes});`]));
  module.add(generatedFunction(`function stateBytes${number}(): f64`, [`return ${panes('tableBytes')}(${stage.panes});`]));
}

/** First window that is open at `watermark`. */
function firstOpen(module: ModuleBuilder, window: StageWindow, watermark: string): string {
  const before = window.close === 0n ? watermark : `${watermark} - ${window.close}`;
  return `${module.import('selection', 'floorDivide')}(${before}, ${window.slide}) + 1`;
}

/** `closeK(watermark)`: windows that end by then are due; `emitK` puts them out. */
export function generateClosing({ module, window, state, number }: AggregateStage): string {
  const boundary = window.mode === 'slices' ? `${module.import('selection', 'floorDivide')}(own, ${unitsOf(window).micros})` : 'open';
  return generatedFunction(`function close${number}(watermark: i64): void`, [
    `const own = ${ownWatermark(module, window, 'watermark', (below) => `load<i64>(${below})`)};`,
    `const open = ${firstOpen(module, window, 'own')};`,
    `store<i64>(${state}, own);`,
    `store<i64>(${state}, ${boundary}, 8);`,
  ]);
}

/**
 * Watermark in the time that an aggregate windows by: no row with an earlier one can come any more. `query`: the query's own; `before`:
 * that of the aggregate before, by its state, which has put out all that it closes.
 */
function ownWatermark(module: ModuleBuilder, own: StageWindow, query: string, before: (state: string) => string): string {
  if (own.follows.kind === 'query') {
    const { delay } = own.follows;
    return delay === 0n ? query : unlessEnded(query, `${query} - ${delay}`);
  }
  const { window, state } = own.follows.column;
  const start = `(${firstOpen(module, window, before(state))}) * ${window.slide}`;
  return unlessEnded(before(state), followsEnds(own) ? `${start} + ${window.size}` : start);
}

/** An input that has ended is at the largest watermark there is, and so is what follows it: arithmetic would wrap. */
function unlessEnded(watermark: string, following: string): string {
  return `select<i64>(i64.MAX_VALUE, ${following}, ${watermark} == i64.MAX_VALUE)`;
}

/** `resumeK(watermark)`: windows that were closed then take no rows. */
export function generateResume({ module, window, state, number }: AggregateStage): string {
  const lines: string[] = [];
  const reached = (below: string) => `of${below}`;
  const visit = (own: StageWindow, name: string): void => {
    if (own.follows.kind === 'window') visit(own.follows.column.window, reached(own.follows.column.state));
    lines.push(`const ${name} = ${ownWatermark(module, own, 'watermark', reached)};`);
  };
  visit(window, 'own');
  lines.push(`const open = ${firstOpen(module, window, 'own')};`);
  if (window.mode === 'slices') lines.push(`store<i64>(${state}, open, 32);`);
  lines.push(`store<i64>(${state}, ${window.mode === 'slices' ? `open * ${unitsOf(window).perSlide}` : 'open'}, 16);`);
  return generatedFunction(`function resume${number}(watermark: i64): void`, lines);
}

function generateOldest(stage: AggregateStage): string {
  const panes = (name: string) => stage.module.import('pane-table', name);
  const index = `${panes('paneIndex')}(${panes('paneAt')}(${stage.panes}, 0))`;
  return generatedFunction(`function oldest${stage.number}(): i64`, [
    `if (${panes('paneCount')}(${stage.panes}) == 0) return i64.MAX_VALUE;`,
    `return ${index} * ${stage.window.slide} - ${stage.backMicros};`,
  ]);
}
