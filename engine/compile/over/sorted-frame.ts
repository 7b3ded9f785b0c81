import type { WindowCall } from '../../plan/plan.ts';
import { expressionKey } from '../aggregates/accumulator.ts';
import { type SortedQuantile, sortedQuantile } from '../aggregates/quantile.ts';
import type { Value } from '../expression/contract.ts';
import { bind } from '../expression/value.ts';
import { truth } from '../generate-selection.ts';
import { partTypes } from '../machine-type.ts';
import type { RowScope } from '../row-scope.ts';
import { indent } from '../text.ts';
import { atEntry, type EntryAccess, type StateFields } from './entry-access.ts';
import { aggregateOf } from './frame-aggregates.ts';

/**
 * Quantiles of one frame that moves on: its values are kept sorted, those of rows that leave are taken out and those of rows that come
 * put in. Calls of the same values share them.
 */
export class SortedFrame {
  readonly #entry: EntryAccess;
  readonly #state: StateFields;
  readonly #first: WindowCall;
  readonly #quantiles = new Map<WindowCall, SortedQuantile>();
  /** Offsets in the state: first row that is in, row after the last that is, block of words. */
  #fromAt = -1;
  #toAt = -1;
  #wordsAt = -1;

  constructor(entry: EntryAccess, state: StateFields, first: WindowCall) {
    this.#entry = entry;
    this.#state = state;
    this.#first = first;
  }

  /** Calls of equal keys have equal values; null: the call's values cannot be kept so. */
  static key(entry: EntryAccess, call: WindowCall): string | null {
    const { args, filter } = aggregateOf(call, entry);
    if (sortedQuantile(entry.module, aggregateOf(call, entry)) === null) return null;
    return [args[0], filter].map((each) => (each === null || each === undefined ? '' : expressionKey(each))).join(' where ');
  }

  add(call: WindowCall): void {
    this.#quantiles.set(call, sortedQuantile(this.#entry.module, aggregateOf(call, this.#entry)) as SortedQuantile);
  }

  layOut(): void {
    this.#fromAt = this.#state.add(4);
    this.#toAt = this.#state.add(4);
    this.#wordsAt = this.#state.add(4);
  }

  get cursors(): readonly number[] {
    return [this.#fromAt, this.#toAt];
  }

  /** Brings the values to those of the frame [from, to). */
  advance(scope: RowScope, from: string, to: string): void {
    const { base } = this.#state;
    const [at, gone, start, end] = ['at', 'gone', 'start', 'end'].map((hint) => this.#entry.module.name(hint)) as [
      string,
      string,
      string,
      string,
    ];
    const lines = [
      `const ${start}: u32 = ${from};`,
      `const ${end}: u32 = ${to};`,
      `let ${gone} = load<u32>(${base}, ${this.#fromAt});`,
      `let ${at} = load<u32>(${base}, ${this.#toAt});`,
      `for (; ${gone} < ${at} && ${gone} < ${start}; ${gone}++) {`,
      ...indent(this.#each(gone, 'removeWord')),
      '}',
      `for (${at} = max<u32>(${at}, ${start}); ${at} < ${end}; ${at}++) {`,
      ...indent(this.#each(at, 'addWord')),
      '}',
      `store<u32>(${base}, ${start}, ${this.#fromAt});`,
      `store<u32>(${base}, ${at}, ${this.#toAt});`,
    ];
    for (const line of lines) scope.emit(line);
  }

  #each(position: string, action: 'addWord' | 'removeWord'): string[] {
    const { args, filter } = aggregateOf(this.#first, this.#entry);
    const { word } = [...this.#quantiles.values()][0] as SortedQuantile;
    return atEntry(this.#entry, position, (scope) => {
      const conditions = filter === null ? [] : [truth(scope.compile(filter))];
      const value = scope.compile(args[0] as NonNullable<(typeof args)[0]>);
      if (value.valid !== 'true') conditions.push(value.valid);
      const statement = `${this.#import(action)}(${this.#field}, ${word(value.parts[0] as string)});`;
      scope.emit(conditions.length === 0 ? statement : `if (${conditions.join(' && ')}) ${statement}`);
    });
  }

  result(scope: RowScope, call: WindowCall): Value {
    const field = this.#field;
    const count = bind(scope, `${this.#import('wordCount')}(${field})`, 'u32', 'count');
    const quantile = this.#quantiles.get(call) as SortedQuantile;
    const value = quantile.result(scope, count, (place) => `${this.#import('wordAt')}(${field}, ${place})`);
    const types = partTypes(value.machine);
    const parts = value.parts.map((part, k) => bind(scope, part, types[k] as string, 'result'));
    return { ...value, parts, valid: value.valid === 'true' ? 'true' : bind(scope, value.valid, 'bool', 'valid') };
  }

  get #field(): string {
    return `(${this.#state.base} + ${this.#wordsAt})`;
  }

  #import(name: string): string {
    return this.#entry.module.import('sorted-words', name);
  }

  afterRow(): string[] {
    return [];
  }

  releaseState(): string[] {
    return [];
  }

  reset(): string[] {
    const { base } = this.#state;
    return [...this.cursors.map((at) => `store<u32>(${base}, 0, ${at});`), `${this.#import('clearWords')}(${this.#field});`];
  }

  /** Values are kept, not places. */
  forgetPlaces(): null {
    return null;
  }

  release(): string[] {
    return [`${this.#import('releaseWords')}(${this.#field});`];
  }

  bytes(): string {
    return `${this.#import('wordBytes')}(${this.#field})`;
  }

  mark(): string[] {
    return [];
  }
}
