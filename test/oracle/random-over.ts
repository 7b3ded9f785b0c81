import type { Random } from '../connectors/random.ts';
import type { Item } from './query-case.ts';
import { bare, type Relation } from './random-aggregate.ts';
import { comparable, type ExpressionMaker, summable } from './random-expression.ts';
import { type Term, term } from './term.ts';

/** How a window function's rows are put in order and cut. */
export interface OverWindow {
  readonly text: string;
  readonly operands: readonly Term[];
  /** No two rows of a partition are equal in the order: what depends on it is the same everywhere. */
  readonly total: boolean;
  /** The frame has a first and a last row by its text. */
  readonly framed: boolean;
  /** It looks at rows of any age, but none to come. */
  readonly running?: boolean;
}

const reaches = ['0 seconds', '999 microseconds', '1 second', '10 seconds', '1 minute', '3 hours', '2 days'];

/** Calls with OVER, of one window in event time. */
export class OverMaker {
  readonly #random: Random;
  readonly #maker: ExpressionMaker;
  readonly #relation: Relation;

  constructor(random: Random, relation: Relation, maker: ExpressionMaker) {
    this.#random = random;
    this.#relation = relation;
    this.#maker = maker;
  }

  /** Ends at the row at hand or before it: an answer that no later row changes. */
  inTimeOrder(): OverWindow {
    const random = this.#random;
    const time = random.pick(this.#relation.times);
    const keys = this.#keys(random.pick([0, 1, 1, 2]));
    const unique = this.unique;
    const range = !unique || random.chance(0.45);
    // A frame that ends before it begins has no rows; DuckDB counts less than none.
    const ends = random.chance(0.2);
    const reach = ends ? random.pick(reaches.slice(2)) : random.pick(reaches);
    const rows = ends ? random.pick([5, 10, 40, 700]) : random.pick([0, 1, 3, 10, 40, 700]);
    const frame = range
      ? `RANGE BETWEEN INTERVAL '${reach}' PRECEDING AND ${ends ? "INTERVAL '0.9 milliseconds' PRECEDING" : 'CURRENT ROW'}`
      : `ROWS BETWEEN ${rows} PRECEDING AND ${ends ? `${random.pick([1, 2, 5])} PRECEDING` : 'CURRENT ROW'}`;
    const order = range ? time : `${time}, uid`;
    return { text: `${partition(keys)}ORDER BY ${order} ${frame}`, operands: keys, total: !range, framed: true };
  }

  /** From the partition's first row on; the view needs `state_ttl`. */
  sinceTheFirst(): OverWindow {
    const random = this.#random;
    const time = random.pick(this.#relation.times);
    const keys = this.#keys(random.pick([0, 1, 1, 2]));
    const total = this.unique && random.chance(0.8);
    const rows = [
      '',
      'ROWS UNBOUNDED PRECEDING',
      'ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING',
      'ROWS BETWEEN 5 PRECEDING AND CURRENT ROW',
    ];
    const range = ['', `RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '${random.pick(reaches)}' PRECEDING`];
    const order = total ? `${time}, uid` : time;
    const text = `${partition(keys)}ORDER BY ${order} ${random.pick(total ? rows : range)}`.trimEnd();
    return { text, operands: keys, total, framed: false, running: true };
  }

  /** Whole partitions that a window or a key closes. */
  withinWindow(): OverWindow {
    const random = this.#random;
    const keys = [term('TIMESTAMP', 'window_start'), ...this.#keys(random.pick([0, 1]))];
    const order = random.chance(0.7) ? this.#order(keys.length) : null;
    const total = order?.total === true;
    const frames = [
      '',
      'ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING',
      'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
      'ROWS 3 PRECEDING',
      'ROWS BETWEEN 30 PRECEDING AND 5 PRECEDING',
      'ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING',
      'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
      'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
      'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
      'RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
    ];
    const frame = total ? random.pick(frames) : '';
    return {
      text: `${partition(keys)}${order === null ? '' : order.text} ${frame}`.trimEnd(),
      operands: [...keys, ...(order?.operands ?? [])],
      total,
      framed: false,
    };
  }

  /** row_number that decides which rows stay. */
  ranking(within: boolean): Term {
    const keys = [...(within ? [term('TIMESTAMP', 'window_start')] : []), ...this.#keys(this.#random.pick([within ? 0 : 1, 1, 2]))];
    const order = this.#order(keys.length, true);
    const rank = this.#random.pick(['row_number()', 'row_number()', 'rank()', 'dense_rank()']);
    return term('BIGINT', `${rank} OVER (${partition(keys)}${order.text})`, ...keys, ...order.operands);
  }

  call({ text, operands, total, framed, running = false }: OverWindow): Item {
    const random = this.#random;
    const maker = this.#maker;
    const over = (type: string, call: string, args: readonly Term[], settings: Partial<Item> = {}): Item => {
      const shifted = text.replace(/\{(\d)\}/g, (_, index: string) => `{${Number(index) + args.length}}`);
      return bare('', type, { term: term(type, `${call} OVER (${shifted})`, ...args, ...operands), ...settings });
    };
    const any = () => maker.leaf(maker.someType(comparable));
    const calm = maker.calm();
    const choices: (() => Item)[] = [
      () => over('BIGINT', 'count(*)', []),
      () => over('BIGINT', 'count({0})', [any()]),
      () => {
        const argument = any();
        return over(argument.type, `${random.pick(['min', 'max'])}({0})`, [argument]);
      },
      () => over('?', 'sum({0})', [this.#number()]),
      () => over('DOUBLE', 'avg({0})', [this.#number()], { exact: false }),
      () => over('BOOLEAN', `${random.pick(['bool_and', 'bool_or'])}({0})`, [maker.make('BOOLEAN', 1)]),
      () => (calm === null ? over('BIGINT', 'count(*)', []) : over('DOUBLE', 'sum({0})', [calm], { calm: true })),
      () => over('BIGINT', 'count({0}) FILTER (WHERE {1})', [any(), maker.make('BOOLEAN', 1)]),
    ];
    if (calm !== null)
      choices.push(() =>
        over(
          'DOUBLE',
          `${random.pick(['stddev_samp', 'var_pop', 'stddev_pop'])}({0})`,
          [term(calm.type, '(CASE WHEN isfinite({0}) THEN {0} END)', calm)],
          {
            exact: false,
          },
        ),
      );
    const value =
      (name: string, ...further: readonly string[]) =>
      () => {
        const argument = any();
        const more = further.map((each) => `, ${each}`).join('');
        return over(argument.type, `${name}({0}${more}${!running || name !== 'lag' ? random.pick(['', '', ' IGNORE NULLS']) : ''})`, [
          argument,
        ]);
      };
    choices.push(
      () => over('BIGINT', 'count(DISTINCT {0})', [any()]),
      () => over('?', 'median({0})', [term('INTEGER', '({0} % 1000)', maker.leaf('INTEGER'))], { exact: false }),
      () => over('?', 'bit_xor({0})', [maker.leaf('BIGINT')]),
    );
    if (total) {
      const uid = term('BIGINT', 'uid');
      choices.push(value('first_value'), value('last_value'), value('nth_value', random.pick(['1', '2', '7'])), () => {
        const argument = any();
        return over(argument.type, `${random.pick(['arg_min', 'arg_max'])}({0}, {1})`, [argument, uid]);
      });
    }
    // Longer ones of every row are more than the reference can hold.
    if (total && /BETWEEN (\d|\d\d) PRECEDING/.test(text))
      choices.push(
        () => over('?', 'list({0})', [any()]),
        () => over('VARCHAR', "string_agg({0}, ',')", [maker.leaf('VARCHAR')]),
      );
    if (total && !framed) {
      choices.push(() => over('BIGINT', 'row_number()', []), value('lag'), value('lag', random.pick(['2', '5'])));
      if (!running) choices.push(value('lead'), value('lead', '2'), () => over('BIGINT', `ntile(${1 + random.below(4)})`, []));
    }
    if (!framed && text.includes('ORDER BY')) {
      choices.push(() => over('BIGINT', random.pick(['rank()', 'dense_rank()']), []));
      if (!running) choices.push(() => over('DOUBLE', random.pick(['percent_rank()', 'cume_dist()']), []));
    }
    return random.pick(choices)();
  }

  #number(): Term {
    const type = this.#maker.someType(summable);
    return type === 'HUGEINT' ? term(type, '({0} % 1000007)', this.#maker.leaf(type)) : this.#maker.leaf(type);
  }

  /** Whether a column tells all rows apart, so that an order can be total. */
  get unique(): boolean {
    return this.#relation.ordered && this.#relation.columns.some((column) => column.name === 'uid');
  }

  #keys(count: number): Term[] {
    const columns = this.#relation.columns.filter(({ exact, type, name }) => exact && comparable.includes(type) && name !== 'uid');
    return columns.length === 0
      ? []
      : Array.from({ length: count }, () => this.#random.pick(columns)).map(({ type, name }) => term(type, name));
  }

  #order(from: number, mustBeTotal = false): { text: string; operands: Term[]; total: boolean } {
    const keys = this.#keys(this.#random.pick([1, 1, 2]));
    const ways = keys.map(
      (_, k) => `{${from + k}}${this.#random.pick(['', ' DESC', ' DESC NULLS FIRST', ' ASC NULLS FIRST', ' DESC NULLS LAST'])}`,
    );
    const total = this.unique && (mustBeTotal || this.#random.chance(0.6));
    const all = total ? [...ways, 'uid'] : ways;
    return { text: all.length === 0 ? '' : `ORDER BY ${all.join(', ')}`, operands: keys, total };
  }
}

function partition(keys: readonly Term[]): string {
  return keys.length === 0 ? '' : `PARTITION BY ${keys.map((_, k) => `{${k}}`).join(', ')} `;
}
