import type { Random } from '../connectors/random.ts';
import { nestedTypes, pools } from './random-schema.ts';
import { type Term, term } from './term.ts';

/** A column that expressions may use. */
export interface ScopeColumn {
  readonly name: string;
  readonly type: string;
  /** Its doubles are sums of eighths: adding them up in another order gives the same. */
  readonly calm: boolean;
  /** False: rounding depends on the order of the rows, so that nothing may be decided by it. */
  readonly exact: boolean;
}

type Shape = readonly [text: string, ...operands: string[]];

const integers = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT'];
const decimals = ['DECIMAL(4,1)', 'DECIMAL(9,2)', 'DECIMAL(18,4)', 'DECIMAL(30,4)'];
const scalars = Object.keys(pools).filter((type) => !nestedTypes.includes(type));
export const comparable = scalars.filter((type) => type !== 'INTERVAL');

/** No row makes these fail; `*` for every type. */
const shapes: Readonly<Record<string, readonly Shape[]>> = {
  BOOLEAN: [
    ['({0} AND {1})', 'BOOLEAN', 'BOOLEAN'],
    ['({0} OR {1})', 'BOOLEAN', 'BOOLEAN'],
    ['(NOT {0})', 'BOOLEAN'],
    ['({0} IS TRUE)', 'BOOLEAN'],
    ["({0} LIKE '%a%')", 'VARCHAR'],
    ["({0} LIKE 'a_c%')", 'VARCHAR'],
    ["({0} NOT ILIKE '%Z%')", 'VARCHAR'],
    ['contains({0}, {1})', 'VARCHAR', 'VARCHAR'],
    ["starts_with({0}, 'a')", 'VARCHAR'],
    ['isnan({0})', 'DOUBLE'],
  ],
  INTEGER: [
    ['length({0})::INTEGER', 'VARCHAR'],
    ['hour({0})::INTEGER', 'TIMESTAMP'],
    ['TRY_CAST({0} AS INTEGER)', 'VARCHAR'],
    ['TRY_CAST({0} AS INTEGER)', 'BIGINT'],
    ['({0}).a', 'STRUCT(a INTEGER, b VARCHAR)'],
    ['({0} % 1000)', 'INTEGER'],
  ],
  BIGINT: [
    ['({0}::BIGINT + {1})', 'INTEGER', 'INTEGER'],
    ['({0}::BIGINT * {1})', 'INTEGER', 'SMALLINT'],
    ['({0} // 7)', 'BIGINT'],
    ['({0} % NULLIF({1}, -1))', 'BIGINT', 'BIGINT'],
    ['({0} & {1})', 'BIGINT', 'BIGINT'],
    ['TRY_CAST({0} AS BIGINT)', 'HUGEINT'],
    ['TRY_CAST({0} AS BIGINT)', 'DOUBLE'],
  ],
  HUGEINT: [
    ['({0}::HUGEINT - {1})', 'BIGINT', 'UBIGINT'],
    ['({0} % 1000007)', 'HUGEINT'],
  ],
  SMALLINT: [['({0}::SMALLINT)', 'TINYINT']],
  DOUBLE: [
    ['({0} + {1})', 'DOUBLE', 'DOUBLE'],
    ['({0} * {1})', 'DOUBLE', 'DOUBLE'],
    ['abs({0})', 'DOUBLE'],
    ['floor({0})', 'DOUBLE'],
    ['{0}::DOUBLE', 'FLOAT'],
    ['{0}::DOUBLE', 'BIGINT'],
    ['({0} / 4)', 'INTEGER'],
    ['TRY_CAST({0} AS DOUBLE)', 'VARCHAR'],
  ],
  FLOAT: [['({0} - {1})', 'FLOAT', 'FLOAT']],
  'DECIMAL(18,4)': [
    ['{0}::DECIMAL(18,4)', 'DECIMAL(9,2)'],
    ['TRY_CAST({0} AS DECIMAL(18,4))', 'VARCHAR'],
  ],
  VARCHAR: [
    ['({0} || {1})', 'VARCHAR', 'VARCHAR'],
    ['upper({0})', 'VARCHAR'],
    ['substring({0}, 2, 3)', 'VARCHAR'],
    ["replace({0}, 'a', 'bb')", 'VARCHAR'],
    ['{0}::VARCHAR', 'BIGINT'],
    ['{0}::VARCHAR', 'BOOLEAN'],
    ['{0}::VARCHAR', 'TIMESTAMP'],
    ['{0}::VARCHAR', 'DECIMAL(9,2)'],
    ["({0})['k']", 'MAP(VARCHAR, VARCHAR)'],
    ['({0}).b', 'STRUCT(a INTEGER, b VARCHAR)'],
    ["concat({0}, '|', {1})", 'VARCHAR', 'INTEGER'],
  ],
  TIMESTAMP: [
    ["date_trunc('hour', {0})", 'TIMESTAMP'],
    ["time_bucket(INTERVAL '15 minutes', {0})", 'TIMESTAMP'],
    ['{0}::TIMESTAMP', 'DATE'],
  ],
  DATE: [['last_day({0})', 'DATE']],
};

