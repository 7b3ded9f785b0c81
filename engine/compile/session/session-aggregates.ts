import type { AggregateStage } from '../aggregate-stage.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { SessionContent } from './session-state.ts';

/** The aggregates of sessions: nothing of the rows is kept but what the accumulators keep. */
export class SessionAggregates implements SessionContent {
  readonly #stage: AggregateStage;

  constructor(stage: AggregateStage) {
    this.#stage = stage;
  }

  get layout(): GroupLayout {
    return this.#stage.layout;
  }

  get bytes(): number {
    return this.#stage.layout.bytes;
  }

  create(): string[] {
    return this.#pieces().flatMap((piece) => [...(piece.initialise?.() ?? [])]);
  }

  /** An accumulator leaves `q` the memory that it owns: it goes with the slot. */
  merge(): string[] {
    const release = this.release();
    const gone = release.length === 0 ? [] : ['{', '  const p = q;', ...release.map((line) => `  ${line}`), '}'];
    return [...this.#pieces().flatMap((piece) => [...piece.merge()]), ...gone];
  }

  release(): string[] {
    return this.#pieces().flatMap((piece) => [...(piece.release?.() ?? [])]);
  }

  mark(): string[] {
    const mark = this.#stage.module.import('string-table', 'markString');
    const keys = this.layout.keys.strings().map((offset) => `${mark}(load<u32>(p, ${offset}));`);
    return [...keys, ...this.#pieces().flatMap((piece) => [...(piece.mark?.() ?? [])])];
  }

  #pieces(): readonly AggregateStage['accumulators'][number]['accumulator'][] {
    return this.#stage.accumulators.map(({ accumulator }) => accumulator);
  }
}
