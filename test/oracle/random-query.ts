import type { Random } from '../connectors/random.ts';
import { type Item, type QueryCase, type Select, sourceNames, type View, type WindowCall } from './query-case.ts';
import { AggregateMaker, bare, type Relation } from './random-aggregate.ts';
import { comparable, ExpressionMaker, type ScopeColumn } from './random-expression.ts';
import { KeptQueryMaker } from './random-kept-query.ts';
import { nestedTypes, type Schema } from './random-schema.ts';
import { type Term, term } from './term.ts';

const sizes = [
  '20 milliseconds',
  '333 milliseconds',
  '1 second',
  '7 seconds',
  '10 seconds',
  '90 seconds',
  '1 minute',
  '17 minutes',
  '1 hour',
  '1 day',
  '7 days',
];
/** Slide, size. */
const hops: readonly (readonly [string, string])[] = [
  ['10 milliseconds', '50 milliseconds'],
  ['250 milliseconds', '1 second'],
  ['1 second', '60 seconds'],
  ['7 seconds', '21 seconds'],
  ['5 seconds', '20 seconds'],
  ['20 seconds', '1 minute'],
  ['1 minute', '5 minutes'],
  ['6 hours', '1 day'],
  ['3 seconds', '3 seconds'],
];

export class QueryMaker {
  /** Options of the view, where the query needs some. */
  options: string | null = null;
  readonly #random: Random;
  readonly #risky: boolean;
  /** Its columns are called so, with a number. */
  readonly #prefix: string;
  readonly #calls: AggregateMaker;
  #aliases = 0;

  constructor(random: Random, risky: boolean, prefix: string) {
    this.#random = random;
    this.#risky = risky;
    this.#prefix = prefix;
    this.#calls = new AggregateMaker(random, risky);
  }

  query(relation: Relation, other: Relation, shapes: readonly number[]): Select {
    const random = this.#random;
    const shape = random.pick(shapes);
    if (shape === 0 || (relation.times.length === 0 && shape < 20)) return this.plain(relation);
    if (shape === 1) return this.windowRows(relation);
    if (shape >= 10) return new KeptQueryMaker(random, this).query(relation, other, shape);
    const grouped = this.grouped(relation);
    if (shape === 2) return this.#over(grouped);
    if (shape === 3) return this.#cascade(grouped);
    if (shape === 4 && grouped.items.some((item) => item.time)) return this.#groupsOfWindows(grouped);
    return grouped;
  }

  /** A filter and projections; what carries time goes on carrying it. */
  plain(relation: Relation): Select {
    const maker = this.maker(relation.columns);
    const items = this.projections(relation, maker);
    return { ...emptySelect, from: relation.name, items, where: this.predicates(maker) };
  }

  projections(relation: Relation, maker: ExpressionMaker): Item[] {
    const random = this.#random;
    const kept = relation.columns
      .filter((column) => !nestedTypes.includes(column.type) && (relation.times.includes(column.name) || random.chance(0.5)))
      .map((column) => bare(column.name, column.type, { ...column, time: relation.times.includes(column.name) }));
    const made = Array.from({ length: 1 + random.below(4) }, () => {
      const type = maker.someType();
      return bare(this.alias(), type, { term: maker.make(type, 3) });
    });
    return [...kept, ...made];
  }

  windowRows(relation: Relation): Select {
    const random = this.#random;
    const window = this.window(relation);
    const columns = withWindow(relation.columns);
    const maker = this.maker(columns);
    const items = this.projections({ ...relation, times: [] }, maker);
    const time = bare(this.alias(), 'TIMESTAMP', { term: term('TIMESTAMP', 'window_start'), time: true });
    return {
      ...emptySelect,
      from: relation.name,
      window,
      items: random.chance(0.8) ? [time, ...items] : items,
      where: this.predicates(maker),
    };
  }

