import type { DataType } from '../../../../connectors/data-type.ts';
import type { AggregateCall } from '../../../plan/plan.ts';
import { compileAggregate } from '../../aggregates/compile-aggregate.ts';
import { Replay } from '../../aggregates/replay.ts';
import { forRows, listRows, type RowSet, type SortKey } from '../../aggregates/row-set.ts';
import { machineOf } from '../../machine-type.ts';
import type { ModuleBuilder } from '../../module-builder.ts';
import { RowLayout } from '../../row-layout.ts';
import type { RowScope } from '../../row-scope.ts';
import type { ExpressionScope, Value } from '../contract.ts';
import type { FunctionCall, FunctionEntry } from '../function-call.ts';
import { oneForm } from '../one-form.ts';
import type { OpenList } from '../packed/read.ts';
import { holdsEnum, type ListType } from '../packed/shape.ts';
import { listSource, loop, optional, required } from '../packed/source.ts';
import { ListWriter } from '../packed/write.ts';

const group = 'Lists';

/** Aggregates that need nothing but the values. */
const aggregates = new Set([
  'sum',
  'avg',
  'mean',
  'min',
  'max',
  'count',
  'any_value',
  'first',
  'last',
  'median',
  'mode',
  'product',
  'stddev',
  'stddev_samp',
  'stddev_pop',
  'variance',
  'var_samp',
  'var_pop',
  'sem',
  'skewness',
  'kurtosis',
  'kurtosis_pop',
  'entropy',
  'histogram',
  'bool_and',
  'bool_or',
  'bit_and',
  'bit_or',
  'bit_xor',
  'mad',
  'favg',
  'fsum',
  'kahan_sum',
  'sumkahan',
  'approx_count_distinct',
]);

function elementType(call: FunctionCall): DataType {
  const { type } = call.argument(0);
  if (type.kind !== 'list') throw call.refuse();
  return type.child;
}

/** An aggregate over a list's elements. */
function listAggregate(call: FunctionCall): Value {
  const child = elementType(call);
  const name = call.constantText(1, 'name');
  if (!aggregates.has(name) || call.args.length !== 2) throw call.refuse(`${call.name} with ${name}`);
  const aggregate: AggregateCall = {
    name,
    args: [{ kind: 'column', index: 0, type: child, nullable: true }],
    filter: null,
    distinct: false,
    orderBy: [],
    parameters: [],
    type: call.type,
    ...(call.expression.span === undefined ? {} : { span: call.expression.span }),
  };
  const column = { type: child, machine: machineOf(child), valid: 'perhaps' };
  const replay = new Replay(call.scope.module as ModuleBuilder, aggregate, [column], compileAggregate);
  const list = listSource(call.argument(0), call.scope);
  return optional(call.scope, call.type, list.valid, (inner, variable) => {
    const open = list.open(inner);
    const value = replay.run(inner as RowScope, (outer, step) => {
      loop(outer, open.count, (row, i) => step(row as RowScope, [open.element(row, i)], `<i64>${i}`));
    });
    variable.set(inner, value);
  });
}

/** Elements of one list at a time, in a block of entries that is used again; `p` holds its address while they are listed. */
class ElementRows implements RowSet {
  readonly accumulator = { key: '', args: [], fields: [], offsets: [0], update: () => [], merge: () => [] };
  readonly columns;
  readonly entryBytes: number;
  readonly arrival = null;
  readonly #layout: RowLayout;
  readonly #field: string;
  readonly #candidate: string;

  constructor(module: ModuleBuilder, child: DataType) {
    this.columns = [{ type: child, machine: machineOf(child), valid: 'perhaps' }];
    this.#layout = new RowLayout(this.columns);
    this.entryBytes = this.#layout.bytes;
    this.#field = module.memory(8);
    this.#candidate = module.memory(this.entryBytes);
  }

  read(scope: RowScope, k: number, entry: string): Value {
    return this.#layout.read(scope, k, entry);
  }

