import type { RowScope } from '../row-scope.ts';
import type { EntryAccess, StateFields } from './entry-access.ts';

/** Rows equal in the window's order: where those of the row at `position` begin and end. Called once for each row, in order. */
export class Peers {
  /** u32 locals. */
  readonly start = 'peersStart';
  readonly end = 'peersEnd';
  /** i64 expression: groups of peers up to the row at hand. */
  readonly groups: string;
  readonly #entry: EntryAccess;
  readonly #state: StateFields;
  readonly #same: string | null;
  readonly #startAt: number;
  readonly #endAt: number;
  readonly #groupsAt: number;

  /** `same`: a function that tells whether two entries are equal in the order; null: all are. */
  constructor(entry: EntryAccess, state: StateFields, same: string | null) {
    this.#entry = entry;
    this.#state = state;
    this.#same = same;
    this.#startAt = state.add(4);
    this.#endAt = state.add(4);
    this.#groupsAt = state.add(8);
    this.groups = `load<i64>(${state.base}, ${this.#groupsAt})`;
  }

  get cursors(): readonly number[] {
    return [this.#startAt, this.#endAt];
  }

  write(scope: RowScope): void {
    const { base } = this.#state;
    const { at } = this.#entry;
    const search =
      this.#same === null
        ? ['  peersEnd = end;']
        : [`  while (peersEnd < end && ${this.#same}(${at('position')}, ${at('peersEnd')})) peersEnd++;`];
    const lines = [
      `let peersStart = load<u32>(${base}, ${this.#startAt});`,
      `let peersEnd = load<u32>(${base}, ${this.#endAt});`,
      'if (position >= peersEnd) {',
      '  peersStart = position;',
      '  peersEnd = position + 1;',
      ...search,
      `  store<u32>(${base}, peersStart, ${this.#startAt});`,
      `  store<u32>(${base}, peersEnd, ${this.#endAt});`,
      `  store<i64>(${base}, ${this.groups} + 1, ${this.#groupsAt});`,
      '}',
    ];
    for (const line of lines) scope.emit(line);
  }

  reset(): string[] {
    const { base } = this.#state;
    return [...this.cursors.map((at) => `store<u32>(${base}, 0, ${at});`), `store<i64>(${base}, 0, ${this.#groupsAt});`];
  }
}
