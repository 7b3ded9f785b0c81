import type { Random } from '../connectors/random.ts';
import type { Item } from './query-case.ts';
import { comparable, type ExpressionMaker, type ScopeColumn, summable } from './random-expression.ts';
import { type Term, term } from './term.ts';

/** What a query reads: the source, a view, a CTE. */
export interface Relation {
  readonly name: string;
  readonly columns: readonly ScopeColumn[];
  readonly times: readonly string[];
  /** Its rows come in an order that DuckDB shares, and `uid` tells them apart. */
  readonly ordered: boolean;
  /** They come to its aggregates in another order, which DuckDB does not tell. */
  readonly mixed?: boolean;
}

const decimalsKept = 6;

export function bare(name: string, type: string, settings: Partial<Item> = {}): Item {
  return { name, type, calm: false, exact: true, time: false, term: term(type, name), ...settings };
}

/** One aggregate with random arguments, sometimes filtered, sometimes inside an expression. */
export class AggregateMaker {
  readonly #random: Random;
  readonly #risky: boolean;

  constructor(random: Random, risky: boolean) {
    this.#random = random;
    this.#risky = risky;
  }

  make(relation: Relation, maker: ExpressionMaker): Item {
    const random = this.#random;
    const plain = this.#call(relation, maker);
    const item = this.#filtered(plain, maker);
    const filtered = plain.cancels ? { ...item, term: term(item.type, `round({0}, ${decimalsKept})`, item.term) } : item;
    if (!random.chance(0.15)) return filtered;
    const { type, term: inner } = filtered;
    return {
      ...filtered,
      calm: false,
      term: term(
        type,
        random.pick(['(CASE WHEN count(*) > 2 THEN {0} END)', 'COALESCE({0}, NULL)', '(CASE WHEN {0} IS NULL THEN NULL ELSE {0} END)']),
        inner,
      ),
    };
  }

  #filtered(plain: Item, maker: ExpressionMaker): Item {
    if (!this.#random.chance(0.25)) return plain;
    const { text, operands } = plain.term;
    const condition = maker.make('BOOLEAN', 2);
    return { ...plain, term: { ...plain.term, text: `${text} FILTER (WHERE {${operands.length}})`, operands: [...operands, condition] } };
  }

