import type { Expression } from '../../plan/expression.ts';
import { columnsOf } from '../../plan/walk-expression.ts';
import { truth } from '../generate-selection.ts';
import { type Binding, RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import type { JoinSide } from './join-side.ts';
import type { JoinStage } from './join-stage.ts';
import { control, isLone, itemBytes, takesBack, touchBytesMin } from './keep-rows.ts';

/** Rows beyond which nothing more is begun: one event puts out two rows at most. */
const fullAt = 8190;
/** Items whose partners are looked up together, so that their cache misses overlap. */
const blockItems = 64;

/** `matchLeftK()`, `matchRightK()`: takes the rows that have come to their partners on the other side; goes on where it stopped. */
export function generateMatching(stage: JoinStage, own: JoinSide, other: JoinSide): string {
  const { module } = stage;
  const kernel = (name: string) => module.import('join-side', name);
  const { lines: loadKey, words, mark } = stage.keys.load('home', 8);
  const find = [
    'const home = <usize>load<u32>(item, 4);',
    'const tag = load<u32>(item, 12);',
    ...loadKey,
    ...stage.keys.findTagged(words, mark, 'chunk'),
  ];
  const state = stage.control;
  const suspend = (resumed: number) => [
    `store<u32>(${state}, i, ${control.cursor});`,
    ...(resumed === 0 ? [] : [`store<u32>(${state}, <u32>chunk, ${control.chunk});`, `store<u32>(${state}, at + 1, ${control.at});`]),
    `store<u32>(${state}, ${resumed}, ${control.resumed});`,
    'return o;',
  ];
  const afterwards = ownLines(stage, own);
  const lines = [
    'let o: u32 = 0;',
    'let touched: u64 = 0;',
    `let i = load<u32>(${state}, ${control.cursor});`,
    `const count = load<u32>(${state}, ${control.count});`,
    `let resumed = load<u32>(${state}, ${control.resumed}) != 0;`,
    `let chunk = <usize>load<u32>(${state}, ${control.chunk});`,
    `let at = load<u32>(${state}, ${control.at});`,
    `const watermark = load<i64>(${state}, ${control.watermark});`,
    `const multiplier = load<u64>(${state}, ${control.multiplier});`,
    `const table = ${kernel('sideTable')}(${other.address});`,
    `const shift = ${kernel('sideShift')}(${other.address});`,
    `const mask = ${kernel('sideMask')}(${other.address});`,
    'for (; i < count; i++) {',
    `  if (o > ${fullAt}) {`,
    ...indent(suspend(0), 2),
    '  }',
    `  if ((i & ${blockItems - 1}) == 0 && !resumed) {`,
    `    const first = ${stage.items} + (<usize>i << ${Math.log2(itemBytes)});`,
    `    const end = ${stage.items} + (<usize>min<u32>(i + ${blockItems}, count) << ${Math.log2(itemBytes)});`,
    `    if (mask > ${touchBytesMin}) {`,
    `      for (let item = first; item < end; item += ${itemBytes}) {`,
    '        const head = <usize>load<u32>(table + (<usize>(load<u32>(item, 12) >> shift) << 3));',
    '        touched ^= load<u64>(head) ^ load<u64>(<usize>load<u32>(item, 4));',
    '      }',
    '    }',
    `    for (let item = first; item < end; item += ${itemBytes}) {`,
    '      let chunk: usize = 0;',
    ...indent(own.tracked && own.matchable.length > 0 ? [`if ((load<u32>(item) & ${isLone}) == 0) {`, ...indent(find), '}'] : find, 3),
    '      store<u32>(item, <u32>chunk, 8);',
    `      if (chunk != 0) touched ^= load<u64>(chunk, ${stage.keys.chunkHeaderBytes});`,
    '    }',
    '  }',
    `  const item = ${stage.items} + (<usize>i << ${Math.log2(itemBytes)});`,
    `  const own = <usize>(load<u32>(item) & ~7);`,
    `  const flags = load<u32>(item) & 7;`,
    ...(stage.node.type === 'inner' ? ['  const key = <usize>load<u32>(item, 4) + 8;'] : []),
    ...(own.flow.weight === null ? [] : [`  const sign: i32 = (flags & ${takesBack}) != 0 ? -1 : 1;`]),
    '  if (!resumed) {',
    '    chunk = <usize>load<u32>(item, 8);',
    '    at = 0;',
    '  }',
    '  resumed = false;',
    ...indent(chainLines(stage, own, other, suspend(1))),
    ...indent(afterwards),
    '}',
    `store<u32>(${state}, 0, ${control.side});`,
    `store<u64>(${state}, touched, ${control.touched});`,
    'return o;',
  ];
  return generatedFunction(`function match${own.name === 'left' ? 'Left' : 'Right'}${stage.number}(): u32`, lines);
}

function chainLines(stage: JoinStage, own: JoinSide, other: JoinSide, suspend: readonly string[]): string[] {
  const takenBack = stage.module.import('join-side', 'takenBack');
  // Once is enough to know whether there is a partner, unless partners may be taken back.
  const stops = stage.stopsAtFirst(own);
  const afterMatch = stops ? ['chunk = 0;', 'break;'] : [`if (o > ${fullAt}) {`, ...indent(suspend), '}'];
  return [
    'while (chunk != 0) {',
    '  const used = <u32>load<u8>(chunk, 4);',
    `  let other = chunk + ${stage.keys.chunkHeaderBytes} + <usize>at * ${other.layout.bytes};`,
    `  for (; at < used; at++, other += ${other.layout.bytes}) {`,
    '    if (load<i64>(other) <= watermark) continue;',
    ...(other.flow.weight === null ? [] : [`    if ((load<u32>(other, 8) & ${takenBack}) != 0) continue;`]),
    ...indent(conditionLines(stage, own), 2),
    ...indent(matchLines(stage, own, other), 2),
    ...indent(afterMatch, 2),
    '  }',
    ...(stops ? ['  if (chunk == 0) break;'] : []),
    '  at = 0;',
    '  chunk = <usize>load<u32>(chunk);',
    '}',
  ];
}

/** Skips the pair unless all conditions that the key does not answer are TRUE. */
function conditionLines(stage: JoinStage, own: JoinSide): string[] {
  const { node, module, left, right } = stage;
  const [l, r] = own.name === 'left' ? ['own', 'other'] : ['other', 'own'];
  const scope = new RowScope(module, node.id, [], 'row');
  const conditions: string[] = [];
  node.conditions
    .filter(({ operator }) => operator !== '=' && operator !== 'is_not_distinct')
    .forEach((condition, k) => {
      const values = [left.compared(scope, k, l), right.compared(scope, k, r)];
      const bindings = values.map((value): Binding => ({ kind: 'window', value }));
      const side = (which: 'left' | 'right', index: number): Expression => {
        const { type, nullable } = condition[which];
        return { kind: 'column', index, type, nullable };
      };
      const compare = { kind: 'compare', operator: condition.operator, left: side('left', 0), right: side('right', 1) } as const;
      const whole = { ...compare, type: { kind: 'boolean' }, nullable: true } as Expression;
      conditions.push(truth(scope.with(node.id, bindings).compile(whole)));
    });
  if (node.residual !== null) {
    const width = node.left.schema.length;
    const bindings: Binding[] = [];
    for (const column of columnsOf(node.residual)) {
      const value = column < width ? left.column(scope, column, l) : right.column(scope, column - width, r);
      bindings[column] = { kind: 'window', value };
    }
    conditions.push(truth(scope.with(node.id, bindings).compile(node.residual)));
  }
  return conditions.length === 0 ? [] : [...scope.lines, `if (!(${conditions.join(' && ')})) continue;`];
}

/** What a pair means: both rows count it, and rows go out. */
function matchLines(stage: JoinStage, own: JoinSide, other: JoinSide): string[] {
  const weighted = own.flow.weight !== null;
  const lines: string[] = [];
  if (own.tracked) {
    const count = [
      'const mine = load<u32>(own, 8);',
      'store<u32>(own, mine + 1, 8);',
      ...stage.single('mine', own),
      ...shareFloor(stage, 'own', own, 'other', 'mine'),
    ];
    lines.push(...(weighted ? ['if (sign > 0) {', ...indent(count), '}'] : count));
  }
  if (other.tracked) {
    const found = [
      'store<u32>(other, before + 1, 8);',
      ...stage.single('before', other),
      'if (before == 0) {',
      ...indent([...shareFloor(stage, 'other', other, 'own', null), ...stage.firstPartner(other, 'other')]),
      '}',
    ];
    const gone = ['store<u32>(other, before - 1, 8);', 'if (before == 1) {', ...indent(stage.lastPartnerGone(other, 'other')), '}'];
    lines.push('const before = load<u32>(other, 8);');
    lines.push(...(weighted ? ['if (sign > 0) {', ...indent(found), '} else {', ...indent(gone), '}'] : found));
  }
  if (stage.givesPairs) {
    const [l, r] = own.name === 'left' ? ['own', 'other'] : ['other', 'own'];
    lines.push(...stage.put(l, r, weighted ? 'sign' : '1'));
  }
  return lines;
}

/** A row that has a partner needs it again after a restart: it would seem to have none. */
function shareFloor(stage: JoinStage, row: string, side: JoinSide, partner: string, before: string | null): string[] {
  const note = stage.module.import('join-floor', 'noteFloor');
  const floor = `load<u32>(${partner}, 12)`;
  const lines = [
    `if (${floor} < load<u32>(${row}, 12)) {`,
    `  store<u32>(${row}, ${floor}, 12);`,
    `  ${note}(${side.address}, ${floor});`,
    '}',
  ];
  return before === null ? lines : [`if (${before} == 0) {`, ...indent(lines), '}'];
}

/** What is known of a row that has come when all its partners so far have been seen. */
function ownLines(stage: JoinStage, own: JoinSide): string[] {
  if (!own.tracked) return [];
  const takenBack = stage.module.import('join-side', 'takenBack');
  const sign = own.flow.weight === null ? '1' : 'sign';
  return [`const matches = load<u32>(own, 8) & ~${takenBack};`, ...stage.ownResult(own, 'own', 'matches', sign)];
}

/** `expireLeftK()`, `expireRightK()`: rows whose time is over, which have had no partner. */
export function generateExpiry(stage: JoinStage, side: JoinSide): string {
  const { module } = stage;
  const heap = (name: string) => module.import('expiry-heap', name);
  const kernel = (name: string) => module.import('join-side', name);
  const lines = [
    `const heap = ${kernel('sideHeap')}(${side.address});`,
    `const watermark = load<i64>(${stage.control}, ${control.watermark});`,
    `const before = load<i64>(${stage.control}, ${control.resume});`,
    `while (o <= ${fullAt} && ${heap('heapCount')}(heap) != 0) {`,
    `  const expiry = ${heap('heapTop')}(heap);`,
    '  if (expiry > watermark) break;',
    `  const row = ${module.import('join-sweep', 'currentRow')}(${heap('popHeap')}(heap));`,
    '  if (load<u32>(row, 8) != 0 || expiry <= before) continue;',
    ...indent(stage.withoutPartner(side, 'row', '1')),
    '}',
    'return o;',
  ];
  return generatedFunction(`function expire${side.name === 'left' ? 'Left' : 'Right'}${stage.number}(o: u32): u32`, lines);
}
