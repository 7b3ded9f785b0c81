import { WrittenColumns } from '../column-memory.ts';
import type { Value } from '../expression/contract.ts';
import { partTypes, zeroOf } from '../machine-type.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { changedFlag, type ChangingGroups, field, header, headerBytes, shownFlag } from './changing-groups.ts';
import type { KeptGroupRows } from './kept-group-rows.ts';

const rowsMax = 8192;
/** Of a group without rows: everything else is NULL. */
const zeroWhenEmpty: ReadonlySet<string> = new Set(['count', 'count_star', 'approx_count_distinct', 'regr_count']);

export interface ChangingColumns {
  readonly columns: WrittenColumns;
  readonly weight: string | null;
}

/** `putK(p, o)`: how a group's result has changed, as rows from `o` on; `emitK()`: changed groups, then those that are over. */
export function generateChanges(groups: ChangingGroups, kept: KeptGroupRows | null): ChangingColumns {
  const { module, number, layout } = groups;
  const columns = new WrittenColumns(module, `changed${number}_`);
  const keys = groups.keyExpressions.map((_, k) => layout.keys.unpack(k, 'mark'));
  for (const key of keys) columns.declare(key.type, key.machine, key.valid !== 'true');
  for (const { type, machine, valid } of groups.results) columns.declare(type, machine, valid !== 'true');
  const weight = groups.changes ? columns.weight() : null;
  module.add(generatedFunction(`function put${number}(p: usize, o: u32): u32`, putLines(groups, kept, columns, keys, weight)));
  module.add(generatedFunction(`function emit${number}(): u32`, emitLines(groups, columns)));
  module.add(generatedFunction(`function drop${number}(p: usize): void`, dropLines(groups, kept)));
  return { columns, weight };
}

function putLines(
  groups: ChangingGroups,
  kept: KeptGroupRows | null,
  columns: WrittenColumns,
  keys: readonly Value[],
  weight: string | null,
): string[] {
  const { module, node, number, layout } = groups;
  const scope = new RowScope(module, node.id, [], 'row');
  if (layout.keys.nullable) scope.emit(`const mark = ${layout.mark('p')};`);
  const counted = `load<i64>(p - ${header.rows}) > 0`;
  const filled = groups.countsRows ? counted : 'true';
  const exists = groups.single ? 'true' : filled;
  if (kept !== null) scope.emit(`if (${filled}) replay${number}(p);`);
  const results = resultLocals(groups, scope, filled);
  const write = (values: readonly Value[], added: string) => [
    ...[...keys, ...values].flatMap((value, k) => columns.write(k, value)),
    ...(weight === null ? [] : [`store<i32>(${weight} + (<usize>o << 2), ${added});`]),
    'o++;',
  ];
  if (groups.changes) {
    const flags = `load<u32>(p - ${header.flags})`;
    scope.inner(`if ((${flags} & ${shownFlag}) != 0)`, (inner) => {
      const before = groups.results.map((_, k) => groups.shown.read(inner, k, groups.shownAt));
      const same = before.map((value, k) => sameValue(value, results[k] as Value));
      inner.emit(`if (${[exists, ...same].filter((part) => part !== 'true').join(' && ') || 'true'}) return o;`);
      for (const line of write(before, '-1')) inner.emit(line);
      inner.emit(`store<u32>(p - ${header.flags}, ${flags} & ~${shownFlag});`);
    });
  }
  scope.inner(exists === 'true' ? '' : `if (${exists})`, (inner) => {
    for (const line of write(results, '1')) inner.emit(line);
    if (!groups.changes) return;
    for (const line of groups.shown.write(results, groups.shownAt)) inner.emit(line);
    inner.emit(`store<u32>(p - ${header.flags}, load<u32>(p - ${header.flags}) | ${shownFlag});`);
  });
  return [...scope.lines, 'return o;'];
}

