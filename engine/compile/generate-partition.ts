import type { AggregateStage } from './aggregate-stage.ts';
import { generatedFunction } from './text.ts';

/** Statements that hand the rows `from`..`to`, whose times lie at `times`, to the panes of `unit` microseconds that they fall in. */
export function partitionRows(stage: AggregateStage, times: string, unit = stage.window.slide): string[] {
  const { module, window, number } = stage;
  const selection = (name: string) => module.import('selection', name);
  const floor = selection('floorDivide');
  const send = (index: string, from: string, to: string) =>
    window.mode === 'folds' ? `fold${number}(${index}, ${from}, ${to});` : `aggregate${number}(${index}, ${from}, ${to});`;
  return [
    'if (from == to) return;',
    `const times: usize = ${times};`,
    `${selection('measureTimes')}(times, from, to);`,
    `if (${selection('someInfinite')}()) {`,
    `  to = ${selection('dropInfinite')}(times, from, to);`,
    `  from = ${selection('selected')};`,
    '  if (from == to) return;',
    `  ${selection('measureTimes')}(times, from, to);`,
    '}',
    `const first = ${floor}(${selection('timeLow')}(), ${unit});`,
    `const last = ${floor}(${selection('timeHigh')}(), ${unit});`,
    'if (first == last) {',
    `  ${send('first', 'from', 'to')}`,
    `} else if (<u64>(last - first) < ${selection('paneSpanMax')}) {`,
    '  const panes = <u32>(last - first) + 1;',
    `  ${selection('sortByPane')}(times, from, to, first * ${unit}, ${unit}, panes);`,
    `  let at: usize = ${selection('sorted')};`,
    '  for (let k: u32 = 0; k < panes; k++) {',
    `    const end = ${selection('paneEnd')}(k);`,
    `    if (end > at) ${send('first + <i64>k', 'at', 'end')}`,
    '    at = end;',
    '  }',
    '} else {',
    '  while (from < to) {',
    `    const index = ${floor}(load<i64>(times + (<usize>load<u16>(from) << 3)), ${unit});`,
    `    const end = ${selection('runEnd')}(times, from, to, index * ${unit}, index * ${unit} + ${unit});`,
    `    ${send('index', 'from', 'end')}`,
    '    from = end;',
    '  }',
    '}',
    ...(stage.merged ? [`store<i64>(${stage.state}, load<i64>(${stage.state}, 24) + <i64>rows, 24);`] : []),
  ];
}

/** `foldK(index, from, to)`: rows of one slide into each of the windows that hold them. */
export function generateFold(stage: AggregateStage): string | null {
  const { window, number } = stage;
  if (window.mode !== 'folds') return null;
  return generatedFunction(`function fold${number}(index: i64, from: usize, to: usize): void`, [
    `for (let k: i64 = 0; k < ${window.folds}; k++) aggregate${number}(index - k, from, to);`,
  ]);
}
