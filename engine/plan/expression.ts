import type { DataType } from '../../connectors/data-type.ts';
import type { Span } from '../diagnostic.ts';

export type CompareOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'is_distinct' | 'is_not_distinct';

/** integers and decimals (unscaled), timestamps (own unit), dates, times as bigint; float/double as number; interval as a record. */
export type ConstantValue = null | boolean | number | bigint | string | IntervalValue | readonly ConstantValue[];
export interface IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

interface Typed {
  readonly type: DataType;
  /** False only when the plan proves that the value is never NULL. */
  readonly nullable: boolean;
  /** Bytes of the query file, for errors. */
  readonly span?: Span;
}

/** Casts are explicit: operands of a comparison, branches of a case and arguments of a function have the types they need. */
export type Expression = Typed &
  (
    | { readonly kind: 'column'; readonly index: number }
    | { readonly kind: 'constant'; readonly value: ConstantValue }
    | { readonly kind: 'cast'; readonly child: Expression; readonly try: boolean }
    | { readonly kind: 'compare'; readonly operator: CompareOperator; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'and' | 'or'; readonly children: readonly Expression[] }
    | { readonly kind: 'not' | 'is_null' | 'is_not_null'; readonly child: Expression }
    | { readonly kind: 'case'; readonly branches: readonly { when: Expression; then: Expression }[]; readonly otherwise: Expression }
    | { readonly kind: 'coalesce'; readonly children: readonly Expression[] }
    | { readonly kind: 'in'; readonly child: Expression; readonly list: readonly Expression[]; readonly negated: boolean }
    /** DuckDB's function name as bound (`+`, `lower`, `~~` for LIKE, `date_part`, `map_extract_value`, `struct_extract` ...). */
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  );
