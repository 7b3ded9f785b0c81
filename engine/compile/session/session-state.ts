import type { GroupLayout } from '../group-layout.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { addReach, reachLogBytes } from '../reach-log.ts';
import { indent } from '../text.ts';
import { manyGroups } from '../touch-groups.ts';

/**
 * A session's slot: hash u32, state u32, due i64 (last row's time + gap), 4 unused, dead u32, start i64, next session of the key
 * u32, previous one u32; then what the sessions keep. Sessions of one key hang together; the first is in the table.
 */
export const dueAt = 8;
export const deadAt = 20;
export const startAt = 24;
export const nextAt = 32;
export const previousAt = 36;
export const slotHeader = 40;

/** The stage's state: watermark of the sessions' time i64, watermark of a restart i64, rows so far i64, 8 bytes of the content's own, touched u32. */
export const stateBytes = 40;
export const resumedAt = 8;
export const sequenceAt = 16;
export const cursorAt = 24;
export const touchedAt = 32;

/** Sessions that are looked at ahead, before the first of them is put out. */
const endedMax = 64;

/** What sessions keep of their rows. Generated text speaks of a session's content as `p`, of one merged into it as `q`. */
export interface SessionContent {
  /** Keys first; what else there is starts zeroed. */
  readonly layout: GroupLayout;
  readonly bytes: number;
  /** Statements for a new session, whose keys are written. */
  create(): readonly string[];
  /** Statements that make `p` hold what `q` holds too; `q` is of no use after. */
  merge(): readonly string[];
  /** Statements before the slot goes. */
  release(): readonly string[];
  /** Statements that mark the strings of `p`. */
  mark(): readonly string[];
}

/** Names and functions of one stage's sessions. */
export class SessionState {
  readonly module: ModuleBuilder;
  readonly number: number;
  readonly gap: bigint;
  readonly content: SessionContent;

  constructor(module: ModuleBuilder, number: number, gap: bigint, content: SessionContent) {
    this.module = module;
    this.number = number;
    this.gap = gap;
    this.content = content;
    module.reserve(this.groups, 88);
    module.reserve(this.wheel, 1072);
    module.reserve(this.log, reachLogBytes);
    module.reserve(this.state, stateBytes);
    module.reserve(this.ended, 4 * endedMax);
  }

  get groups(): string {
    return `sessions${this.number}`;
  }

  get wheel(): string {
    return `timers${this.number}`;
  }

  get state(): string {
    return `session${this.number}`;
  }

  /** How far back the sessions that have been put out began. */
  get log(): string {
    return `ended${this.number}`;
  }

  /** Sessions that are put out together. */
  get ended(): string {
    return `endedTogether${this.number}`;
  }

  get slotBytes(): number {
    return slotHeader + this.content.bytes;
  }

  get words(): string[] {
    return Array.from({ length: this.content.layout.keys.words }, (_, k) => `word${k}`);
  }

  get nullable(): boolean {
    return this.content.layout.keys.nullable;
  }

  group(name: string): string {
    return this.module.import('group-table', name);
  }

  timer(name: string): string {
    return this.module.import('timer-wheel', name);
  }

  due(slot: string): string {
    return `load<i64>(${slot}, ${dueAt})`;
  }

  start(slot: string): string {
    return `load<i64>(${slot}, ${startAt})`;
  }

  next(slot: string): string {
    return `<usize>load<u32>(${slot}, ${nextAt})`;
  }

  dead(slot: string): string {
    return `load<u32>(${slot}, ${deadAt}) != 0`;
  }

  hash(words: readonly string[], mark: string): string {
    const word = this.module.import('hash', 'hashWord');
    const more = words.length > 1 ? this.module.import('hash', 'hashMore') : '';
    return `${this.group('groupHash')}(${this.content.layout.hash(word, more, words, mark, 'multiplier')}, multiplier)`;
  }

  /** Locals for probing, read again after a group has been added. */
  tableLocals(keyword: 'let ' | ''): string[] {
    return [
      `${keyword}table = ${this.group('groupEntries')}(${this.groups});`,
      `${keyword}bits = ${this.group('groupBits')}(${this.groups});`,
      `${keyword}mask = (<usize>4 << bits) - 4;`,
    ];
  }

