import type { Random } from '../connectors/random.ts';
import type { Select, WindowCall } from './query-case.ts';
import { bare, type Relation } from './random-aggregate.ts';
import { comparable } from './random-expression.ts';
import { ChainedQueryMaker } from './random-chained-query.ts';
import { JoinMaker } from './random-join.ts';
import { OverMaker } from './random-over.ts';
import { emptySelect, type QueryMaker, relationOf, withWindow } from './random-query.ts';
import { nestedTypes } from './random-schema.ts';
import { term } from './term.ts';

/** Longer than any stream of a case. */
const remembering = "state_ttl = '30000 d'";
export const changing = `emit = changes, ${remembering}`;

/** What windows hold before they end is put out too. */
const early = ['emit = changes', "emit_early_every = '1 s'", "emit_early_every = '1 h'"];

/** Queries whose operators keep rows: OVER, joins, the best of each key, groups that never end. */
export class KeptQueryMaker {
  readonly #random: Random;
  readonly #query: QueryMaker;

  constructor(random: Random, query: QueryMaker) {
    this.#random = random;
    this.#query = query;
  }

  query(relation: Relation, other: Relation, shape: number): Select {
    const random = this.#random;
    switch (shape) {
      case 10:
      case 11:
        return this.#overRows(relation);
      case 12:
        return this.#overWindow(relation);
      case 13:
        return this.#best(relation);
      case 14:
      case 15:
      case 16:
        return this.#joined(relation, other);
      case 17:
        return this.#union(relation, other);
      case 18:
        return this.running(relation);
      case 20:
        return new ChainedQueryMaker(random, this.#query, this).query(relation, other);
      default:
        if (random.chance(0.3)) return this.#distinctRows(relation);
        this.#query.options = random.pick(early);
        return random.pick([
          () => this.#query.grouped(relation),
          () => this.#query.grouped(relation),
          () => this.#overWindow(relation),
          () => this.#windowJoin(relation, other.times.length === 0 ? relation : other),
          () => this.#distinctRows(relation),
        ])();
    }
  }

  #distinctRows(relation: Relation): Select {
    const plain = this.#query.windowRows(relation);
    return plain.items[0]?.time === true ? { ...plain, distinct: true } : plain;
  }