  #call(relation: Relation, maker: ExpressionMaker): Item {
    const random = this.#random;
    const result = (type: string, text: string, operands: readonly Term[], settings: Partial<Item> = {}) =>
      bare('', type, { term: term(type, text, ...operands), ...settings });
    const any = () => {
      const type = maker.someType(comparable);
      return random.chance(0.7) ? maker.leaf(type) : maker.make(type, 2);
    };
    const number = () => {
      const type = maker.someType(summable);
      return type === 'HUGEINT' && !this.#risky
        ? term(type, '({0} % 1000007)', maker.leaf(type))
        : random.chance(0.7)
          ? maker.leaf(type)
          : maker.make(type, 2);
    };
    const calm = maker.calm();
    switch (random.below(20)) {
      case 0:
        return result('BIGINT', 'count(*)', []);
      case 1:
        return result('BIGINT', 'count({0})', [any()]);
      case 2:
        return result('?', 'count_if({0})', [maker.make('BOOLEAN', 2)]);
      case 3:
        return result('?', 'sum({0})', [number()]);
      case 4:
        return calm === null ? result('BIGINT', 'count(*)', []) : result('DOUBLE', 'sum({0})', [calm], { calm: true });
      case 5:
        return result('DOUBLE', 'avg({0})', [calm !== null && random.chance(0.5) ? calm : number()], { exact: false });
      case 6:
      case 7: {
        const argument = any();
        return result(argument.type, `${random.pick(['min', 'max'])}({0})`, [argument]);
      }
      case 8:
        return result('BOOLEAN', `${random.pick(['bool_and', 'bool_or'])}({0})`, [maker.make('BOOLEAN', 2)]);
      case 9:
      case 10: {
        const argument = any();
        const name = random.pick(['first', 'last', 'any_value']);
        return result(argument.type, relation.ordered && relation.mixed !== true ? `${name}({0})` : 'max({0})', [argument]);
      }
      case 11: {
        const argument = any();
        return relation.ordered && relation.columns.some((column) => column.name === 'uid')
          ? result(argument.type, `${random.pick(['arg_min', 'arg_max', 'min_by', 'max_by'])}({0}, {1})`, [
              argument,
              this.#distinctRank(maker),
            ])
          : result(argument.type, `${random.pick(['arg_min', 'arg_max'])}({0}, {0})`, [argument]);
      }
      case 12: {
        const argument = any();
        return result('BIGINT', 'count(DISTINCT {0})', [argument]);
      }
      case 13:
        return result('?', `${random.pick(['sum', 'min', 'max'])}(DISTINCT {0})`, [number()]);
      case 14: {
        const argument = any();
        if (!relation.ordered) return result(argument.type, 'min({0})', [argument]);
        return result(argument.type, `${random.pick(['first', 'last'])}({0} ORDER BY {1} ${random.pick(['', 'DESC'])})`, [
          argument,
          term('BIGINT', 'uid'),
        ]);
      }
      case 15: {
        const argument = random.chance(0.5) ? maker.leaf('VARCHAR') : any();
        if (!relation.ordered) return result('BIGINT', 'count({0})', [argument]);
        const order = [argument, term('BIGINT', 'uid')];
        return argument.type === 'VARCHAR'
          ? result('VARCHAR', `string_agg({0}, ${random.pick(["','", "''", "' é '"])} ORDER BY {1})`, order)
          : result('?', `${random.pick(['list', 'array_agg'])}({0} ORDER BY {1} DESC)`, order);
      }
      case 16: {
        const argument = term('INTEGER', '({0} % 1000)', maker.leaf('INTEGER'));
        const name = random.pick([
          'median({0})',
          'quantile_cont({0}, 0.25)',
          'quantile_disc({0}, 0.9)',
          'quantile_cont({0}, [0.1, 0.5, 1.0])',
        ]);
        return result('?', name, [argument], { exact: false });
      }
      case 17: {
        const pair = [maker.leaf('INTEGER'), maker.leaf('INTEGER')].map((leaf) => term('INTEGER', '({0} % 100)', leaf));
        const name = random.pick(['corr', 'covar_pop', 'covar_samp', 'regr_slope', 'regr_intercept', 'regr_count']);
        return result('DOUBLE', `${name}({0}, {1})`, pair, { exact: false, cancels: name !== 'regr_count' });
      }
      case 18:
        return result('?', `${random.pick(['bit_and', 'bit_or', 'bit_xor'])}({0})`, [
          maker.leaf(random.pick(['INTEGER', 'BIGINT', 'UTINYINT'])),
        ]);
      default: {
        const name = random.pick(['stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop']);
        const argument =
          calm === null
            ? term('INTEGER', '({0} % 1000)', maker.leaf('INTEGER'))
            : term(calm.type, '(CASE WHEN abs({0}) < 1e9 THEN {0} END)', calm);
        return result('DOUBLE', `${name}({0})`, [this.#risky && calm !== null ? calm : argument], { exact: false });
      }
    }
  }

  /** No two rows have the same. */
  #distinctRank(maker: ExpressionMaker): Term {
    const uid = term('BIGINT', 'uid');
    return this.#random.pick([
      uid,
      term('BIGINT', '(-{0})', uid),
      term('VARCHAR', '{0}::VARCHAR', uid),
      term('DOUBLE', '{0}::DOUBLE', uid),
      term('HUGEINT', '({0}::HUGEINT * 1000000000000000)', uid),
      term('BIGINT', '(CASE WHEN {1} THEN {0} END)', uid, maker.make('BOOLEAN', 1)),
    ]);
  }
}
