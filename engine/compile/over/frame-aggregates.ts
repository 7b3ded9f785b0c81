import type { AggregateCall, WindowCall } from '../../plan/plan.ts';
import type { CompiledAggregate } from '../aggregates/accumulator.ts';
import { compileAggregate } from '../aggregates/compile-aggregate.ts';
import type { Value } from '../expression/contract.ts';
import { bind } from '../expression/value.ts';
import { partTypes } from '../machine-type.ts';
import type { RowScope } from '../row-scope.ts';
import { indent } from '../text.ts';
import { atEntry, type EntryAccess, type StateFields } from './entry-access.ts';
import { type Frame, rowsOffset } from './frame-bounds.ts';
import { FrameSlot } from './frame-slot.ts';

/** Frames of at most so many rows are added up anew for each row: that costs less than keeping what they had. */
const scannedRowsMax = 16;
const shortFrameRows = 4;

type Mode = 'growing' | 'scanned' | 'stacked';

/**
 * The aggregates of one frame. growing: it only gains rows. scanned: few rows, added up each time. stacked: the front of the frame is
 * kept as sums of each of its rows and all that follow up to the middle, the back as one sum: two merges a row, whatever the frame's
 * length, and nothing is ever subtracted.
 */
export class FrameAggregates {
  readonly #entry: EntryAccess;
  readonly #state: StateFields;
  readonly #mode: Mode;
  readonly #slot: FrameSlot;
  readonly #compiled = new Map<WindowCall, CompiledAggregate>();
  #scratch = '';
  /** Offsets in the state: next row to add, middle, list of sums and its places; slot of the back, or of the growing frame. */
  #toAt = -1;
  #middleAt = -1;
  #listAt = -1;
  #slotAt = -1;