  grouped(relation: Relation): Select {
    const random = this.#random;
    const filtered = random.chance(0.35) ? this.#filtered(relation) : null;
    const input = filtered === null ? relation : relationOf('f', filtered, relation.ordered);
    const usable = input.times.length > 0 ? input : relation;
    const cte = usable === input && filtered !== null ? { name: 'f', select: filtered } : null;
    const window = this.window(usable, true);
    const inside = random.chance(0.12) ? withWindow(usable.columns) : usable.columns;
    const maker = this.maker(inside);
    const bounds = random.pick([['window_start', 'window_end'], ['window_start', 'window_end'], ['window_start'], ['window_end']]);
    const sessionKeys = window.keys.map((name) => term(usable.columns.find((column) => column.name === name)?.type ?? '?', name));
    const madeKeys = Array.from({ length: random.pick([0, 1, 1, 2, 3, 4]) }, () => {
      const type = maker.someType();
      return random.chance(0.75) ? maker.leaf(type) : maker.make(type, 2);
    }).filter((key) => !/^(NULL|'|\(?-?\d)/.test(key.text) && key.operands.length + Number(/^\w+$/.test(key.text)) > 0);
    const keys = [...sessionKeys, ...madeKeys];
    const items: Item[] = [
      ...bounds
        .filter(() => random.chance(0.85))
        .map((name) => bare(random.chance(0.8) ? name : this.alias(), 'TIMESTAMP', { term: term('TIMESTAMP', name), time: true })),
      ...keys.filter(() => random.chance(0.85)).map((key) => bare(this.alias(), key.type, { term: key })),
      ...this.aggregates({ ...usable, mixed: window.kind === 'session' }, maker, 1 + random.below(6)),
    ];
    return {
      ...emptySelect,
      cte,
      from: usable.name,
      window,
      items,
      where: random.chance(0.4) ? this.predicates(maker) : [],
      grouped: true,
      groups: [...bounds.map((name) => term('TIMESTAMP', name)), ...keys],
      having: random.chance(0.2) ? [this.having(maker)] : [],
    };
  }

  #filtered(relation: Relation): Select {
    const maker = this.maker(relation.columns);
    const all = relation.columns.map((column) => bare(column.name, column.type, { ...column, time: relation.times.includes(column.name) }));
    const items = this.#random.chance(0.4) ? [...all, ...this.projections({ ...relation, times: [], columns: [] }, maker)] : all;
    return { ...emptySelect, from: relation.name, items, where: this.predicates(maker) };
  }

  /** A projection and a filter over groups. */
  #over(grouped: Select): Select {
    const relation = relationOf('g', grouped, false);
    const outer = this.plain(relation);
    return this.#random.chance(0.5) ? { ...outer, from: grouped } : { ...outer, cte: { name: 'g', select: grouped } };
  }

