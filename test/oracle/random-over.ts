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
    const unique = this.#unique;
    const range = !unique || random.chance(0.45);
    const frame = range
      ? `RANGE BETWEEN INTERVAL '${random.pick(reaches)}' PRECEDING AND CURRENT ROW`
      : `ROWS BETWEEN ${random.pick([0, 1, 3, 10, 40, 700])} PRECEDING AND CURRENT ROW`;
    const order = range ? time : `${time}, uid`;
    return { text: `${partition(keys)}ORDER BY ${order} ${frame}`, operands: keys, total: !range, framed: true };
  }

  /** Whole partitions that a window or a key closes. */
  withinWindow(): OverWindow {
    const random = this.#random;
    const keys = [term('TIMESTAMP', 'window_start'), ...this.#keys(random.pick([0, 1]))];
    const order = random.chance(0.7) ? this.#order(keys.length) : null;
    const total = order?.total === true;
    const frames = ['', 'ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING', 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW', 'ROWS 3 PRECEDING'];
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
    return term('BIGINT', `row_number() OVER (${partition(keys)}${order.text})`, ...keys, ...order.operands);
  }

  call({ text, operands, total, framed }: OverWindow): Item {
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
    const value = (name: string) => () => {
      const argument = any();
      return over(argument.type, `${name}({0})`, [argument]);
    };
    if (total) choices.push(value('first_value'), value('last_value'));
    if (total && !framed)
      choices.push(
        () => over('BIGINT', 'row_number()', []),
        value('lag'),
        value('lead'),
        () => over('BIGINT', `ntile(${1 + random.below(4)})`, []),
      );
    if (!framed && text.includes('ORDER BY')) choices.push(() => over('BIGINT', random.pick(['rank()', 'dense_rank()']), []));
    return random.pick(choices)();
  }

  #number(): Term {
    const type = this.#maker.someType(summable);
    return type === 'HUGEINT' ? term(type, '({0} % 1000007)', this.#maker.leaf(type)) : this.#maker.leaf(type);
  }

  get #unique(): boolean {
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
    const total = this.#unique && (mustBeTotal || this.#random.chance(0.6));
    const all = total ? [...ways, 'uid'] : ways;
    return { text: all.length === 0 ? '' : `ORDER BY ${all.join(', ')}`, operands: keys, total };
  }
}

function partition(keys: readonly Term[]): string {
  return keys.length === 0 ? '' : `PARTITION BY ${keys.map((_, k) => `{${k}}`).join(', ')} `;
}