  /** `anew`: added up for each row, however long the frame is. */
  constructor(entry: EntryAccess, state: StateFields, frame: Frame, describe: FrameSlot['describe'], anew: boolean) {
    this.#entry = entry;
    this.#state = state;
    const mode = modeOf(frame);
    this.#mode = anew && mode === 'stacked' ? 'scanned' : mode;
    this.#slot = new FrameSlot(entry.module, mayBeEmpty(frame) ? (expression) => perhapsMissing(describe(expression)) : describe, {
      merged: this.#mode === 'stacked',
      scanned: this.#mode === 'scanned',
    });
  }

  add(call: WindowCall): void {
    this.#compiled.set(call, compileAggregate(this.#slot, aggregateOf(call, this.#entry)));
  }

  /** After the last call was added. */
  layOut(): void {
    if (this.#mode !== 'growing') this.#scratch = this.#entry.module.memory(this.#slot.bytes);
    if (this.#mode === 'scanned') return;
    this.#toAt = this.#state.add(4);
    if (this.#mode === 'stacked') {
      this.#middleAt = this.#state.add(4);
      this.#listAt = this.#state.add(8);
    }
    this.#slotAt = this.#state.add(Math.ceil(this.#slot.bytes / 8) * 8);
  }

  get cursors(): readonly number[] {
    return this.#toAt < 0 ? [] : [this.#toAt];
  }

  get isGrowing(): boolean {
    return this.#mode === 'growing';
  }

  /** Brings the sums to the frame [from, to). */
  advance(scope: RowScope, from: string, to: string): void {
    const lines = this.#mode === 'growing' ? this.#grow(to) : this.#mode === 'scanned' ? this.#scan(from, to) : this.#stack(from, to);
    for (const line of lines) scope.emit(line);
  }

  /** The call's result for the frame at hand. */
  result(scope: RowScope, call: WindowCall): Value {
    scope.emit(`p = ${this.#mode === 'growing' ? this.#own : this.#scratch};`);
    const compiled = this.#compiled.get(call) as CompiledAggregate;
    const value = compiled.finish(scope);
    const types = partTypes(value.machine);
    const parts = value.parts.map((part, k) => bind(scope, part, types[k] as string, 'result'));
    return { ...value, parts, valid: value.valid === 'true' ? 'true' : bind(scope, value.valid, 'bool', 'valid') };
  }

  /** Statements that free what the results of the row at hand left behind. */
  afterRow(): string[] {
    return this.#mode === 'scanned' && this.#slot.owns ? [`p = ${this.#scratch};`, ...this.#slot.release()] : [];
  }

  /** Statements that free what the state of the partition owns, before it is reset or goes. */
  releaseState(): string[] {
    return this.#mode === 'growing' && this.#slot.owns ? [`p = ${this.#own};`, ...this.#slot.release()] : [];
  }

  /** Statements that forget all rows. */
  reset(): string[] {
    if (this.#mode === 'scanned') return [];
    const { base } = this.#state;
    const zero = `store<u32>(${base}, 0, ${this.#toAt});`;
    if (this.#mode === 'growing') return [zero, `p = ${this.#own};`, ...this.#slot.reset()];
    return [zero, this.forgetPlaces() as string];
  }

  /** A statement for when the places of rows have changed. */
  forgetPlaces(): string | null {
    return this.#mode === 'stacked' ? `store<u32>(${this.#state.base}, 0, ${this.#middleAt});` : null;
  }

  /** Statements that give memory back. */
  release(): string[] {
    if (this.#mode !== 'stacked') return [];
    const { base } = this.#state;
    const release = this.#entry.module.import('memory', 'release');
    const places = `load<u32>(${base}, ${this.#listAt + 4})`;
    return [`if (${places} != 0) ${release}(<usize>load<u32>(${base}, ${this.#listAt}), ${places} * ${this.#slot.bytes});`];
  }

  /** u32 expression: bytes beside the state. */
  bytes(): string | null {
    if (this.#mode === 'growing') return this.#slot.owned(`(${this.#own})`).join(' + ') || null;
    return this.#mode === 'stacked' ? `load<u32>(${this.#state.base}, ${this.#listAt + 4}) * ${this.#slot.bytes}` : null;
  }

  /** Statements that mark strings of what lasts from row to row; sums in stacks are made again. */
  mark(): string[] {
    if (this.#mode === 'scanned') return [];
    const lines = this.#slot.mark();
    if (lines.length === 0) return [];
    return this.#mode === 'growing' ? [`p = ${this.#own};`, ...lines] : [this.forgetPlaces() as string];
  }

  get #own(): string {
    return `${this.#state.base} + ${this.#slotAt}`;
  }

  #addEntry(position: string): string[] {
    return atEntry(this.#entry, position, (scope) => this.#slot.add(scope, `<i64>${position}`));
  }

  #loop(at: string, to: string): string[] {
    return [`for (; ${at} < ${to}; ${at}++) {`, ...indent(this.#addEntry(at)), '}'];
  }

  #grow(to: string): string[] {
    const { base } = this.#state;
    const at = this.#entry.module.name('at');
    return [
      `p = ${this.#own};`,
      `let ${at} = load<u32>(${base}, ${this.#toAt});`,
      ...this.#loop(at, to),
      `store<u32>(${base}, ${at}, ${this.#toAt});`,
    ];
  }

  #scan(from: string, to: string): string[] {
    const at = this.#entry.module.name('at');
    return [`p = ${this.#scratch};`, ...this.#slot.reset(), `let ${at} = ${from};`, ...this.#loop(at, to), ...this.#slot.settle()];
  }

  #stack(from: string, to: string): string[] {
    const { base } = this.#state;
    const { name } = this.#entry.module;
    const [at, middle, list] = ['at', 'middle', 'list'].map((hint) => name.call(this.#entry.module, hint)) as [string, string, string];
    const placed = (position: string) => `${list} + <usize>(${this.#entry.place(position)}) * ${this.#slot.bytes}`;
    return [
      `const ${middle} = load<u32>(${base}, ${this.#middleAt});`,
      `if (${to} - ${from} <= ${shortFrameRows}) {`,
      ...indent(this.#scan(from, to)),
      `  store<u32>(${base}, 0, ${this.#middleAt});`,
      '} else {',
      `  let ${list} = <usize>load<u32>(${base}, ${this.#listAt});`,
      `  if (${middle} == 0 || ${from} >= ${middle}) {`,
      ...indent(this.#ensureList(list), 2),
      `    for (let ${at} = ${to}; ${at} > ${from}; ) {`,
      `      ${at}--;`,
      `      p = ${placed(at)};`,
      ...indent(this.#slot.reset(), 3),
      ...indent(this.#addEntry(at), 3),
      `      if (${at} + 1 < ${to}) {`,
      `        q = ${placed(`${at} + 1`)};`,
      ...indent(this.#slot.merge(), 4),
      '      }',
      '    }',
      `    store<u32>(${base}, ${to}, ${this.#middleAt});`,
      `    store<u32>(${base}, ${to}, ${this.#toAt});`,
      `    p = ${this.#own};`,
      ...indent(this.#slot.reset(), 2),
      '  } else {',
      `    p = ${this.#own};`,
      `    let ${at} = load<u32>(${base}, ${this.#toAt});`,
      ...indent(this.#loop(at, to), 2),
      `    store<u32>(${base}, ${at}, ${this.#toAt});`,
      '  }',
      `  p = ${this.#scratch};`,
      `  q = ${placed(from)};`,
      ...indent(this.#slot.copy()),
      `  q = ${this.#own};`,
      ...indent(this.#slot.merge()),
      '}',
    ];
  }

  #ensureList(list: string): string[] {
    const { base } = this.#state;
    const { module, places } = this.#entry;
    const need = module.name('places');
    return [
      `const ${need}: u32 = ${places};`,
      `if (load<u32>(${base}, ${this.#listAt + 4}) < ${need}) {`,
      ...indent(this.release()),
      `  ${list} = ${module.import('memory', 'allocate')}(${need} * ${this.#slot.bytes});`,
      `  store<u32>(${base}, <u32>${list}, ${this.#listAt});`,
      `  store<u32>(${base}, ${need}, ${this.#listAt + 4});`,
      '}',
    ];
  }
}

/** Whether the call's state holds memory of its own, so that copies of it are dear: it is added up anew. */
export function ownsMemory(entry: EntryAccess, call: WindowCall, describe: FrameSlot['describe']): boolean {
  if (modeOf(call.frame) !== 'stacked') return false;
  const probe = new FrameSlot(entry.module, describe, { merged: false, scanned: true });
  compileAggregate(probe, aggregateOf(call, entry));
  return probe.owns;
}

/** Whether a frame loses rows, and is longer than what is looked through each time. */
export function isStacked(frame: Frame): boolean {
  return modeOf(frame) === 'stacked';
}

function modeOf(frame: Frame): Mode {
  const { unit, start, end } = frame;
  if (start.kind === 'unbounded_preceding') return 'growing';
  if (unit !== 'rows' || end.kind === 'unbounded_following') return 'stacked';
  const before = start.kind === 'following' ? -rowsOffset(start, undefined) : rowsOffset(start, undefined);
  const after = end.kind === 'preceding' ? -rowsOffset(end, undefined) : rowsOffset(end, undefined);
  return before + after + 1 <= scannedRowsMax ? 'scanned' : 'stacked';
}

function mayBeEmpty({ start, end }: Frame): boolean {
  return start.kind === 'following' || end.kind === 'preceding';
}

/** Without rows a result is NULL, even where no row brings one. */
function perhapsMissing(value: Value): Value {
  return value.valid === 'true' ? { ...value, valid: '(true)' } : value;
}

/** The call over the columns of an entry. */
export function aggregateOf(call: WindowCall, { row }: EntryAccess): AggregateCall {
  return {
    name: call.name.replace('_of_frame', ''),
    args: call.args.map((each) => row.over(each)),
    filter: call.filter === null ? null : row.over(call.filter),
    distinct: call.distinct,
    orderBy: [],
    parameters: call.parameters ?? [],
    type: call.type,
    ...(call.span === undefined ? {} : { span: call.span }),
  };
}
