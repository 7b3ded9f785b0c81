import type { Expression } from '../../plan/expression.ts';
import type { Value } from '../expression/contract.ts';
import { type RowColumn, RowLayout } from '../row-layout.ts';
import type { RowScope } from '../row-scope.ts';
import { type Accumulator, type AggregateContext, expressionKey } from './accumulator.ts';
import type { RowSet } from './row-set.ts';

/** The column that says in which order rows came, where slices or sessions are merged. */
export const arrivalColumn: RowColumn = { type: { kind: 'bigint' }, machine: 'i64', valid: 'true' };

/** All rows of `args`, but those where one of the first `required` is NULL, in order of arrival. */
export function keptRows(context: AggregateContext, filter: Expression | null, args: readonly Expression[], required: number): RowSet {
  const { module } = context;
  const columns = args.map((argument, k): RowColumn => {
    const { type, machine, valid } = context.describe(argument);
    return { type, machine, valid: k < required ? 'true' : valid };
  });
  const arrival = context.merged ? columns.length : null;
  const layout = new RowLayout(arrival === null ? columns : [...columns, arrivalColumn]);
  const append = module.import('kept-entries', 'appendEntry');
  const accumulator = context.share(filter, `rows ${required} ${args.map(expressionKey).join(' ')}`, () => ({
    args,
    fields: [4],
    update(this: Accumulator, values, scope: RowScope, sequence) {
      const entry = scope.name('entry');
      const conditions = values.slice(0, required).flatMap(({ valid }) => (valid === 'true' ? [] : [valid]));
      const row: Value[] = arrival === null ? [...values] : [...values, { ...arrivalColumn, parts: [sequence] }];
      const lines = [`const ${entry} = ${append}(p + ${this.offsets[0]}, ${layout.bytes});`, ...layout.write(row, entry)];
      return [conditions.length === 0 ? '{' : `if (${conditions.join(' && ')}) {`, ...lines.map((line) => `  ${line}`), '}'];
    },
    merge(this: Accumulator) {
      const [at] = this.offsets;
      return [`${module.import('kept-entries', 'appendEntries')}(p + ${at}, load<u32>(q, ${at}), ${layout.bytes});`];
    },
    ...ownership(context, layout.bytes, (entry) => layout.mark(module, entry)),
  }));
  return {
    accumulator,
    columns: arrival === null ? columns : [...columns, arrivalColumn],
    entryBytes: layout.bytes,
    arrival,
    read: (scope, k, entry) => layout.read(scope, k, entry),
  };
}

/** What state in a block of entries needs beside update and merge. */
export function ownership(
  context: AggregateContext,
  entryBytes: number,
  markEntry: (entry: string) => readonly string[],
): Pick<Accumulator, 'mark' | 'clone' | 'release'> {
  const { module } = context;
  const field = (accumulator: Accumulator) => `p + ${accumulator.offsets[0]}`;
  const lines = markEntry('entry');
  const count = module.import('kept-entries', 'entryCount');
  const first = module.import('kept-entries', 'firstEntry');
  return {
    ...(lines.length === 0
      ? {}
      : {
          mark(this: Accumulator) {
            return [
              `for (let block = load<u32>(${field(this)}), k: u32 = 0; k < ${count}(block); k++) {`,
              `  const entry = ${first}(block) + <usize>k * ${entryBytes};`,
              ...lines.map((line) => `  ${line}`),
              '}',
            ];
          },
        }),
    clone(this: Accumulator) {
      return [`${module.import('kept-entries', 'cloneEntries')}(${field(this)});`];
    },
    release(this: Accumulator) {
      return [`${module.import('kept-entries', 'releaseEntries')}(${field(this)});`];
    },
  };
}