/** The group's results as locals: of one without rows, what SQL says of no rows. */
function resultLocals(groups: ChangingGroups, scope: RowScope, filled: string): Value[] {
  const results = groups.results.map(({ type, machine, valid }, k): Value => {
    const empty = zeroWhenEmpty.has(groups.node.aggregates[k]?.name ?? '');
    const parts = partTypes(machine).map((part) => {
      const local = scope.name('result');
      scope.emit(`let ${local}: ${part} = ${zeroOf(part)};`);
      return local;
    });
    if (valid === 'true') return { type, machine, parts, valid };
    const present = scope.name('present');
    scope.emit(`let ${present}: bool = ${empty};`);
    return { type, machine, parts, valid: present };
  });
  scope.inner(filled === 'true' ? '' : `if (${filled})`, (inner) => {
    groups.aggregates.forEach((aggregate, k) => {
      const value = aggregate.finish(inner);
      const result = results[k] as Value;
      for (const [j, part] of value.parts.entries()) inner.emit(`${result.parts[j]} = ${part};`);
      if (result.valid !== 'true') inner.emit(`${result.valid} = ${value.valid};`);
    });
  });
  return results;
}

function sameValue(a: Value, b: Value): string {
  const parts = partTypes(a.machine).map((part, j) => {
    const [x, y] = [a.parts[j], b.parts[j]];
    if (part === 'f64') return `reinterpret<u64>(${x}) == reinterpret<u64>(${y})`;
    return part === 'f32' ? `reinterpret<u32>(${x}) == reinterpret<u32>(${y})` : `${x} == ${y}`;
  });
  const equal = parts.join(' && ');
  if (a.valid === 'true') return equal === '' ? 'true' : equal;
  return `(${a.valid} == ${b.valid} && (!${a.valid} || (${equal})))`;
}

function emitLines(groups: ChangingGroups, columns: WrittenColumns): string[] {
  const { schedule, expiry, module, number, state, changedList } = groups;
  const unlink = module.import('changed-list', 'unlinkChanged');
  const room = `o < ${rowsMax - 1}`;
  const settle = [`${unlink}(${changedList}, p);`, `store<u32>(p - ${header.flags}, load<u32>(p - ${header.flags}) & ~${changedFlag});`];
  const changed = [
    `while (${room}) {`,
    `  const p = <usize>load<u32>(${changedList});`,
    '  if (p == 0) break;',
    ...indent([...settle, `o = put${number}(p, o);`]),
    '}',
  ];
  const lines = [...columns.clear(), 'let o: u32 = 0;'];
  if (schedule.kind === 'early') {
    const emitting = `load<u32>(${state}, ${field.emitting})`;
    lines.push(`if (${emitting} != 0) {`, ...indent([...changed, `if (${room}) store<u32>(${state}, 0, ${field.emitting});`]), '}');
  } else if (schedule.kind !== 'final') lines.push(...changed);
  if (expiry.kind !== 'never') lines.push(...overLines(groups, settle, room));
  return [...lines, 'return o;'];
}

/** Groups that are over: what has not been said of them yet, then they go. */
function overLines(groups: ChangingGroups, settle: readonly string[], room: string): string[] {
  const { schedule, expiry, module, number, state, wheel } = groups;
  const wheels = (name: string) => module.import('timer-wheel', name);
  const ttl =
    expiry.kind === 'ttl'
      ? [
          // Rows from before the first watermark; at the end of time there is no later.
          `if (load<i64>(p - ${header.due}) < i64.MIN_VALUE / 2 && watermark != i64.MAX_VALUE) {`,
          `  store<i64>(p - ${header.due}, watermark + ${expiry.micros});`,
          `  ${wheels('armTimer')}(${wheel}, record);`,
          '  continue;',
          '}',
        ]
      : [];
  const last =
    schedule.kind === 'final'
      ? [`o = put${number}(p, o);`]
      : [`if ((load<u32>(p - ${header.flags}) & ${changedFlag}) != 0) {`, ...indent([...settle, `o = put${number}(p, o);`]), '}'];
  return [
    `const watermark = load<i64>(${state});`,
    `while (watermark != i64.MIN_VALUE && ${room}) {`,
    `  const record = ${wheels('nextTimer')}(${wheel}, watermark);`,
    '  if (record == 0) break;',
    `  const p = record + ${header.timer};`,
    ...indent([...ttl, ...last, `drop${number}(p);`]),
    '}',
  ];
}

function dropLines(groups: ChangingGroups, kept: KeptGroupRows | null): string[] {
  const remove = groups.module.import('group-table', 'removeGroup');
  return [
    ...(kept === null ? [] : [`dropAll${kept.slots.name}(p);`]),
    ...groups.accumulators.flatMap(({ accumulator }) => accumulator.release?.() ?? []),
    `${remove}(${groups.table}, p - ${headerBytes}, 0);`,
  ];
}
