import { integerKinds } from '../../connectors/data-type.ts';
import type { Expression } from './expression.ts';
import type { PlanNode } from './plan.ts';
import { conjuncts } from './walk-expression.ts';

/**
 * What tells the rows of a node apart. Columns that always hold the same value, or of which each gives the other (window_start and
 * window_end of a tumble), share a class. A key is a set of classes that no two rows have in common; the empty key: at most one row.
 */
export interface RowIdentity {
  /** By column. */
  readonly classes: readonly number[];
  readonly keys: readonly (readonly number[])[];
}

type Join = Extract<PlanNode, { kind: 'join' }>;

/** Keys beyond these are forgotten: combinations of joins would give ever more. */
const keysMax = 8;

/** Finds the keys of nodes, inputs first. One finder for a plan: its classes are numbered through. */
export class RowIdentities {
  #next = 0;
  /** Classes whose values count from 1 up without a gap. */
  readonly #numberings = new Set<number>();

  /** `scanKey`: names of the columns that are the key of a scanned table, or null. */
  of(node: PlanNode, inputs: readonly RowIdentity[], scanKey: readonly string[] | null): RowIdentity {
    const [input = { classes: [], keys: [] }] = inputs;
    switch (node.kind) {
      case 'scan':
        return this.#scan(node, scanKey);
      case 'values':
        return { classes: node.schema.map(() => this.#next++), keys: node.rows.length <= 1 ? [[]] : [] };
      case 'filter':
        return { ...input, keys: this.#withoutConstants(input, node.predicate) };
      case 'project':
        return this.#project(node.expressions, input);
      case 'window':
        return this.#window(node, input);
      case 'aggregate': {
        const groups = node.groups.map((group) => this.#classOf(group, input));
        const key = groups.filter((_, index) => node.groups[index]?.kind !== 'constant');
        return { classes: [...groups, ...node.aggregates.map(() => this.#next++)], keys: [distinct(key)] };
      }
      case 'over':
        return this.#over(node, input);
      case 'join':
        return this.#join(node, inputs as readonly [RowIdentity, RowIdentity]);
      case 'unnest':
        return { classes: [...input.classes, ...node.lists.map(() => this.#next++)], keys: [] };
      case 'union':
        return { classes: node.schema.map(() => this.#next++), keys: [] };
      case 'distinct':
        return { ...input, keys: limited([...input.keys, distinct(node.on.map((each) => this.#classOf(each, input)))]) };
    }
  }

  #scan(node: Extract<PlanNode, { kind: 'scan' }>, scanKey: readonly string[] | null): RowIdentity {
    const classes = node.columns.map(() => this.#next++);
    const key = scanKey?.map((name) => classes[node.columns.indexOf(name)]);
    return { classes, keys: key === undefined || key.includes(undefined) ? [] : [key as number[]] };
  }

  #project(expressions: readonly Expression[], input: RowIdentity): RowIdentity {
    const classes = expressions.map((each) => this.#classOf(each, input));
    const kept = new Set(classes);
    return { classes, keys: input.keys.filter((key) => key.every((each) => kept.has(each))) };
  }

  #window(node: Extract<PlanNode, { kind: 'window' }>, input: RowIdentity): RowIdentity {
    const start = this.#next++;
    // The end of a session says nothing of its start.
    const end = node.window.kind === 'session' ? this.#next++ : start;
    const classes = [...input.classes, start, end];
    return { classes, keys: node.window.kind === 'hop' ? input.keys.map((key) => [...key, start]) : input.keys };
  }

  #over(node: Extract<PlanNode, { kind: 'over' }>, input: RowIdentity): RowIdentity {
    const added = node.calls.map(() => this.#next++);
    const numbered = node.calls.flatMap((call, index) => {
      if (call.name !== 'row_number') return [];
      this.#numberings.add(added[index] as number);
      return [distinct([...call.partitionBy.map((each) => this.#classOf(each, input)), added[index] as number])];
    });
    return { classes: [...input.classes, ...added], keys: limited([...input.keys, ...numbered]) };
  }

  #join(node: Join, [left, right]: readonly [RowIdentity, RowIdentity]): RowIdentity {
    if (node.type === 'semi' || node.type === 'anti') return left;
    if (node.type === 'mark') return { classes: [...left.classes, this.#next++], keys: left.keys };
    const equal = node.conditions.filter((each) => each.operator === '=' || each.operator === 'is_not_distinct');
    const pairs = equal.map((each) => [this.#classOf(each.left, left), this.#classOf(each.right, right)] as const);
    const rightOnce = node.asof || node.type === 'single' || isCovered(right.keys, new Set(pairs.map(([, each]) => each)));
    const leftOnce = !node.asof && isCovered(left.keys, new Set(pairs.map(([each]) => each)));
    const told = (side: PlanNode, { classes }: RowIdentity, key: readonly number[]): boolean =>
      key.some((each) => side.schema[classes.indexOf(each)]?.nullable === false);
    // Of a full join, rows that only the left has and rows that only the right has would be the same if all of the key may be NULL.
    const apart = (a: readonly number[], b: readonly number[]): boolean =>
      node.type !== 'full' || told(node.left, left, a) || told(node.right, right, b);
    const both = left.keys.flatMap((a) => right.keys.filter((b) => apart(a, b)).map((b) => distinct([...a, ...b])));
    const keys = [
      // Rows that only the other side has would share the key's NULLs.
      ...(rightOnce && (node.type === 'inner' || node.type === 'left' || node.type === 'single') ? left.keys : []),
      ...(leftOnce && (node.type === 'inner' || node.type === 'right') ? right.keys : []),
      ...both,
    ];
    const classes = [...left.classes, ...right.classes];
    if (node.type !== 'inner') return { classes, keys: limited(keys) };
    const merged = new Map(equal.flatMap((each, index) => (each.operator === '=' ? [[pairs[index]![1], pairs[index]![0]] as const] : [])));
    const renamed = (each: number): number => merged.get(each) ?? each;
    return { classes: classes.map(renamed), keys: limited(keys.map((key) => distinct(key.map(renamed)))) };
  }

  #classOf(expression: Expression, input: RowIdentity): number {
    if (expression.kind === 'column') return input.classes[expression.index] ?? this.#next++;
    if (expression.kind === 'cast' && keepsApart(expression)) return this.#classOf(expression.child, input);
    return this.#next++;
  }

  /** A column that a filter holds at one value tells no rows apart. */
  #withoutConstants(input: RowIdentity, predicate: Expression): readonly (readonly number[])[] {
    const fixed = new Set<number>();
    for (const part of conjuncts(predicate)) {
      if (part.kind !== 'compare' || part.left.kind !== 'column' || part.right.kind !== 'constant') continue;
      const column = input.classes[part.left.index] as number;
      const { value } = part.right;
      const first = this.#numberings.has(column) && ((part.operator === '<=' && value === 1n) || (part.operator === '<' && value === 2n));
      if (part.operator === '=' || first) fixed.add(column);
    }
    return fixed.size === 0 ? input.keys : input.keys.map((key) => key.filter((each) => !fixed.has(each)));
  }
}

/** Columns of a node that make one of its keys, the shortest; null: only the whole row, counted, tells rows apart. */
export function keyColumns(identity: RowIdentity): readonly number[] | null {
  const keys = identity.keys
    .map((key) => key.map((each) => identity.classes.indexOf(each)))
    .filter((columns) => !columns.includes(-1))
    .sort((a, b) => a.length - b.length);
  return keys[0]?.toSorted((a, b) => a - b) ?? null;
}

/** Different values stay different. */
function keepsApart(cast: Extract<Expression, { kind: 'cast' }>): boolean {
  return !cast.try && integerKinds.has(cast.child.type.kind) && (integerKinds.has(cast.type.kind) || cast.type.kind === 'varchar');
}

function isCovered(keys: RowIdentity['keys'], by: ReadonlySet<number>): boolean {
  return keys.some((key) => key.every((each) => by.has(each)));
}

function distinct(key: readonly number[]): number[] {
  return [...new Set(key)];
}

function limited(keys: readonly (readonly number[])[]): (readonly number[])[] {
  return keys.slice(0, keysMax);
}