/** Some rows may make these fail. */
const riskyShapes: Readonly<Record<string, readonly Shape[]>> = {
  TINYINT: [['({0} + {1})', 'TINYINT', 'TINYINT']],
  INTEGER: [
    ['({0} + {1})', 'INTEGER', 'INTEGER'],
    ['({0} * {1})', 'INTEGER', 'INTEGER'],
    ['(-{0})', 'INTEGER'],
    ['{0}::INTEGER', 'VARCHAR'],
    ['{0}::INTEGER', 'DOUBLE'],
  ],
  BIGINT: [
    ['({0} - {1})', 'BIGINT', 'BIGINT'],
    ['({0} * {1})', 'BIGINT', 'BIGINT'],
    ['abs({0})', 'BIGINT'],
    ['({0} % {1})', 'BIGINT', 'BIGINT'],
    ['({0} // {1})', 'BIGINT', 'BIGINT'],
  ],
  HUGEINT: [['({0} + {1})', 'HUGEINT', 'HUGEINT']],
  UBIGINT: [['({0} - {1})', 'UBIGINT', 'UBIGINT']],
  DATE: [['({0} + {1})', 'DATE', 'INTEGER']],
  TIMESTAMP: [["({0} + INTERVAL '90 days')", 'TIMESTAMP']],
};

const comparisons = ['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'];

/** Expressions of a wanted type over the columns of one scope. */
export class ExpressionMaker {
  readonly #random: Random;
  readonly #columns: readonly ScopeColumn[];
  readonly #risky: boolean;

  constructor(random: Random, columns: readonly ScopeColumn[], risky: boolean) {
    this.#random = random;
    this.#columns = columns;
    this.#risky = risky;
  }

  /** A type that some column has, more often than not. */
  someType(among: readonly string[] = scalars): string {
    if (this.#risky && this.#random.chance(0.4)) return this.#random.pick(Object.keys(riskyShapes).filter((type) => among.includes(type)));
    const present = this.#columns.filter((column) => column.exact && among.includes(column.type));
    return present.length > 0 && this.#random.chance(0.85) ? this.#random.pick(present).type : this.#random.pick(among);
  }

  make(type: string, depth: number): Term {
    const random = this.#random;
    if (depth <= 0 || random.chance(this.#risky ? 0.1 : 0.3)) return this.leaf(type);
    if (type === 'BOOLEAN' && random.chance(0.6)) return this.#condition(depth);
    const risky = this.#risky ? (riskyShapes[type] ?? []) : [];
    if (risky.length > 0 && random.chance(0.5)) return this.#shaped(type, random.pick(risky), depth);
    const own = shapes[type] ?? [];
    const fitting = own.filter(([, ...operands]) => operands.every((operand) => this.#columns.some((column) => column.type === operand)));
    if (own.length > 0 && random.chance(0.6))
      return this.#shaped(type, random.pick(fitting.length > 0 && random.chance(0.8) ? fitting : own), depth);
    const any: readonly Shape[] = [
      ['(CASE WHEN {0} THEN {1} ELSE {2} END)', 'BOOLEAN', type, type],
      ['(CASE WHEN {0} THEN {1} END)', 'BOOLEAN', type],
      ['COALESCE({0}, {1})', type, type],
      ['NULLIF({0}, {1})', type, type],
      ['greatest({0}, {1})', type, type],
      ['least({0}, {1})', type, type],
    ];
    const allowed = nestedTypes.includes(type) || type === 'INTERVAL' ? [] : any;
    return allowed.length === 0 ? this.leaf(type) : this.#shaped(type, random.pick(allowed), depth);
  }

  leaf(type: string): Term {
    const columns = this.#columns.filter((column) => column.exact && column.type === type);
    if (columns.length > 0 && this.#random.chance(0.85)) return term(type, this.#random.pick(columns).name);
    return this.literal(type);
  }

  literal(type: string): Term {
    if (this.#random.chance(0.04)) return term(type, `NULL::${type}`);
    const value = this.#random.pick(pools[type] as readonly string[]);
    return term(type, `${value.startsWith('-') ? `(${value})` : value}::${type}`);
  }

  /** Eighths, in whatever order they are added: the argument of a sum of doubles. Null when no column gives such. */
  calm(): Term | null {
    const columns = this.#columns.filter((column) => column.calm);
    if (columns.length === 0) return null;
    const column = this.#random.pick(columns);
    const own = term(column.type, column.name);
    if (this.#random.chance(0.6)) return own;
    const bare: readonly Term[] = [
      term(column.type, '({0} * 2)', own),
      term(column.type, '({0} + 1)', own),
      term(column.type, `(CASE WHEN {0} THEN {1} ELSE 0 END)`, this.make('BOOLEAN', 1), own),
    ];
    return this.#random.pick(bare);
  }

  #shaped(type: string, [text, ...operands]: Shape, depth: number): Term {
    return term(type, text, ...operands.map((operand) => this.make(operand, depth - 1)));
  }

  #condition(depth: number): Term {
    const random = this.#random;
    const type = this.someType(comparable);
    const operand = () => this.make(type, depth - 1);
    const constant = () => this.literal(type);
    const subject = random.chance(0.7) ? this.leaf(type) : operand();
    switch (random.below(7)) {
      case 0:
        // DuckDB's statistics may know the answer without computing what may fail.
        return term('BOOLEAN', `({0} IS ${random.chance(0.5) ? 'NOT ' : ''}NULL)`, this.#risky ? this.leaf(type) : subject);
      case 1:
        return term(
          'BOOLEAN',
          `({0} ${random.chance(0.3) ? 'NOT ' : ''}IN ({1}, {2}))`,
          subject,
          constant(),
          random.chance(0.5) ? constant() : operand(),
        );
      case 2:
        return term('BOOLEAN', '({0} BETWEEN {1} AND {2})', subject, constant(), operand());
      case 3:
        return term('BOOLEAN', `({0} ${random.pick(comparisons)} {1})`, constant(), subject);
      default:
        return term('BOOLEAN', `({0} ${random.pick(comparisons)} {1})`, subject, random.chance(0.6) ? constant() : operand());
    }
  }
}

export const summable: readonly string[] = [...integers, ...decimals.slice(0, 3)];
