import type { ColumnSpec } from '../../connectors/data-type.ts';
import { WrittenColumns } from './column-memory.ts';
import type { Flow } from './flow.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { RowScope, resolveBinding } from './row-scope.ts';
import { generatedFunction, indent } from './text.ts';

interface Place {
  readonly data: string;
  readonly validity: string | null;
}

/** Ends the plan's last flow: its function writes the query's columns and returns how many rows it wrote. */
export function generateOutput(flow: Flow, node: number, schema: readonly ColumnSpec[]): void {
  const { module } = flow;
  const plain = flow.fromInput ? null : plainColumns(flow);
  if (plain !== null) {
    flow.finish(['return rows;'], 'u32');
    generateAddresses(module, plain, flow.weight);
    return;
  }
  const columns = new WrittenColumns(module, 'output');
  const scope = new RowScope(module, node, flow.bindings, 'row');
  const stores = schema.flatMap((_, k) => columns.add(scope.column(k)));
  const weight = flow.weight === null ? null : columns.weight();
  if (weight !== null) stores.push(`store<i32>(${weight} + (<usize>o << 2), load<i32>(${flow.weight} + (row << 2)));`);
  const row = ['const row = <usize>load<u16>(r);', ...scope.lines, ...stores, 'o++;'];
  const loop = ['for (let r = from; r < to; r += 2) {', ...indent(row), '}'];
  flow.finish([...columns.clear(), 'let o: u32 = 0;', ...loop, 'return o;'], 'u32');
  generateAddresses(module, columns.accesses, weight);
}

/** A stage's own columns, when the output only names them: then nothing is copied. */
function plainColumns(flow: Flow): readonly Place[] | null {
  if (flow.filtered) return null;
  const resolved = flow.bindings.map(resolveBinding);
  const accesses = resolved.flatMap((binding) => (binding.kind === 'memory' && binding.access.kind === 'fixed' ? [binding.access] : []));
  return accesses.length === resolved.length ? accesses : null;
}

function generateAddresses(module: ModuleBuilder, columns: readonly Place[], weight: string | null): void {
  const cases = columns.flatMap(({ data, validity }, k) => [
    `if (k == ${k * 2}) return ${data};`,
    ...(validity === null ? [] : [`if (k == ${k * 2 + 1}) return ${validity};`]),
  ]);
  module.add(generatedFunction('export function outputAddress(k: i32): usize', [...cases, 'return 0;']));
  module.add(generatedFunction('export function outputWeights(): usize', [`return ${weight ?? '0'};`]));
}
