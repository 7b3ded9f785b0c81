import type { Expression } from '../../plan/expression.ts';
import { expressionKey } from '../aggregates/accumulator.ts';
import type { SharedAccumulator } from '../aggregate-stage.ts';
import type { Value } from '../expression/contract.ts';
import { truth } from '../generate-selection.ts';
import { GroupKeys } from '../group-keys.ts';
import { GroupLayout } from '../group-layout.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { type ChangingGroups, header } from './changing-groups.ts';
import { forEachSlot, generateGroupFunctions, keyArguments, type SlotTable } from './group-functions.ts';

/** Slot: hash and state of the table; count i64; next and previous row of the group u32. */
const headerBytes = 24;

/**
 * What aggregates read of a group's rows, counted: equal rows are one. For aggregates that cannot take a row back: when a group has
 * changed they are made again from these. A table of its own, keyed by the group and the values.
 */
export class KeptGroupRows {
  readonly slots: SlotTable;
  readonly #groups: ChangingGroups;
  readonly #columns: readonly { key: string; expression: Expression; filter: boolean }[];

  constructor(groups: ChangingGroups) {
    this.#groups = groups;
    const columns = new Map<string, { key: string; expression: Expression; filter: boolean }>();
    for (const { filter, accumulator } of groups.replayed) {
      if (filter !== null) columns.set(filterKey(filter), { key: filterKey(filter), expression: filter, filter: true });
      for (const argument of accumulator.args) {
        const key = expressionKey(argument);
        columns.set(key, { key, expression: argument, filter: false });
      }
    }
    this.#columns = [...columns.values()];
    const described = this.#columns.map(({ expression, filter }) => {
      const value = groups.describe(expression);
      return { value: filter ? { ...value, valid: 'true' } : value, span: expression.span };
    });
    const keys = new GroupKeys([{ value: groupValue, span: undefined }, ...described]);
    const layout = new GroupLayout(keys, []);
    const { module, number } = groups;
    const table = `kept${number}`;
    this.slots = { module, name: `Kept${number}`, table, layout, headerBytes, slotBytes: headerBytes + layout.bytes };
  }

  /** Statements for a row of group `p` that is added or taken back, `weight` times. */
  keep(scope: RowScope): void {
    const { layout, name, module } = this.slots;
    const values = this.#columns.map(({ expression, filter }): Value => {
      const value = scope.compile(expression);
      return filter ? { ...value, parts: [truth(value)], valid: 'true' } : value;
    });
    const { words, mark } = layout.keys.pack(scope, module, [groupValue, ...values]);
    const args = keyArguments(layout, words, mark);
    const q = scope.name('q');
    scope.lines.push(
      `let ${q} = find${name}(${args});`,
      `if (${q} == 0) {`,
      `  ${q} = insert${name}(${args});`,
      `  const next = load<u32>(p - ${header.kept});`,
      `  store<u32>(${q} - 8, next);`,
      `  if (next != 0) store<u32>(<usize>next - 4, <u32>${q});`,
      `  store<u32>(p - ${header.kept}, <u32>${q});`,
      '}',
      `const count_${q} = load<i64>(${q} - 16) + <i64>weight;`,
      `if (count_${q} == 0) drop${name}(p, ${q});`,
      `else store<i64>(${q} - 16, count_${q});`,
    );
  }

  /** `replayK(p)`: the accumulators from the group's rows. `dropKept..`, `dropAllKept..`: rows go. */
  generate(): void {
    const { module, name, table } = this.slots;
    const { number, node, replayed } = this.#groups;
    generateGroupFunctions(this.slots, []);
    const remove = module.import('group-table', 'removeGroup');
    module.add(
      generatedFunction(`function drop${name}(p: usize, q: usize): void`, [
        'const next = load<u32>(q - 8);',
        'const previous = load<u32>(q - 4);',
        `if (previous == 0) store<u32>(p - ${header.kept}, next);`,
        'else store<u32>(<usize>previous - 8, next);',
        'if (next != 0) store<u32>(<usize>next - 4, previous);',
        `${remove}(${table}, q - ${headerBytes}, 0);`,
      ]),
    );
    module.add(
      generatedFunction(`function dropAll${name}(p: usize): void`, [
        `while (load<u32>(p - ${header.kept}) != 0) drop${name}(p, <usize>load<u32>(p - ${header.kept}));`,
      ]),
    );
    const scope = new RowScope(module, node.id, [], 'row');
    const rows = new RowScope(module, node.id, [], 'row', scope);
    const mark = this.slots.layout.mark('q');
    for (const { filter, accumulator } of replayed) {
      const args = accumulator.args.map((argument) => this.#read(expressionKey(argument), mark));
      const lines = () => accumulator.update(args, rows, '<i64>0');
      if (filter === null) for (const line of lines()) rows.emit(line);
      else {
        rows.inner(`if (${this.#read(filterKey(filter), mark).parts[0]})`, (inner) => {
          for (const line of accumulator.update(args, inner, '<i64>0')) inner.emit(line);
        });
      }
    }
    module.add(
      generatedFunction(`function replay${number}(p: usize): void`, [
        ...replayed.flatMap(({ accumulator }) => reset(accumulator)),
        `for (let q = <usize>load<u32>(p - ${header.kept}); q != 0; q = <usize>load<u32>(q - 8)) {`,
        '  for (let n = load<i64>(q - 16); n > 0; n--) {',
        ...indent(rows.lines, 2),
        '  }',
        '}',
      ]),
    );
  }

  /** Statements that mark the strings of all kept rows. */
  marks(): string[] {
    const { layout, module } = this.slots;
    const mark = module.import('string-table', 'markString');
    const marks = layout.keys.strings().map((offset) => `${mark}(load<u32>(p, ${offset}));`);
    return marks.length === 0 ? [] : forEachSlot(this.slots, marks);
  }

  #read(key: string, mark: string): Value {
    const k = this.#columns.findIndex((column) => column.key === key);
    return this.slots.layout.keys.unpack(k + 1, mark, 'q');
  }
}

const groupValue: Value = { type: { kind: 'uinteger' }, machine: 'u32', parts: ['<u32>p'], valid: 'true' };

function filterKey(filter: Expression): string {
  return `where ${expressionKey(filter)}`;
}

/** Statements that make an accumulator one of a new group. */
function reset(accumulator: SharedAccumulator['accumulator']): string[] {
  const zeros = accumulator.fields.map((bytes, k) => `store<u${bytes * 8}>(p, 0, ${accumulator.offsets[k]});`);
  return [...(accumulator.release?.() ?? []), ...zeros, ...(accumulator.initialise?.() ?? [])];
}
