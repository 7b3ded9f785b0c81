/** DuckDB's bound plan as `json_serialize_plan` gives it (1.5). Only the modules of this folder know it. */
export interface DuckType {
  readonly id: string;
  readonly type_info?: {
    readonly alias?: string;
    readonly width?: number;
    readonly scale?: number;
    readonly child_type?: DuckType;
    readonly child_types?: readonly { readonly first: string; readonly second: DuckType }[];
    readonly values?: readonly string[];
  };
}

export interface DuckValue {
  readonly type: DuckType;
  readonly is_null: boolean;
  readonly value?: unknown;
}

export interface DuckExpression {
  readonly expression_class: string;
  readonly type: string;
  readonly alias?: string;
  readonly query_location?: number | bigint;
  readonly return_type?: DuckType;
  readonly name?: string;
  readonly index?: number | bigint;
  readonly value?: DuckValue;
  readonly child?: DuckExpression;
  readonly children?: readonly DuckExpression[];
  readonly left?: DuckExpression;
  readonly right?: DuckExpression;
  readonly lower?: DuckExpression;
  readonly upper?: DuckExpression;
  readonly input?: DuckExpression;
  readonly lower_inclusive?: boolean;
  readonly upper_inclusive?: boolean;
  readonly case_checks?: readonly { readonly when_expr: DuckExpression; readonly then_expr: DuckExpression }[];
  readonly else_expr?: DuckExpression;
  readonly try_cast?: boolean;
  readonly binding?: { readonly table_index: number; readonly column_index: number };
  readonly function_data?: {
    readonly quantiles?: readonly (number | DuckValue)[];
    readonly desc?: boolean;
    readonly separator?: string;
    readonly lambda_expr?: DuckExpression;
    readonly variable_return_type?: DuckType;
    readonly [key: string]: unknown;
  };
  readonly aggregate_type?: string;
  readonly filter?: DuckExpression;
  readonly filters?: DuckExpression;
  readonly order_bys?: { readonly orders: readonly DuckOrder[] };
  readonly orders?: readonly DuckOrder[];
  readonly partitions?: readonly DuckExpression[];
  readonly arg_orders?: readonly DuckOrder[];
  readonly start?: string;
  readonly end?: string;
  readonly start_expr?: DuckExpression;
  readonly end_expr?: DuckExpression;
  readonly offset_expr?: DuckExpression;
  readonly default_expr?: DuckExpression;
  readonly exclude_clause?: string;
  readonly ignore_nulls?: boolean;
  readonly distinct?: boolean;
}

export interface DuckOrder {
  readonly type: string;
  readonly null_order: string;
  readonly expression: DuckExpression;
}

export interface DuckNode {
  readonly type: string;
  readonly children?: readonly DuckNode[];
  readonly expressions?: readonly DuckExpression[] | readonly (readonly DuckExpression[])[];
  readonly table_index?: number;
  readonly returned_types?: readonly DuckType[];
  readonly names?: readonly string[];
  readonly name?: string;
  readonly function_data?: { readonly table?: string };
  readonly column_indexes?: readonly { readonly index: number | bigint }[];
  readonly projected_input?: readonly number[];
  readonly projection_map?: readonly number[];
  readonly left_projection_map?: readonly number[];
  readonly right_projection_map?: readonly number[];
  readonly groups?: readonly DuckExpression[];
  readonly grouping_sets?: readonly (readonly number[])[];
  readonly grouping_functions?: readonly unknown[];
  readonly join_type?: string;
  readonly conditions?: readonly { readonly left: DuckExpression; readonly right: DuckExpression; readonly comparison: string }[];
  readonly condition?: DuckExpression;
  readonly predicate?: DuckExpression;
  readonly duplicate_eliminated_columns?: readonly DuckExpression[];
  readonly chunk_types?: readonly DuckType[];
  readonly cte_index?: number;
  readonly distinct_type?: string;
  readonly distinct_targets?: readonly DuckExpression[];
  readonly order_by?: { readonly orders?: readonly DuckOrder[] };
  readonly expr_types?: readonly DuckType[];
  readonly setop_all?: boolean;
}

export interface DuckError {
  readonly error: true;
  readonly error_type: string;
  readonly error_message: string;
  readonly error_subtype?: string;
  readonly position?: string;
  readonly candidates?: string;
  readonly name?: string;
}

export type DuckPlan = { readonly error: false; readonly plans: readonly DuckNode[] } | DuckError;

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** JSON.parse, but integers that a double cannot hold become bigint: BIGINT and HUGEINT constants. */
export function parseLossless(json: string): unknown {
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context.source !== undefined && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value;
  return JSON.parse(json, revive as (this: unknown, key: string, value: unknown) => unknown);
}
