import type { Random } from '../connectors/random.ts';
import type { Item, Select } from './query-case.ts';
import { bare, type Relation } from './random-aggregate.ts';
import { comparable, ExpressionMaker, type ScopeColumn } from './random-expression.ts';
import { nestedTypes } from './random-schema.ts';
import { type Term, term } from './term.ts';

const reaches = ['0 seconds', '10 milliseconds', '1 second', '5 seconds', '1 minute', '1 hour'];

/** One side of a join: what is read, and its columns. */
export interface Side {
  readonly from: string | Select;
  readonly relation: Relation;
}

function named(side: 'l' | 'r', relation: Relation): ScopeColumn[] {
  return relation.columns.map((column) => ({ ...column, name: `${side}.${column.name}` }));
}

/** Joins of two relations; the items' names come from `alias`. */
export class JoinMaker {
  readonly #random: Random;
  readonly #left: Side;
  readonly #right: Side;
  readonly #alias: () => string;
  readonly #empty: Select;

  constructor(random: Random, left: Side, right: Side, alias: () => string, empty: Select) {
    this.#random = random;
    this.#left = left;
    this.#right = right;
    this.#alias = alias;
    this.#empty = empty;
  }

  /** Both sides are kept for a stretch of event time. */
  interval(): Select {
    const random = this.#random;
    const [leftTime, rightTime] = this.#times();
    const back = random.pick(reaches);
    const forth = random.pick(reaches);
    const near = term('BOOLEAN', `(${leftTime} BETWEEN ${rightTime} - INTERVAL '${back}' AND ${rightTime} + INTERVAL '${forth}')`);
    const type = random.pick(['JOIN', 'JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN']);
    return this.#joined(type, [...this.#equalities(1), near, ...this.#residual(type)], type === 'JOIN' || type === 'SEMI JOIN');
  }

  /** Equal windows: both sides are grouped by `window_start` and `window_end`. */
  window(): Select {
    const type = this.#random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN']);
    const bounds = term('BOOLEAN', 'l.window_start = r.window_start AND l.window_end = r.window_end');
    return this.#joined(type, [bounds, ...this.#equalities(0), ...this.#residual(type)], type === 'JOIN');
  }

  /** The newest row of the right at or before the left's; of equal ones only what they share may be shown. */
  asof(): Select {
    const [leftTime, rightTime] = this.#times();
    const type = this.#random.pick(['ASOF JOIN', 'ASOF LEFT JOIN']);
    const keys = this.#equalities(this.#random.pick([0, 1]));
    const on = [...keys, term('BOOLEAN', `${leftTime} ${this.#random.pick(['>=', '>='])} ${rightTime}`)];
    const shown = [
      bare(this.#alias(), 'TIMESTAMP', { term: term('TIMESTAMP', rightTime), time: false }),
      ...this.#items('l', this.#left.relation),
    ];
    return { ...this.#empty, from: { type, left: this.#left.from, right: this.#right.from, on }, items: shown };
  }

  /** Nothing but a time to live bounds it. */
  regular(): Select {
    const type = this.#random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'SEMI JOIN', 'ANTI JOIN', 'FULL JOIN']);
    return this.#joined(type, [...this.#equalities(1), ...this.#residual(type)], false);
  }

  #times(): [string, string] {
    const random = this.#random;
    return [`l.${random.pick(this.#left.relation.times)}`, `r.${random.pick(this.#right.relation.times)}`];
  }

  #equalities(least: number): Term[] {
    const pairs = this.#left.relation.columns.flatMap((l) =>
      this.#right.relation.columns
        .filter((r) => l.type === r.type && l.exact && r.exact && comparable.includes(l.type) && !/^window_/.test(l.name))
        .map((r) =>
          term(
            'BOOLEAN',
            this.#random.chance(0.1) ? '({0} IS NOT DISTINCT FROM {1})' : '({0} = {1})',
            term(l.type, `l.${l.name}`),
            term(r.type, `r.${r.name}`),
          ),
        ),
    );
    if (pairs.length === 0) return [];
    return Array.from({ length: Math.max(least, this.#random.pick([1, 1, 2])) }, () => this.#random.pick(pairs));
  }

  #residual(type: string): Term[] {
    if (!this.#random.chance(0.25) || /FULL|RIGHT/.test(type)) return [];
    const maker = new ExpressionMaker(this.#random, [...named('l', this.#left.relation), ...named('r', this.#right.relation)], false);
    return [maker.make('BOOLEAN', 1)];
  }

  #joined(type: string, on: readonly Term[], keepsTime: boolean): Select {
    const oneSided = /SEMI|ANTI/.test(type);
    const items = [...this.#items('l', this.#left.relation, keepsTime), ...(oneSided ? [] : this.#items('r', this.#right.relation))];
    return { ...this.#empty, from: { type, left: this.#left.from, right: this.#right.from, on }, items };
  }

  #items(side: 'l' | 'r', relation: Relation, keepsTime = false): Item[] {
    const random = this.#random;
    const columns = relation.columns.filter(({ type }) => !nestedTypes.includes(type));
    const kept = columns.filter(({ name }) => (keepsTime && relation.times.includes(name)) || random.chance(0.4));
    return (kept.length === 0 ? columns.slice(0, 1) : kept).map((column) => {
      const time = keepsTime && relation.times.includes(column.name);
      return bare(this.#alias(), column.type, { ...column, name: this.#alias(), time, term: term(column.type, `${side}.${column.name}`) });
    });
  }
}
