import type { Value } from '../expression/contract.ts';
import { partTypes } from '../machine-type.ts';
import { PassedColumns } from '../passed-columns.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { dueOf, earlyMicros, type PartitionParts, poolOf, rowChanged, rowPutOut, stateOf } from './partition-parts.ts';

const batchRows = 8192;

/**
 * `emitK()`: what has changed in the partitions that got or lost rows. Of each first all that is taken back, then what stands
 * instead, so that results under the same key follow each other in the right order.
 */
export function generateChanges(parts: PartitionParts): { columns: PassedColumns; weight: string } {
  const { module, number, table, fields } = parts;
  const { columns, weight } = generatePut(parts);
  const s = stateOf(number);
  const early = earlyMicros(parts);
  const list = (name: string) => module.import('row-list', name);
  const rows = `partition + ${fields.rows}`;
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      ...(early === null ? [] : [`if (load<u32>(${s}, 44) == 0) return 0;`]),
      ...columns.clear(),
      'let o: u32 = 0;',
      'let p: usize = 0;',
      'let q: usize = 0;',
      'while (true) {',
      `  const at = load<u32>(${s}, 32);`,
      `  if (at == ${list('listCount')}(${dueOf(number)})) {`,
      `    ${list('clearList')}(${dueOf(number)});`,
      `    store<u32>(${s}, 0, 32);`,
      ...(early === null ? [] : [`    store<u32>(${s}, 0, 44);`, `    forget${number}();`]),
      '    break;',
      '  }',
      `  const partition = ${list('listAt')}(${dueOf(number)}, at);`,
      `  if (load<u32>(${s}, 36) == 0) {`,
      `    arrange${number}(partition);`,
      ...indent(parts.evaluator.reset(), 2),
      `    store<u32>(${s}, 1, 36);`,
      `    store<u32>(${s}, 0, 40);`,
      '  }',
      ...indent(takeBackGone(parts)),
      `  const rows = ${list('listStart')}(${rows});`,
      `  const end = ${list('listCount')}(${rows});`,
      `  let position = load<u32>(${s}, 40);`,
      `  if (load<u32>(${s}, 36) == 1) {`,
      ...indent(takeBackChanged(parts), 2),
      `    store<u32>(${s}, position, 40);`,
      '    if (position < end) break;',
      ...indent(parts.evaluator.releaseState(), 2),
      '    position = 0;',
      `    store<u32>(${s}, 2, 36);`,
      '  }',
      `  for (; position < end && o < ${batchRows}; position++) {`,
      '    const entry = <usize>load<u32>(rows + (<usize>position << 2));',
      `    if ((load<u32>(entry) & ${rowChanged}) == 0) continue;`,
      `    store<u32>(entry, ${rowPutOut});`,
      `    put${number}(entry, o, 1);`,
      '    o++;',
      '  }',
      `  store<u32>(${s}, position, 40);`,
      '  if (position < end) break;',
      `  store<u32>(partition, 0, ${fields.due});`,
      `  store<u32>(${s}, 0, 36);`,
      `  store<u32>(${s}, at + 1, 32);`,
      `  if (end == 0) {`,
      `    ${list('releaseList')}(${rows});`,
      `    ${table.remove()}`,
      '  }',
      '}',
      'return o;',
    ]),
  );
  return { columns, weight };
}

/** `putK(row, o, weight)`: a kept row with the results that it has, as an output row. */
function generatePut({ module, number, node, row, needed, results, resultColumns }: PartitionParts): {
  columns: PassedColumns;
  weight: string;
} {
  const columns = new PassedColumns(module, `over${number}_`, true);
  const scope = new RowScope(module, node.id, row.columnBindings('row', node.input.schema.length), 'row');
  for (const line of columns.pass(scope, node.input.schema, needed)) scope.emit(line);
  resultColumns.forEach((_, k) => {
    for (const line of columns.add(results.read(scope, k, 'row'))) scope.emit(line);
  });
  const weight = columns.weight as string;
  scope.emit(`store<i32>(${weight} + (<usize>o << 2), weight);`);
  module.add(generatedFunction(`function put${number}(row: usize, o: u32, weight: i32): void`, scope.lines));
  return { columns, weight };
}

/** Rows that have left the partition. */
function takeBackGone({ module, number, fields }: PartitionParts): string[] {
  return [
    `let gone = <usize>load<u32>(partition, ${fields.gone});`,
    `while (gone != 0 && o < ${batchRows}) {`,
    `  put${number}(gone, o, -1);`,
    '  o++;',
    '  const next = <usize>load<u32>(gone, 4);',
    `  ${module.import('record-pool', 'giveRecord')}(${poolOf(number)}, gone);`,
    '  gone = next;',
    '}',
    `store<u32>(partition, <u32>gone, ${fields.gone});`,
    'if (gone != 0) break;',
  ];
}

/** Evaluates row by row; where the results are others than before, those are taken back. */
function takeBackChanged(parts: PartitionParts): string[] {
  const { module, number, node, row, results, evaluator } = parts;
  const scope = new RowScope(module, node.id, row.bindings('entry'), 'row');
  const values = evaluator.evaluate(scope);
  const before = new RowScope(module, node.id, row.bindings('entry'), 'row');
  const changed = values.map((value, k) => differs(results.read(before, k, 'entry'), value));
  return [
    `for (; position < end && o < ${batchRows}; position++) {`,
    '  const entry = <usize>load<u32>(rows + (<usize>position << 2));',
    ...indent(scope.lines),
    `  if (load<u32>(entry) & ${rowPutOut}) {`,
    ...indent(before.lines, 2),
    `    if (!(${changed.join(' || ')})) continue;`,
    `    put${number}(entry, o, -1);`,
    '    o++;',
    '  }',
    `  store<u32>(entry, ${rowChanged});`,
    ...indent(results.write(values, 'entry')),
    '}',
  ];
}

function differs(old: Value, value: Value): string {
  const types = partTypes(value.machine);
  const parts = value.parts.map((part, k) => {
    if (types[k] === 'f64') return `reinterpret<u64>(${old.parts[k]}) != reinterpret<u64>(${part})`;
    if (types[k] === 'f32') return `reinterpret<u32>(${old.parts[k]}) != reinterpret<u32>(${part})`;
    return `${old.parts[k]} != ${part}`;
  });
  const other = `(${parts.join(' || ')})`;
  if (old.valid === 'true') return other;
  return `(${old.valid} != ${value.valid} || (${old.valid} && ${other}))`;
}
