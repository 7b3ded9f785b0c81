import type { AggregateStage } from '../aggregate-stage.ts';
import { indent } from '../text.ts';

/**
 * hop() in slices, two stacks. A row goes into its slice's node; open nodes of a group hang newest first, those of a slice lie in the
 * order of their first rows. When a slice has closed, its nodes move into another arena, in the order of the groups, and are merged into
 * the groups' `back`. A window is a group's `front`
 * merged with its `back`. When the last slice that the fronts know has passed, every record that is left is replaced by the merge of its
 * group's later ones, the whole of them becomes the front, and the back is empty; from then on a passing slice's records are the fronts
 * that hold without it. So each slice of a group is merged three times, however many windows hold it, and all is read in sequence.
 *
 * Group: hash u32, state u32, newest open node u32, 4 unused, newest closed slice i64 (none: least); then the group's layout with `back`
 * in it; then the front's accumulators. Node: slice i64, next u32, 4 unused; then accumulators. Record of an arena: group u32, 4 unused;
 * then accumulators.
 */
const groupHeader = 24;
export const openAt = 8;
const newestAt = 16;
const nodeHeader = 16;
const nextAt = 8;
const recordHeader = 8;
export const never = 'i64.MIN_VALUE';
/** Groups that go through the steps of a window together, so that they stay in cache from one to the next. */
export const stripeGroups = 256;

/** Names, offsets and functions of one stage's groups and their nodes. `p` is a group's content, or a node's as if keys stood before it. */
export class SliceGroups {
  readonly stage: AggregateStage;
  /** Bytes of the keys in front of the accumulators. */
  readonly keyBytes: number;
  /** Names of a key's words as parameters. */
  readonly words: readonly string[];

  constructor(stage: AggregateStage) {
    this.stage = stage;
    this.keyBytes = stage.layout.keys.words * 8;
    this.words = Array.from({ length: stage.layout.keys.words }, (_, k) => `word${k}`);
    stage.module.reserve(this.groups, 88);
    stage.module.reserve(this.opened, 24);
    stage.module.reserve(this.arenas, 24);
    stage.module.reserve(this.merged, stage.layout.bytes);
    stage.module.reserve(this.neutral, Math.max(8, this.accumulatorBytes));
    stage.module.reserve(this.closing, 4 * stripeGroups);
  }

  get groups(): string {
    return `groups${this.stage.number}`;
  }

  /** Nodes of open slices. */
  get opened(): string {
    return `opened${this.stage.number}`;
  }

  /** Records of closed slices. */
  get arenas(): string {
    return `arenas${this.stage.number}`;
  }

  /** Where a window's front and back are put together. */
  get merged(): string {
    return `merged${this.stage.number}`;
  }

  /** Accumulators that no row has reached. */
  get neutral(): string {
    return `neutral${this.stage.number}`;
  }

  /** Groups of a stripe that have open nodes. */
  get closing(): string {
    return `closing${this.stage.number}`;
  }

  get accumulatorBytes(): number {
    return this.stage.layout.bytes - this.keyBytes;
  }

  /** Such that a row reads but one cache line, where hash and keys lie. */
  get groupBytes(): number {
    const unit = groupHeader + this.keyBytes > 32 ? 64 : 32;
    return (groupHeader + this.stage.layout.bytes + this.accumulatorBytes + unit - 1) & -unit;
  }

  get nodeBytes(): number {
    return nodeHeader + this.accumulatorBytes;
  }

  get recordBytes(): number {
    return recordHeader + this.accumulatorBytes;
  }

  group(name: string): string {
    return this.stage.module.import('group-table', name);
  }

  arena(name: string): string {
    return this.stage.module.import('slice-arena', name);
  }

  pool(name: string): string {
    return this.stage.module.import('record-pool', name);
  }

  /** The newest open node. */
  open(slot: string): string {
    return `<usize>load<u32>(${slot}, ${openAt})`;
  }

  setOpen(slot: string, node: string): string {
    return `store<u32>(${slot}, <u32>${node}, ${openAt});`;
  }

  /** The newest slice of which the group has a record. */
  newest(slot: string): string {
    return `load<i64>(${slot}, ${newestAt})`;
  }

  setNewest(slot: string, slice: string): string {
    return `store<i64>(${slot}, ${slice}, ${newestAt});`;
  }

  /** The least slice that there is: i64.MAX_VALUE when there is none. */
  get least(): string {
    return `min<i64>(${this.arena('firstSlice')}(${this.arenas}), ${this.arena('firstSlice')}(${this.opened}))`;
  }

  slice(node: string): string {
    return `load<i64>(${node})`;
  }

  next(node: string): string {
    return `<usize>load<u32>(${node}, ${nextAt})`;
  }

