import type { Random } from '../connectors/random.ts';
import { isJoin, type Select } from './query-case.ts';
import { bare, type Relation } from './random-aggregate.ts';
import { JoinMaker } from './random-join.ts';
import { changing, type KeptQueryMaker } from './random-kept-query.ts';
import { OverMaker } from './random-over.ts';
import { emptySelect, type QueryMaker, relationOf } from './random-query.ts';
import { nestedTypes } from './random-schema.ts';

/** Queries over a view whose rows are taken back. */
export class ChainedQueryMaker {
  readonly #random: Random;
  readonly #query: QueryMaker;
  readonly #kept: KeptQueryMaker;

  constructor(random: Random, query: QueryMaker, kept: KeptQueryMaker) {
    this.#random = random;
    this.#query = query;
    this.#kept = kept;
  }

  query(changed: Relation, other: Relation): Select {
    const random = this.#random;
    // Which of its rows came first or last depends on when they were taken back.
    const relation = { ...changed, ordered: false };
    this.#query.options = changing;
    const timed = relation.times.length > 0;
    switch (random.pick(timed ? [0, 1, 2, 3, 4, 5, 6, 7] : [0, 1, 2, 3, 4])) {
      case 0:
        return this.#query.plain(relation);
      case 1:
        return this.#kept.running(relation);
      case 2:
        return this.#distinct(relation);
      case 3:
        return this.#joined(relation, other);
      case 4:
        return this.#union(relation);
      case 5:
        // Windows may also wait until their rows change no more.
        if (random.chance(0.5)) this.#query.options = random.chance(0.5) ? 'emit = changes' : null;
        return this.#query.grouped(relation);
      case 6:
        return this.#query.windowRows(relation);
      default:
        return this.#over(relation);
    }
  }

  #distinct(relation: Relation): Select {
    const kept = relation.columns.filter(({ type, exact }) => exact && !nestedTypes.includes(type) && this.#random.chance(0.5));
    const columns = kept.length === 0 ? relation.columns.slice(0, 1) : kept;
    const items = columns.map((column) => bare(column.name, column.type, column));
    const maker = this.#query.maker(relation.columns);
    return { ...emptySelect, from: relation.name, distinct: true, items, where: this.#query.predicates(maker) };
  }

  #joined(relation: Relation, other: Relation): Select {
    const random = this.#random;
    const side = (each: Relation) => ({ from: each.name, relation: each });
    const sides = random.chance(0.5) ? [relation, other] : [other, relation];
    const joined = new JoinMaker(random, side(sides[0]!), side(sides[1]!), () => this.#query.alias(), emptySelect).regular();
    return isJoin(joined.from) && joined.from.on.length === 0 ? this.#query.plain(relation) : joined;
  }

  #union(relation: Relation): Select {
    const first = this.#query.plain(relation);
    const whole = { ...first, union: { ...first, where: this.#query.predicates(this.#query.maker(relation.columns)) } };
    if (this.#random.chance(0.5)) return whole;
    const grouped = this.#kept.running(relationOf('b', whole, false));
    return { ...grouped, cte: { name: 'b', select: whole } };
  }

  #over(relation: Relation): Select {
    const random = this.#random;
    const maker = this.#query.maker(relation.columns);
    const over = new OverMaker(random, relation, maker);
    const window = over.inTimeOrder();
    const calls = Array.from({ length: 1 + random.below(3) }, () => ({ ...over.call(window), name: this.#query.alias() }));
    const kept = relation.columns
      .filter(({ name, type }) => relation.times.includes(name) || (!nestedTypes.includes(type) && random.chance(0.3)))
      .map((column) => bare(column.name, column.type, column));
    return { ...emptySelect, from: relation.name, items: [...kept, ...calls], where: this.#query.predicates(maker) };
  }
}