  /** Sets `slot` to the session of the key that `time` touches; `p` to its content. */
  find(words: readonly string[], mark: string): string[] {
    const { number } = this;
    const key = ['time', 'hash', ...words, ...(this.nullable ? [mark] : [])].join(', ');
    return [
      `const hash = ${this.hash(words, mark)};`,
      `let entry = ${this.group('groupEntry')}(hash, bits);`,
      'let slot: usize = 0;',
      'let p: usize = 0;',
      'while (true) {',
      '  slot = <usize>load<u32>(table + entry);',
      '  if (slot == 0) {',
      `    slot = first${number}(${key});`,
      ...indent(this.tableLocals(''), 2),
      '    break;',
      '  }',
      `  p = slot + ${slotHeader};`,
      `  if (load<u32>(slot) == hash && ${this.content.layout.matches(words, mark)}) break;`,
      '  entry = (entry + 4) & mask;',
      '}',
      'const head = slot;',
      `while (slot != 0 && !(${this.touches('time', 'slot')})) slot = ${this.next('slot')};`,
      `if (slot == 0) slot = another${number}(head, ${key});`,
      `if (time < ${this.start('slot')}) store<i64>(slot, time, ${startAt});`,
      `const due = ${this.endOf('time')};`,
      `if (due > ${this.due('slot')}) store<i64>(slot, due, ${dueAt});`,
      `if (${this.next('head')} != 0) slot = bridge${number}(head, slot);`,
      `p = slot + ${slotHeader};`,
    ];
  }

  /** Nearer than the gap to a session's rows: DuckDB's macro starts a new one at exactly the gap. */
  touches(time: string, slot: string): string {
    return `${time} < ${this.due(slot)} && (${time} >= ${this.start(slot)} || <u64>(${this.start(slot)} - ${time}) < ${this.gap})`;
  }

  endOf(time: string): string {
    return `(${time} > ${(1n << 63n) - 1n - this.gap} ? i64.MAX_VALUE : ${time} + ${this.gap})`;
  }

  /** Runs statements for every live session: `slot`, and `p`. */
  each(lines: readonly string[]): string[] {
    const pool = (name: string) => this.module.import('record-pool', name);
    return [
      `for (let chunk = ${pool('firstChunk')}(${this.groups}); chunk != 0; chunk = ${pool('nextChunk')}(chunk)) {`,
      `  const end = ${pool('chunkEnd')}(${this.groups}, chunk);`,
      `  for (let slot = ${pool('chunkRecords')}(chunk); slot < end; slot += ${this.slotBytes}) {`,
      `    if (load<u32>(slot, 4) == 0 || ${this.dead('slot')}) continue;`,
      `    const p = slot + ${slotHeader};`,
      ...indent(lines, 2),
      '  }',
      '}',
    ];
  }

  /** Statements that let go the session at `slot`, whose timer has fired. */
  letGo(): string[] {
    return [
      addReach(this.module, this.log, this.start('slot'), this.due('slot')),
      'if (load<u32>(slot, 4) == 1) {',
      `  const after = ${this.next('slot')};`,
      `  if (after != 0) store<u32>(after, 0, ${previousAt});`,
      `  ${this.group('removeGroup')}(${this.groups}, slot, after);`,
      '} else {',
      `  detach${this.number}(slot);`,
      `  ${this.group('freeSlot')}(${this.groups}, slot);`,
      '}',
    ];
  }

  /** Statements that set `slot` to the next session that has ended; they `break` when there is none. */
  nextEnded(): string[] {
    return [
      `const timer = ${this.timer('nextTimer')}(${this.wheel}, load<i64>(${this.state}));`,
      'if (timer == 0) break;',
      `const slot = timer - ${dueAt};`,
      `if (${this.dead('slot')}) {`,
      `  ${this.group('freeSlot')}(${this.groups}, slot);`,
      '  continue;',
      '}',
    ];
  }

  /** Statements that run `each` for at most `room` sessions that have ended: `slot`; they `break` when there is none. */
  eachEnded(room: string, each: readonly string[]): string[] {
    const entry = `${this.group('groupEntry')}(load<u32>(slot), bits)`;
    const ofList = (lines: readonly string[]) => [
      'for (let k: usize = 0; k < count; k++) {',
      `  const slot = <usize>load<u32>(${this.ended} + (k << 2));`,
      ...indent(lines),
      '}',
    ];
    return [
      `const most = <usize>min<u32>(${room}, ${endedMax});`,
      'let count: usize = 0;',
      'while (count < most) {',
      ...indent(this.nextEnded()),
      `  store<u32>(${this.ended} + (count << 2), <u32>slot);`,
      '  count++;',
      '}',
      'if (count == 0) break;',
      `if (${manyGroups(this.module, this.groups, this.slotBytes)}) {`,
      // What removing them will read: their places in the table, and the neighbours there.
      ...indent(this.tableLocals('let ')),
      '  let touched: u32 = 0;',
      ...indent(ofList([`touched ^= load<u32>(table + ${entry}) ^ load<u32>(slot, ${this.slotBytes - 4});`])),
      ...indent(ofList([`touched ^= load<u32>(<usize>load<u32>(table + ((${entry} + 4) & mask)));`])),
      `  store<u32>(${this.state}, touched, ${touchedAt});`,
      '}',
      ...ofList(each),
    ];
  }
}