  #cascade(grouped: Select): Select {
    const relation = relationOf('a', grouped, false);
    if (relation.times.length === 0) return grouped;
    const outer = this.grouped({ ...relation, name: 'a' });
    return outer.cte === null ? { ...outer, cte: { name: 'a', select: grouped } } : grouped;
  }

  /** GROUP BY the bounds of windows that another GROUP BY has made. */
  #groupsOfWindows(grouped: Select): Select {
    const relation = relationOf('', grouped, false);
    const maker = this.maker(relation.columns);
    const time = this.#random.pick(relation.times);
    const keys = this.#random.chance(0.4) ? [maker.leaf(maker.someType())].filter((key) => /^[a-z]\w*$/.test(key.text)) : [];
    const items = [
      bare(this.alias(), 'TIMESTAMP', { term: term('TIMESTAMP', time), time: true }),
      ...keys.map((key) => bare(this.alias(), key.type, { term: key })),
      ...this.aggregates(relation, maker, 1 + this.#random.below(4)),
    ];
    return { ...emptySelect, from: grouped, items, grouped: true, groups: [term('TIMESTAMP', time), ...keys] };
  }

  aggregates(relation: Relation, maker: ExpressionMaker, count: number): Item[] {
    return Array.from({ length: count }, () => {
      const made = this.#calls.make(relation, maker);
      return { ...made, name: this.alias() };
    });
  }

  having(maker: ExpressionMaker): Term {
    const type = maker.someType(comparable);
    return this.#random.pick([
      term('BOOLEAN', '(count(*) > {0})', term('INTEGER', String(1 + this.#random.below(4)))),
      term('BOOLEAN', '(max({0}) IS NOT NULL)', maker.leaf(type)),
      term('BOOLEAN', '(min({0}) < max({0}))', maker.leaf(type)),
      term('BOOLEAN', '(count({0}) >= 1 AND NOT bool_or({1}))', maker.leaf(type), maker.make('BOOLEAN', 2)),
    ]);
  }

  predicates(maker: ExpressionMaker): Term[] {
    const random = this.#random;
    return Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => {
      const made = maker.make('BOOLEAN', 3);
      return random.chance(0.5)
        ? term('BOOLEAN', random.pick(['({0} IS NOT TRUE)', '({0} IS NOT FALSE)', '(NOT {0} OR {0} IS NULL)']), made)
        : made;
    });
  }

  window(relation: Relation, sessions = false): WindowCall {
    const time = this.#random.pick(relation.times);
    const keys = relation.columns.filter((column) => column.exact && comparable.includes(column.type));
    if (sessions && keys.length > 0 && this.#random.chance(0.15)) {
      const count = this.#random.pick([1, 1, 2]);
      const names = Array.from({ length: count }, () => this.#random.pick(keys).name);
      return { kind: 'session', time, slide: '', size: this.#random.pick(sizes), keys: names };
    }
    if (this.#random.chance(0.6)) return { kind: 'tumble', time, slide: '', size: this.#random.pick(sizes), keys: [] };
    const [slide, size] = this.#random.pick(hops);
    return { kind: 'hop', time, slide, size, keys: [] };
  }

  maker(columns: readonly ScopeColumn[]): ExpressionMaker {
    return new ExpressionMaker(this.#random, columns, this.#risky);
  }

  alias(): string {
    return `${this.#prefix}${this.#aliases++}`;
  }
}

export const emptySelect: Select = {
  cte: null,
  from: '',
  window: null,
  distinct: false,
  items: [],
  where: [],
  grouped: false,
  groups: [],
  having: [],
  qualify: [],
  union: null,
};

export function withWindow(columns: readonly ScopeColumn[]): ScopeColumn[] {
  const bounds = ['window_start', 'window_end'];
  return [...columns.filter((column) => !bounds.includes(column.name)), ...bounds.map((name) => bare(name, 'TIMESTAMP'))];
}

export function relationOf(name: string, select: Select, ordered: boolean): Relation {
  const columns = select.items.map(({ name: column, type, calm, exact }) => ({ name: column, type, calm, exact }));
  return { name, columns, times: select.items.filter((item) => item.time).map((item) => item.name), ordered };
}

/** What a query may be about, by the numbers of its shapes. */
export const subjects = {
  linear: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  over: [10, 11, 12],
  best: [13],
  join: [14, 15, 16],
  union: [17],
  running: [18],
  changes: [19],
  chained: [20],
} as const;
export type Subject = keyof typeof subjects;
export const everySubject = Object.keys(subjects) as Subject[];

/** Views over two sources and over each other. `risky`: some rows may make a view fail. */
export function randomQueries(random: Random, schema: Schema, count: number, about: readonly Subject[] = everySubject): QueryCase {
  const begun = about.filter((subject) => subject !== 'chained').flatMap((subject) => [...subjects[subject]]);
  const columns = schema.columns.map(({ name, type, calm }) => ({ name, type, calm, exact: true }));
  const sources = sourceNames.map((name): Relation => ({ name, columns, times: ['ts'], ordered: true }));
  const relations: Relation[] = [...sources];
  /** Views whose rows may be taken back. */
  const changed: Relation[] = [];
  const views: View[] = [];
  for (let index = 0; index < count; index++) {
    const from = random.chance(0.7) ? random.pick([sources[0]!, sources[0]!, sources[1]!]) : random.pick(relations);
    const name = `v${index}`;
    const maker = new QueryMaker(random, random.chance(0.25), `${'abdeghijk'[index % 9]}x`);
    const other = random.pick(relations);
    const overChanges = about.includes('chained') && changed.length > 0 && random.chance(begun.length === 0 ? 0.8 : 0.15);
    const select = overChanges
      ? maker.query(random.pick(changed), random.pick([...relations, ...changed]), subjects.chained)
      : maker.query(from, other, begun.length === 0 ? [...subjects.running, ...subjects.changes] : begun);
    const { options } = maker;
    const stored = options !== null || index === count - 1 || random.chance(0.85);
    views.push({ name, stored, select, options });
    const asBefore = !select.grouped && select.cte === null && select.window === null && typeof select.from === 'string';
    const inOrder = asBefore && select.union === null && !select.items.some((item) => / OVER \(/.test(item.term.text));
    if (options !== null) changed.push(relationOf(name, select, false));
    else relations.push(relationOf(name, select, from.ordered && inOrder && select.qualify.length === 0));
  }
  return { schema, views };
}
