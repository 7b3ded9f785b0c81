import { PassedColumns } from '../passed-columns.ts';
import { RowScope } from '../row-scope.ts';
import { generatedFunction, indent } from '../text.ts';
import { dueOf, type PartitionParts, stateOf } from './partition-parts.ts';
import { forget } from './partition-rows.ts';

const batchRows = 8192;

/** `emitK()`: the rows of closed partitions, one partition after the other, each in its order. */
export function generateFinal(parts: PartitionParts): PassedColumns {
  const { module, number, node, row, needed, evaluator, fields } = parts;
  const columns = new PassedColumns(module, `over${number}_`, false);
  const scope = new RowScope(module, node.id, row.bindings('entry'), 'row');
  const results = evaluator.evaluate(scope);
  const width = node.input.schema.length;
  const passed = new RowScope(module, node.id, row.columnBindings('entry', width), 'row');
  for (const line of columns.pass(passed, node.input.schema, needed)) passed.emit(line);
  scope.lines.push(...passed.lines);
  for (const result of results) for (const line of columns.add(result)) scope.emit(line);
  const s = stateOf(number);
  const list = (name: string) => module.import('row-list', name);
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      ...columns.clear(),
      'let o: u32 = 0;',
      'let p: usize = 0;',
      'let q: usize = 0;',
      `while (o < ${batchRows}) {`,
      `  const at = load<u32>(${s}, 32);`,
      `  if (at == ${list('listCount')}(${dueOf(number)})) {`,
      `    ${list('clearList')}(${dueOf(number)});`,
      `    store<u32>(${s}, 0, 32);`,
      '    break;',
      '  }',
      `  const partition = ${list('listAt')}(${dueOf(number)}, at);`,
      `  if (load<u32>(${s}, 36) == 0) {`,
      `    arrange${number}(partition);`,
      ...indent(evaluator.reset(), 2),
      `    store<u32>(${s}, 1, 36);`,
      `    store<u32>(${s}, 0, 40);`,
      '  }',
      `  const rows = ${list('listStart')}(partition + ${fields.rows});`,
      `  const end = ${list('listCount')}(partition + ${fields.rows});`,
      `  let position = load<u32>(${s}, 40);`,
      `  for (; position < end && o < ${batchRows}; position++) {`,
      '    const entry = <usize>load<u32>(rows + (<usize>position << 2));',
      ...indent(scope.lines, 2),
      '    o++;',
      '  }',
      `  store<u32>(${s}, position, 40);`,
      '  if (position < end) break;',
      ...indent(evaluator.releaseState()),
      ...indent(forget(parts)),
      `  store<u32>(${s}, 0, 36);`,
      `  store<u32>(${s}, at + 1, 32);`,
      '}',
      'return o;',
    ]),
  );
  return columns;
}
