import { type AggregateNode, GroupedAggregates, type SharedAccumulator } from '../aggregate-stage.ts';
import type { Value } from '../expression/contract.ts';
import type { Flow } from '../flow.ts';
import { RowLayout } from '../row-layout.ts';
import { RowScope } from '../row-scope.ts';
import type { Expiry } from './expiry.ts';

/**
 * push: changed groups are put out after each batch; early: when the watermark passes a multiple of `everyMicros`; final: each group
 * once, when it closes. once: a group's first row is all there is to say of it, and comes at once.
 */
export type Schedule = { readonly kind: 'push' | 'final' | 'once' } | { readonly kind: 'early'; readonly everyMicros: bigint };

/** Bytes of a slot before its payload, and where its fields lie, from the payload back. */
export const headerBytes = 48;
export const header = { slot: 48, timer: 40, due: 40, rows: 24, next: 16, previous: 12, kept: 8, flags: 4 } as const;
/** The result lies in the slot; the group is in the list of changed ones. */
export const shownFlag = 1;
export const changedFlag = 2;
export const stateBytes = 64;
/** Watermark i64, watermark before a restart i64, watermark when the table was last empty i64, early results so far i64; list of changed groups; emitting u32; the single group u32. */
export const field = { watermark: 0, resumed: 8, born: 16, period: 24, changed: 32, emitting: 40, single: 44, timeless: 48 } as const;

/**
 * Groups whose results may change after they were put out, or whose input rows are taken back. A slot of the group table: hash and
 * state of the table; due i64, next u32, dead u32 (timer); rows i64; links in the list of changed groups; first kept row u32; flags u32.
 * Then, where generated text says `p`: keys and accumulators (GroupLayout), and the result that was put out last.
 */
export class ChangingGroups extends GroupedAggregates {
  readonly schedule: Schedule;
  readonly expiry: Expiry;
  /** Address of the rows' weights in the flow. */
  readonly weight: string | null;
  /** Rows that are put out may be taken back. */
  readonly changes: boolean;
  /** Results of the aggregates, as `finish` gives them. */
  readonly results: readonly Pick<Value, 'type' | 'machine' | 'valid'>[];
  readonly shown: RowLayout;

  constructor(number: number, node: AggregateNode, flow: Flow, changes: boolean, schedule: Schedule, expiry: Expiry) {
    super(
      number,
      node,
      flow,
      node.groups.map(() => null),
      { merged: false, retracts: flow.weight !== null },
    );
    this.schedule = schedule;
    this.expiry = expiry;
    this.weight = flow.weight;
    this.changes = changes;
    const probe = new RowScope(this.module, node.id, [], 'row');
    this.results = this.aggregates.map((aggregate) => {
      const { type, machine, valid } = aggregate.finish(probe);
      return { type, machine, valid: this.single ? 'some' : valid };
    });
    this.shown = new RowLayout(this.results);
  }

  /** One group, that of no keys, which is there before its first row. */
  get single(): boolean {
    return this.node.groups.length === 0;
  }

  get countsRows(): boolean {
    return this.weight !== null || this.single;
  }

  get slotBytes(): number {
    return headerBytes + this.layout.bytes + (this.changes ? this.shown.bytes : 0);
  }

  /** Address of the result that was put out last. */
  get shownAt(): string {
    return `(p + ${this.layout.bytes})`;
  }

  /** Accumulators that cannot take a row back: a changed group goes through its kept rows again. */
  get replayed(): readonly SharedAccumulator[] {
    return this.weight === null ? [] : this.accumulators.filter(({ accumulator }) => accumulator.retract === undefined);
  }

  get table(): string {
    return `groups${this.number}`;
  }

  get wheel(): string {
    return `wheel${this.number}`;
  }

  get state(): string {
    return `changing${this.number}`;
  }

  get changedList(): string {
    return `${this.state} + ${field.changed}`;
  }
}