  /** Emits what empties the block and takes the elements in; `distinct`: equal ones once, NULLs not at all. */
  fill(scope: ExpressionScope, list: OpenList, distinct: boolean): void {
    const entries = (name: string) => scope.module.import('kept-entries', name);
    scope.emit(`const p: usize = ${this.#field};`);
    scope.emit(`${entries('releaseEntries')}(p);`);
    loop(scope, list.count, (step, i) => {
      const element = list.element(step, i);
      if (!distinct) {
        const entry = step.name('entry');
        step.emit(`const ${entry} = ${entries('appendEntry')}(p, ${this.entryBytes});`);
        for (const line of this.#layout.write([element], entry)) step.emit(line);
        return;
      }
      step.block(element.valid === 'true' ? '' : `if (${element.valid})`, (present) => {
        const value = oneForm(present, { ...element, valid: 'true' }, true);
        for (const line of this.#layout.write([value], this.#candidate)) present.emit(line);
        present.emit(`${entries('addEntry')}(p, ${this.#candidate}, ${this.entryBytes}, ${this.entryBytes});`);
      });
    });
  }

  count(scope: ExpressionScope): string {
    return `${scope.module.import('kept-entries', 'entryCount')}(load<u32>(p))`;
  }

  /** Emits the list of what is held. */
  list(scope: RowScope, child: DataType, keys: readonly SortKey[]): string {
    const listing = listRows(scope.module as ModuleBuilder, scope, this, keys);
    const writer = new ListWriter(scope, child, listing.count);
    forRows(scope, listing, (row, entry, k) => writer.set(row, k, this.read(row, 0, entry)));
    return writer.finish(scope);
  }
}

/** In order; NULLs last unless said otherwise. */
const sorted =
  (reverse: boolean) =>
  (call: FunctionCall): Value => {
    const child = elementType(call);
    if (holdsEnum(child) && child.kind !== 'enum') throw call.refuse();
    const order = reverse || call.args[1] === undefined ? '' : call.constantText(1, 'order').toUpperCase();
    const nulls = call.args[reverse ? 1 : 2] === undefined ? '' : call.constantText(reverse ? 1 : 2, 'order of NULLs').toUpperCase();
    const key: SortKey = { column: 0, descending: reverse || order.startsWith('DESC'), nullsFirst: nulls.endsWith('FIRST') };
    const rows = new ElementRows(call.scope.module as ModuleBuilder, child);
    const list = listSource(call.argument(0), call.scope);
    return required(call.scope, call.type, list.valid, (inner) => {
      rows.fill(inner, list.open(inner), false);
      return [rows.list(inner as RowScope, child, [key])];
    });
  };

/** Values that are not NULL, once each, in order of their first. */
function distinct(call: FunctionCall): Value {
  const rows = new ElementRows(call.scope.module as ModuleBuilder, elementType(call));
  const list = listSource(call.argument(0), call.scope);
  return required(call.scope, call.type, list.valid, (inner) => {
    rows.fill(inner, list.open(inner), true);
    return [rows.list(inner as RowScope, (call.type as ListType).child, [])];
  });
}

function distinctCount(call: FunctionCall): Value {
  const rows = new ElementRows(call.scope.module as ModuleBuilder, elementType(call));
  const list = listSource(call.argument(0), call.scope);
  return required(call.scope, call.type, list.valid, (inner) => {
    rows.fill(inner, list.open(inner), true);
    return [`<${machineOf(call.type)}>${rows.count(inner)}`];
  });
}

export const listAggregateFunctions: readonly FunctionEntry[] = [
  {
    names: ['list_aggr', 'list_aggregate', 'array_aggr', 'array_aggregate', 'aggregate'],
    group,
    signature: "list_sum(l), list_avg(l), list_min(l), list_aggregate(l, 'name')",
    summary: 'An aggregate of the elements: list_ with sum, avg, min, max, count, median, mode, first, last, stddev_samp, histogram ...',
    compile: listAggregate,
  },
  {
    names: ['list_sort', 'array_sort'],
    group,
    signature: "list_sort(l, 'DESC', 'NULLS FIRST')",
    summary: 'Elements in order',
    compile: sorted(false),
  },
  {
    names: ['list_reverse_sort', 'array_reverse_sort'],
    group,
    signature: 'list_reverse_sort(l)',
    summary: 'Largest first',
    compile: sorted(true),
  },
  {
    names: ['list_distinct', 'array_distinct'],
    group,
    signature: 'list_distinct(l)',
    summary: 'Values once each, without NULL, in order of their first',
    compile: distinct,
  },
  {
    names: ['list_unique', 'array_unique'],
    group,
    signature: 'list_unique(l)',
    summary: 'How many values there are, without NULL',
    compile: distinctCount,
  },
];
