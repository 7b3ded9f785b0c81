import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { oneForm } from '../expression/one-form.ts';
import { bind } from '../expression/value.ts';
import { type RowColumn, RowLayout } from '../row-layout.ts';
import type { RowScope } from '../row-scope.ts';
import { type Accumulator, type AggregateContext, expressionKey } from './accumulator.ts';
import { arrivalColumn, ownership } from './kept-rows.ts';
import { freshScope, type RowSet } from './row-set.ts';

export interface DistinctRows extends RowSet {
  /** Column that counts how often a row came (i64), or null. */
  readonly times: number | null;
}

/** What is kept of each value instead of itself: values with the same are one. */
export interface KeptForm {
  readonly name: string;
  readonly column: Omit<RowColumn, 'valid'>;
  /** Of a value that is not NULL. */
  of(scope: RowScope, value: Value): Value;
}

const countColumn: RowColumn = { type: { kind: 'bigint' }, machine: 'i64', valid: 'true' };

/**
 * The distinct rows of `args`, but those where one of the first `required` is NULL, in order of arrival; with `counted`, how often
 * each came. Zeros, NaNs and intervals that SQL calls equal are kept in one form.
 */
export function distinctRows(
  context: AggregateContext,
  filter: Expression | null,
  args: readonly Expression[],
  required: number,
  counted: boolean,
  form: KeptForm | null = null,
): DistinctRows {
  const { module } = context;
  const columns = args.map((argument, k): RowColumn => {
    const { type, machine, valid } = context.describe(argument);
    return { type, machine, ...form?.column, valid: k < required ? 'true' : valid };
  });
  const layout = new RowLayout(columns);
  const times = counted ? layout.bytes : null;
  const arrival = context.merged ? layout.bytes + (counted ? 8 : 0) : null;
  const entryBytes = layout.bytes + (counted ? 8 : 0) + (context.merged ? 8 : 0);
  const add = module.import('kept-entries', 'addEntry');
  const added = module.import('kept-entries', 'entryAdded');
  const accumulator = context.share(
    filter,
    `distinct ${form?.name ?? ''} ${required} ${counted} ${args.map(expressionKey).join(' ')}`,
    () => {
      const candidate = module.memory(entryBytes);
      return {
        args,
        fields: [4],
        update(this: Accumulator, values, scope: RowScope, sequence) {
          const conditions = values.slice(0, required).flatMap(({ valid }) => (valid === 'true' ? [] : [valid]));
          const inner = freshScope(scope);
          const row = values.map((value, k) => form?.of(inner, value) ?? oneForm(inner, value, k < required));
          const entry = scope.name('entry');
          const lines = [
            ...inner.lines,
            ...layout.write(row, candidate),
            ...(times === null ? [] : [`store<i64>(${candidate}, 1, ${times});`]),
            ...(arrival === null ? [] : [`store<i64>(${candidate}, ${sequence}, ${arrival});`]),
            `const ${entry} = ${add}(p + ${this.offsets[0]}, ${candidate}, ${layout.bytes}, ${entryBytes});`,
            ...(times === null ? [] : [`if (!${added}) store<i64>(${entry}, load<i64>(${entry}, ${times}) + 1, ${times});`]),
          ];
          return [conditions.length === 0 ? '{' : `if (${conditions.join(' && ')}) {`, ...lines.map((line) => `  ${line}`), '}'];
        },
        merge(this: Accumulator) {
          const [at] = this.offsets;
          const other = `load<u32>(q, ${at})`;
          return [
            `for (let k: u32 = 0; k < ${module.import('kept-entries', 'entryCount')}(${other}); k++) {`,
            `  const from = ${module.import('kept-entries', 'firstEntry')}(${other}) + <usize>k * ${entryBytes};`,
            `  const entry = ${add}(p + ${at}, from, ${layout.bytes}, ${entryBytes});`,
            ...(times === null
              ? []
              : [`  if (!${added}) store<i64>(entry, load<i64>(entry, ${times}) + load<i64>(from, ${times}), ${times});`]),
            ...(arrival === null
              ? []
              : [`  store<i64>(entry, min<i64>(load<i64>(entry, ${arrival}), load<i64>(from, ${arrival})), ${arrival});`]),
            '}',
          ];
        },
        ...ownership(context, entryBytes, (entry) => layout.mark(module, entry)),
      };
    },
  );
  const extra = [...(counted ? [countColumn] : []), ...(context.merged ? [arrivalColumn] : [])];
  return {
    accumulator,
    columns: [...columns, ...extra],
    entryBytes,
    times: counted ? columns.length : null,
    arrival: context.merged ? columns.length + (counted ? 1 : 0) : null,
    read(scope, k, entry) {
      if (k < columns.length) return layout.read(scope, k, entry);
      return { ...countColumn, parts: [bind(scope, `load<i64>(${entry}, ${layout.bytes + (k - columns.length) * 8})`, 'i64', 'kept')] };
    },
  };
}