  setNext(node: string, next: string): string {
    return `store<u32>(${node}, <u32>${next}, ${nextAt});`;
  }

  /** Accumulators' offsets count from here. */
  nodeContent(node: string): string {
    return `(${node} + ${nodeHeader} - ${this.keyBytes})`;
  }

  recordContent(record: string): string {
    return `(${record} + ${recordHeader} - ${this.keyBytes})`;
  }

  get neutralContent(): string {
    return `(${this.neutral} - ${this.keyBytes})`;
  }

  groupContent(slot: string): string {
    return `(${slot} + ${groupHeader})`;
  }

  frontContent(slot: string): string {
    return `(${slot} + ${groupHeader + this.stage.layout.bytes - this.keyBytes})`;
  }

  /** Copies the accumulators from one content to another. */
  copy(to: string, from: string): string[] {
    return Array.from({ length: this.accumulatorBytes / 8 }, (_, k) => {
      const at = this.keyBytes + k * 8;
      return `store<u64>(${to}, load<u64>(${from}, ${at}), ${at});`;
    });
  }

  /** Copies the keys, and which of them are NULL. */
  copyKeys(to: string, from: string): string[] {
    const { markAt } = this.stage.layout;
    const words = this.words.map((_, k) => `store<u64>(${to}, load<u64>(${from}, ${k * 8}), ${k * 8});`);
    return markAt === null ? words : [...words, `store<u32>(${to}, load<u32>(${from}, ${markAt}), ${markAt});`];
  }

  /** Statements that make a group's front and back such as no row has reached. */
  clear(slot: string): string[] {
    const { markAt } = this.stage.layout;
    const back = this.copy(this.groupContent(slot), this.neutralContent);
    const kept = `load<u32>(${this.groupContent(slot)}, ${markAt})`;
    const lines = markAt === null ? back : [`const kept = ${kept};`, ...back, `store<u32>(${this.groupContent(slot)}, kept, ${markAt});`];
    return [...lines, ...this.copy(this.frontContent(slot), this.neutralContent)];
  }

  /** Statements that merge the content at `from` into the one at `into`. */
  merge(into: string, from: string): string[] {
    const merges = this.stage.accumulators.flatMap(({ accumulator }) => [...accumulator.merge()]);
    return ['{', `  const p: usize = ${into};`, `  const q: usize = ${from};`, ...indent(merges), '}'];
  }

  hash(words: readonly string[], mark: string): string {
    const { module, layout } = this.stage;
    const more = words.length > 1 ? module.import('hash', 'hashMore') : '';
    return `${this.group('groupHash')}(${layout.hash(module.import('hash', 'hashWord'), more, words, mark, 'multiplier')}, multiplier)`;
  }

  tableLocals(keyword: 'let ' | ''): string[] {
    return [
      `${keyword}table = ${this.group('groupEntries')}(${this.groups});`,
      `${keyword}bits = ${this.group('groupBits')}(${this.groups});`,
      `${keyword}mask = (<usize>4 << bits) - 4;`,
    ];
  }

  /** Sets `p` to the content of the key's node of slice `index`. */
  find(words: readonly string[], mark: string): string[] {
    const { layout, number } = this.stage;
    const key = ['hash', ...words, ...(layout.keys.nullable ? [mark] : [])].join(', ');
    return [
      `const hash = ${this.hash(words, mark)};`,
      `let entry = ${this.group('groupEntry')}(hash, bits);`,
      'let slot: usize = 0;',
      'let p: usize = 0;',
      'while (true) {',
      '  slot = <usize>load<u32>(table + entry);',
      '  if (slot == 0) {',
      `    slot = group${number}(${key});`,
      ...indent(this.tableLocals(''), 2),
      '    break;',
      '  }',
      `  p = ${this.groupContent('slot')};`,
      `  if (load<u32>(slot) == hash && ${layout.matches(words, mark)}) break;`,
      '  entry = (entry + 4) & mask;',
      '}',
      `let node = ${this.open('slot')};`,
      `if (node == 0 || ${this.slice('node')} != index) node = node${number}(slot, index);`,
      `p = ${this.nodeContent('node')};`,
    ];
  }

  /** Runs statements for every group: `slot`. */
  each(lines: readonly string[]): string[] {
    return [
      `for (let chunk = ${this.pool('firstChunk')}(${this.groups}); chunk != 0; chunk = ${this.pool('nextChunk')}(chunk)) {`,
      `  const end = ${this.pool('chunkEnd')}(${this.groups}, chunk);`,
      `  for (let slot = ${this.pool('chunkRecords')}(chunk); slot < end; slot += ${this.groupBytes}) {`,
      '    if (load<u32>(slot, 4) == 0) continue;',
      ...indent(lines, 2),
      '  }',
      '}',
    ];
  }
}
