import type { Stage } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';
import type { AsofStage } from './asof-stage.ts';

/**
 * Places of the stage's state: queue, versions, pools of records, and numbers. `bound`: what is before it is taken; `done`: was put out
 * before a restart; `lone`: a list of rows without a time, which wait for nothing, and how many of them are out; `endless`: `bound` when
 * the first row at infinity came.
 */
export const asofControl = {
  queue: 0,
  versions: 32,
  leftPool: 48,
  rightPool: 80,
  bound: 112,
  done: 120,
  multiplier: 128,
  touched: 136,
  lone: 144,
  loneOut: 160,
  endless: 168,
  bytes: 176,
};

/** A pair needs a version of any age. */
const farthestMicros = 100n * 366n * 86_400_000_000n;

/** The functions that drive an ASOF join. */
export function generateAsofLife(stage: AsofStage): Stage {
  const { module, number, control, left, right } = stage;
  const versions = `${control} + ${asofControl.versions}`;
  const call = (file: string, name: string) => module.import(file, name);
  const later = (time: string, by: bigint) => `${call('join-floor', 'laterBy')}(${time}, ${by})`;
  const add = (name: string, parameters: string, result: string, lines: readonly string[]) =>
    module.add(generatedFunction(`function ${name}${number}(${parameters}): ${result}`, lines));
  add('start', '', 'void', [
    `${call('version-table', 'initialiseVersions')}(${versions});`,
    ...[left, right].map((side) => `${call('record-pool', 'initialisePool')}(${stage.pool(side)}, ${stage.recordBytes(side)});`),
    `store<i64>(${control}, i64.MIN_VALUE, ${asofControl.bound});`,
    `store<i64>(${control}, i64.MIN_VALUE, ${asofControl.done});`,
    `store<i64>(${control}, i64.MAX_VALUE, ${asofControl.endless});`,
    `store<u64>(${control}, ${call('hash', 'nextMultiplier')}(), ${asofControl.multiplier});`,
  ]);
  add('close', 'watermark: i64', 'void', [
    `store<i64>(${control}, ${later('watermark', -stage.delayMicros)}, ${asofControl.bound});`,
    `${call('time-queue', 'settle')}(${control});`,
  ]);
  add('resume', 'watermark: i64', 'void', [`store<i64>(${control}, ${later('watermark', -stage.delayMicros)}, ${asofControl.done});`]);
  const reach = left.flow.reachMicros > right.flow.reachMicros ? left.flow.reachMicros : right.flow.reachMicros;
  const distance = stage.delayMicros < 0n ? -stage.delayMicros : stage.delayMicros;
  add(
    'oldest',
    '',
    'i64',
    oldestLines(stage, (time) => later(time, -(distance + reach))),
  );
  const records = [left, right].map((side) => `<f64>${call('record-pool', 'liveRecords')}(${stage.pool(side)})`);
  add('stateRows', '', 'f64', [`return ${records.join(' + ')};`]);
  const pools = [left, right].map((side) => `<f64>${call('record-pool', 'poolBytes')}(${stage.pool(side)})`);
  const tables = [`<f64>${call('time-queue', 'queueBytes')}(${control})`, `<f64>${call('version-table', 'versionBytes')}(${versions})`];
  add('stateBytes', '', 'f64', [`return ${[...pools, ...tables].join(' + ')};`]);
  const marks = markLines(stage);
  if (marks.length > 0) add('mark', '', 'void', marks);
  return {
    number,
    node: stage.node,
    columns: stage.columns.accesses,
    weight: null,
    emits: stage.lonePossible ? 'always' : 'closing',
    marks: marks.length > 0,
    resumes: true,
    reachMicros: stage.loaded ? reach : farthestMicros,
  };
}

/** Statements at the start of emitK: rows that no version is asked for go out first. */
export function loneLines(stage: AsofStage): string[] {
  const { module, control, number, nobody, left } = stage;
  const list = (name: string) => module.import('row-list', name);
  const rows = `${control} + ${asofControl.lone}`;
  return [
    `let out = load<u32>(${control}, ${asofControl.loneOut});`,
    `const lone = ${list('listCount')}(${rows});`,
    'for (; out < lone && o < 8192; out++) {',
    `  const record = ${list('listAt')}(${rows}, out);`,
    `  put${number}(o++, record, ${nobody});`,
    `  ${module.import('record-pool', 'giveRecord')}(${stage.pool(left)}, record);`,
    '}',
    'if (out == lone) {',
    `  ${list('clearList')}(${rows});`,
    '  out = 0;',
    '}',
    `store<u32>(${control}, out, ${asofControl.loneOut});`,
  ];
}

/** The first that waits, and the oldest version, unless those are loaded at the start. */
function oldestLines(stage: AsofStage, source: (time: string) => string): string[] {
  const { module, control } = stage;
  const queue = (name: string) => module.import('time-queue', name);
  const waiting = [
    `${queue('settle')}(${control});`,
    'let oldest = i64.MAX_VALUE;',
    ...(stage.loaded
      ? [
          `const length = ${queue('queueLength')}(${control});`,
          'for (let k: u32 = 0; k < length; k++) {',
          `  const waiting = ${queue('queueEntry')}(${control}, k);`,
          `  if (load<u32>(waiting, 12) == ${stage.kind(stage.right)}) continue;`,
          '  oldest = load<i64>(waiting);',
          '  break;',
          '}',
        ]
      : [`if (${queue('queueLength')}(${control}) != 0) oldest = load<i64>(${queue('queueEntry')}(${control}, 0));`]),
  ];
  const endless = `oldest = min<i64>(oldest, load<i64>(${control}, ${asofControl.endless}));`;
  const versions = forVersions(stage, ['oldest = min<i64>(oldest, load<i64>(record));']);
  return [...waiting, endless, ...(stage.loaded ? [] : versions), `return oldest == i64.MAX_VALUE ? oldest : ${source('oldest')};`];
}

function forVersions(stage: AsofStage, each: readonly string[]): string[] {
  return [
    ...stage.tableLocals('const ').filter((line) => !line.startsWith('const shift')),
    'for (let entry: usize = 0; entry <= mask; entry += 8) {',
    '  const record = <usize>load<u32>(table + entry);',
    '  if (record == 0) continue;',
    ...indent(each),
    '}',
  ];
}

function markLines(stage: AsofStage): string[] {
  const { module, control, keys, left, right } = stage;
  const queue = (name: string) => module.import('time-queue', name);
  const mark = module.import('string-table', 'markString');
  const of = (side: typeof left) => [
    ...keys.strings().map((offset) => `${mark}(load<u32>(record, ${side.layout.bytes + offset}));`),
    ...side.layout.mark(module, 'record'),
  ];
  const [ofLeft, ofRight] = [of(left), of(right)];
  if (ofLeft.length + ofRight.length === 0) return [];
  return [
    `const length = ${queue('queueLength')}(${control});`,
    'for (let k: u32 = 0; k < length; k++) {',
    `  const waiting = ${queue('queueEntry')}(${control}, k);`,
    '  const record = <usize>(load<u32>(waiting, 8) & ~7);',
    `  if (load<u32>(waiting, 12) == ${stage.kind(right)}) {`,
    ...indent(ofRight, 2),
    '  } else {',
    ...indent(ofLeft, 2),
    '  }',
    '}',
    ...forVersions(stage, ofRight),
  ];
}