  #overRows(relation: Relation): Select {
    const maker = this.#query.maker(relation.columns);
    const over = new OverMaker(this.#random, relation, maker);
    const running = this.#random.chance(0.35);
    if (running) this.#query.options = remembering;
    const windows = Array.from({ length: this.#random.pick([1, 1, 2]) }, () => (running ? over.sinceTheFirst() : over.inTimeOrder()));
    const calls = windows.flatMap((window) => Array.from({ length: 1 + this.#random.below(3) }, () => over.call(window)));
    const kept = relation.columns
      .filter(({ name, type }) => relation.times.includes(name) || (!nestedTypes.includes(type) && this.#random.chance(0.3)))
      .map((column) => bare(column.name, column.type, { ...column, time: relation.times.includes(column.name) }));
    return {
      ...emptySelect,
      from: relation.name,
      items: [...kept, ...calls.map((call) => ({ ...call, name: this.#query.alias() }))],
      where: this.#query.predicates(maker),
    };
  }

  #overWindow(relation: Relation): Select {
    const columns = withWindow(relation.columns);
    const inside = { ...relation, columns };
    const maker = this.#query.maker(columns);
    const over = new OverMaker(this.#random, inside, maker);
    const spec = over.withinWindow();
    const calls = Array.from({ length: 1 + this.#random.below(3) }, () => ({ ...over.call(spec), name: this.#query.alias() }));
    const time = bare(this.#query.alias(), 'TIMESTAMP', { term: term('TIMESTAMP', 'window_start'), time: true });
    const kept = columns
      .filter(({ name, type }) => !nestedTypes.includes(type) && !/^window_/.test(name) && this.#random.chance(0.3))
      .map((column) => bare(column.name, column.type, column));
    return {
      ...emptySelect,
      from: relation.name,
      window: this.#query.window(relation),
      items: [time, ...kept, ...calls],
      where: this.#query.predicates(maker),
    };
  }

  /** The best rows of each partition. */
  #best(relation: Relation): Select {
    const random = this.#random;
    const within = random.chance(0.4);
    const columns = within ? withWindow(relation.columns) : relation.columns;
    const maker = this.#query.maker(columns);
    const over = new OverMaker(random, { ...relation, columns }, maker);
    if (!over.unique) return this.#overWindow(relation);
    if (!within) this.#query.options = changing;
    const rank = over.ranking(within);
    const limit = random.pick(['= 1', '<= 1', '<= 3', '< 5']);
    const items = [
      ...columns
        .filter(({ name, type }) => name === 'uid' || (!nestedTypes.includes(type) && !/^window_/.test(name) && random.chance(0.4)))
        .map((column) => bare(column.name, column.type, column)),
      ...(random.chance(0.5) ? [bare(this.#query.alias(), 'BIGINT', { term: rank })] : []),
    ];
    return {
      ...emptySelect,
      from: relation.name,
      window: within ? this.#query.window(relation) : null,
      items,
      where: this.#query.predicates(maker),
      qualify: [term('BOOLEAN', `({0} ${limit})`, rank)],
    };
  }

  #joined(relation: Relation, other: Relation): Select {
    const random = this.#random;
    const alias = () => this.#query.alias();
    const side = (each: Relation) => ({ from: each.name, relation: each });
    const [left, right] = other.times.length === 0 ? [relation, relation] : random.chance(0.5) ? [relation, other] : [other, relation];
    const rows = new JoinMaker(random, side(left), side(right), alias, emptySelect);
    switch (random.below(5)) {
      case 0:
      case 1:
        return rows.interval();
      case 2:
        return rows.asof();
      case 3:
        this.#query.options = changing;
        return rows.regular();
      default:
        return this.#windowJoin(left, right);
    }
  }

  #windowJoin(left: Relation, right: Relation): Select {
    const window = this.#query.window(left);
    const sides = [left, right].map((each) => {
      const select = this.#windowGroups(each, window);
      return { from: select, relation: relationOf('', select, false) };
    });
    return new JoinMaker(this.#random, sides[0]!, sides[1]!, () => this.#query.alias(), emptySelect).window();
  }

  /** Groups of one window of `relation` by some of its columns, which keep their names. */
  #windowGroups(relation: Relation, like: WindowCall): Select {
    const maker = this.#query.maker(relation.columns);
    const keys = relation.columns.filter(({ exact, type }) => exact && comparable.includes(type)).filter(() => this.#random.chance(0.25));
    const bounds = ['window_start', 'window_end'].map((name) => bare(name, 'TIMESTAMP', { time: true }));
    const keyItems = keys.filter(({ name }) => !/^window_/.test(name)).map((key) => bare(key.name, key.type, key));
    return {
      ...emptySelect,
      from: relation.name,
      window: { ...like, time: relation.times[0] as string },
      items: [...bounds, ...keyItems, ...this.#query.aggregates(relation, maker, 1 + this.#random.below(2))],
      grouped: true,
      groups: [...bounds, ...keyItems].map((item) => item.term),
    };
  }

  #union(relation: Relation, other: Relation): Select {
    const same = relation.columns.filter((column) => other.columns.some(({ name, type }) => name === column.name && type === column.type));
    const shared = { ...relation, columns: same, times: relation.times.filter((time) => other.times.includes(time)) };
    if (same.length === 0 || relation.name === other.name) return this.#query.plain(relation);
    const maker = this.#query.maker(same);
    const items = this.#query.projections(shared, maker);
    const first = { ...emptySelect, from: relation.name, items, where: this.#query.predicates(maker) };
    const whole = { ...first, union: { ...first, from: other.name, where: this.#query.predicates(maker) } };
    if (shared.times.length === 0 || this.#random.chance(0.4)) return whole;
    const grouped = this.#query.grouped({ ...relationOf('b', whole, false) });
    return grouped.cte === null ? { ...grouped, cte: { name: 'b', select: whole } } : whole;
  }

  /** Groups that never end. */
  running(relation: Relation): Select {
    const maker = this.#query.maker(relation.columns);
    const keys = Array.from({ length: this.#random.pick([0, 1, 1, 2]) }, () => maker.leaf(maker.someType(comparable))).filter((key) =>
      /^[a-z]\w*$/.test(key.text),
    );
    this.#query.options = changing;
    const unordered = { ...relation, ordered: false };
    return {
      ...emptySelect,
      from: relation.name,
      items: [
        ...keys.map((key) => bare(this.#query.alias(), key.type, { term: key })),
        ...this.#query.aggregates(unordered, maker, 1 + this.#random.below(4)),
      ],
      where: this.#query.predicates(maker),
      grouped: true,
      groups: keys,
      having: this.#random.chance(0.2) ? [this.#query.having(maker)] : [],
    };
  }
}
