import type { Expression } from '../../plan/expression.ts';
import type { AggregateCall } from '../../plan/plan.ts';
import type { Value } from '../expression/contract.ts';
import type { ListType, MapType } from '../expression/packed/shape.ts';
import { beginField, endField, ListWriter } from '../expression/packed/write.ts';
import { machineOf } from '../machine-type.ts';
import { notSupported } from '../refuse.ts';
import type { RowScope } from '../row-scope.ts';
import { type AggregateContext, expressionKey, type Finish, onlyArgument, type Template } from './accumulator.ts';
import { distinctRows } from './distinct-rows.ts';
import { keptRows } from './kept-rows.ts';
import { blockOf, countOf, forRows, listRows, ofRows, type RowSet, type SortKey } from './row-set.ts';

function interned(call: AggregateCall, id: string): Value {
  return { type: call.type, machine: machineOf(call.type), parts: [id], valid: 'true' };
}

/** The rows of an aggregate that goes by their order, and by which columns. Argument 0 comes first. */
export function orderedRows(
  context: AggregateContext,
  call: AggregateCall,
  args: readonly Expression[],
  required: number,
): { rows: RowSet; keys: readonly SortKey[] } {
  const columns = [...args];
  const keys = call.orderBy.map(({ expression, descending, nullsFirst }) => {
    const known = columns.findIndex((column) => expressionKey(column) === expressionKey(expression));
    if (known >= 0) return { column: known, descending, nullsFirst };
    if (call.distinct) throw notSupported(`${call.name}(DISTINCT ...) in an order by something else`, call.span);
    columns.push(expression);
    return { column: columns.length - 1, descending, nullsFirst };
  });
  const rows = call.distinct
    ? distinctRows(context, call.filter, columns, required, false)
    : keptRows(context, call.filter, columns, required);
  return { rows, keys };
}

/** All values, NULLs too; NULL of no rows. */
const list: Template = (context, call) => {
  const { rows, keys } = orderedRows(context, call, [onlyArgument(call)], 0);
  return (scope) => {
    return ofRows(scope, rows, call.type, (inner, variable) => {
      const listing = listRows(context.module, inner, rows, keys);
      const writer = new ListWriter(inner, (call.type as ListType).child, listing.count);
      forRows(inner, listing, (row, entry, k) => writer.set(row, k, rows.read(row, 0, entry)));
      variable.set(inner, interned(call, writer.finish(inner)));
    });
  };
};

/** Texts that are not NULL, with the separator between. */
const joinedTexts: Template = (context, call) => {
  const [text, separator] = call.args as [Expression, Expression | undefined];
  if (machineOf(text.type) !== 'string') throw notSupported(`${call.name} of a ${text.type.kind}`, call.span);
  if (separator !== undefined && separator.kind !== 'constant')
    throw notSupported(`${call.name} with a separator that is not a constant`, call.span);
  const { rows, keys } = orderedRows(context, call, [text], 1);
  const between = context.module.stringConstant(separator === undefined ? ',' : String(separator.value));
  const builder = (name: string) => context.module.import('text-builder', name);
  return (scope) => {
    return ofRows(scope, rows, call.type, (inner, variable) => {
      const listing = listRows(context.module, inner, rows, keys);
      inner.emit(`${builder('beginText')}();`);
      forRows(inner, listing, (row, entry, k) => {
        row.emit(`if (${k} != 0) ${builder('putString')}(${between});`);
        row.emit(`${builder('putString')}(${rows.read(row, 0, entry).parts[0]});`);
      });
      variable.set(inner, interned(call, `${builder('finishText')}()`));
    });
  };
};

/** How often each value came, by value. */
const histogram: Template = (context, call) => {
  const type = call.type as MapType;
  const rows = distinctRows(context, call.filter, [onlyArgument(call)], 1, !call.distinct);
  return (scope) => {
    return ofRows(scope, rows, type, (inner, variable) => {
      const listing = listRows(context.module, inner, rows, [{ column: 0, descending: false, nullsFirst: false }]);
      const from = inner.name('from');
      inner.emit(`const ${from}: u32 = ${context.module.import('packed', 'packedEnd')}();`);
      const field = beginField(inner);
      const keys = new ListWriter(inner, type.key, listing.count);
      forRows(inner, listing, (row, entry, k) => keys.set(row, k, rows.read(row, 0, entry)));
      endField(inner, field);
      const counts = new ListWriter(inner, type.value, listing.count);
      forRows(inner, listing, (row, entry, k) => counts.set(row, k, countAt(rows, row, entry)));
      variable.set(inner, interned(call, `${context.module.import('packed', 'finishPacked')}(${from})`));
    });
  };
};

function countAt(rows: ReturnType<typeof distinctRows>, scope: RowScope, entry: string) {
  const type = { kind: 'ubigint' } as const;
  const times = rows.times === null ? '<u64>1' : `<u64>${rows.read(scope, rows.times, entry).parts[0]}`;
  return { type, machine: 'u64' as const, parts: [times], valid: 'true' };
}

/** The value that came most often, of several the first to come. */
const mode: Template = (context, call) => {
  const argument = onlyArgument(call);
  const rows = distinctRows(context, call.filter, [argument], 1, !call.distinct);
  return (scope) =>
    ofRows(scope, rows, call.type, (inner, variable) => {
      const listing = listRows(context.module, inner, rows, []);
      const [best, most] = [inner.name('best'), inner.name('most')];
      inner.emit(`let ${best}: usize = 0, ${most}: i64 = 0;`);
      forRows(inner, listing, (row, entry) => {
        const times = rows.times === null ? '1' : (rows.read(row, rows.times, entry).parts[0] as string);
        row.emit(`if (${times} > ${most}) { ${most} = ${times}; ${best} = ${entry}; }`);
      });
      variable.set(inner, rows.read(inner, 0, best));
    });
};

/** Of the distinct values' shares, in bits. */
const entropy: Template = (context, call) => {
  const rows = distinctRows(context, call.filter, [onlyArgument(call)], 1, !call.distinct);
  return (scope) => {
    const [total, sum] = [scope.name('total'), scope.name('entropy')];
    scope.emit(`let ${total}: f64 = 0, ${sum}: f64 = 0;`);
    scope.inner(`if (${blockOf(rows)} != 0)`, (inner) => {
      const listing = listRows(context.module, inner, rows, []);
      forRows(inner, listing, (row, entry) => row.emit(`${total} += <f64>${countAt(rows, row, entry).parts[0]};`));
      forRows(inner, listing, (row, entry) => {
        const times = row.name('times');
        row.emit(`const ${times} = <f64>${countAt(rows, row, entry).parts[0]};`);
        row.emit(`${sum} += ${times} / ${total} * Math.log2(${total} / ${times});`);
      });
    });
    return { parts: [sum], valid: 'true' };
  };
};

/** DISTINCT alone: the values' number. */
export function countDistinct(context: AggregateContext, call: AggregateCall): Finish {
  const rows = distinctRows(context, call.filter, [onlyArgument(call)], 1, false);
  return () => ({ parts: [`<i64>${countOf(context.module, rows)}`], valid: 'true' });
}

export const listTemplates: Readonly<Record<string, Template>> = {
  list,
  array_agg: list,
  string_agg: joinedTexts,
  group_concat: joinedTexts,
  listagg: joinedTexts,
  histogram,
  mode,
  entropy,
};
